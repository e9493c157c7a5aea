import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startGraphServer, type GraphServer } from '../../../test/doubles/graph/server.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { must } from '../../shared/must.ts'
import { fileOf, mediaOf } from '../contract/samples.ts'
import type { Address, Connection, ConnectionState, OutboundContent } from '../provider.ts'
import { cloudProvider } from './provider.ts'

const NUMBER = '106540352242922'
const ACCOUNT = '215589313241560883'
const TOKEN = 'a-token'
const PHONE: Address = { kind: 'phone', value: '5511987654321' }
const UNTIL = { timeout: 10_000, interval: 5 }

const named = (name: string, components: object[], more: object = {}) => ({
  ...{ name, language: 'en', status: 'APPROVED', category: 'UTILITY', components },
  ...more,
})
const BODY = { type: 'BODY', text: 'Hi {{1}}' }
const TEMPLATES = [
  named('shipped', [
    { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::aW'] } },
    BODY,
    { type: 'FOOTER', text: 'Fio' },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'URL', text: 'Track', url: 'https://example.com/{{1}}', example: ['https://example.com/1'] },
        { type: 'PHONE_NUMBER', text: 'Call', phone_number: '+15550051310' },
        { type: 'QUICK_REPLY', text: 'Thanks' },
      ],
    },
  ]),
  named('invoice', [{ type: 'HEADER', format: 'DOCUMENT' }, BODY]),
  named('film', [{ type: 'HEADER', format: 'VIDEO' }, BODY]),
  named('place', [{ type: 'HEADER', format: 'LOCATION' }, BODY]),
  named(
    'sale',
    [
      { type: 'HEADER', format: 'TEXT', text: 'For {{first_name}}' },
      { type: 'BODY', text: 'Take {{discount}} off' },
      { type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', text: 'Copy offer code', example: ['25OFF'] }] },
    ],
    { parameter_format: 'NAMED', category: 'MARKETING' },
  ),
  named(
    'login',
    [
      { type: 'BODY', text: '*{{1}}* is your verification code.' },
      {
        type: 'BUTTONS',
        buttons: [
          {
            type: 'URL',
            text: 'Copy code',
            url: 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}',
          },
        ],
      },
    ],
    { category: 'AUTHENTICATION' },
  ),
  named('form', [BODY, { type: 'BUTTONS', buttons: [{ type: 'FLOW', text: 'Book', flow_id: 1 }] }]),
  named('plain', [{ type: 'HEADER', format: 'TEXT', text: 'News' }, BODY]),
  named('cards', [BODY, { type: 'CAROUSEL', cards: [] }]),
  named('shop', [BODY, { type: 'BUTTONS', buttons: [{ type: 'CATALOG', text: 'See all' }] }]),
  named('gif', [{ type: 'HEADER', format: 'GIF' }, BODY]),
]

type Given = Partial<OutboundContent & { kind: 'template' }> & { readonly name: string }

describe('the parts of a template', () => {
  let graph: GraphServer
  let connection: Connection
  let states: ConnectionState[]
  beforeEach(async () => {
    graph = await startGraphServer()
    graph.addNumber(NUMBER, TOKEN)
    graph.addAccount(ACCOUNT, TOKEN, TEMPLATES)
    states = []
    connection = await cloudProvider({ graphUrl: graph.url, clock: systemClock, log: silentLog }).connect({
      companyId: 'c',
      sessionId: 's',
      credentials: { accessToken: TOKEN },
      settings: { phoneNumberId: NUMBER, businessAccountId: ACCOUNT },
      handlers: { onItems: async () => {}, onState: state => void states.push(state) },
    })
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), UNTIL)
  })
  afterEach(async () => {
    await connection.close()
    await graph.close()
  })
  const send = (given: Given) =>
    connection.send({
      ...{ ref: 'r', messageId: 'm', to: [PHONE] },
      ...{ kind: 'template', language: 'en', parameters: ['Ana'], body: 'Hi Ana', ...given },
    })
  const sent = async (given: Given) => {
    expect(await send(given)).toMatchObject({ outcome: 'sent' })
    const { body } = must(graph.sent.at(-1), 'what was sent')
    return (body['template'] as { components: unknown }).components
  }
  const HI = { type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }
  const uploaded = () => must([...graph.media.keys()].at(-1), 'an uploaded file')

  test('are told as they are, and what cannot be filled by its name', async () => {
    const found = await must(connection.templates, 'templates')()
    const of = (name: string) => found.find(one => one.name === name)
    expect(of('shipped')).toMatchObject({
      header: { type: 'image' },
      footer: 'Fio',
      buttons: [
        { type: 'url', text: 'Track', value: 'https://example.com/{{1}}' },
        { type: 'phone', text: 'Call', value: '+15550051310' },
        { type: 'quick-reply', text: 'Thanks' },
      ],
    })
    expect(of('login')?.buttons).toEqual([{ type: 'otp', text: 'Copy code' }])
    expect(of('place')?.header).toEqual({ type: 'location' })
    expect(found.map(({ name, unsupported }) => [name, unsupported]).filter(([, parts]) => parts)).toEqual([
      ['cards', ['CAROUSEL']],
      ['shop', ['BUTTON CATALOG']],
      ['gif', ['HEADER GIF']],
    ])
  })

  test('a picture above, the end of an address and the payload of a reply', async () => {
    const components = await sent({
      name: 'shipped',
      header: { type: 'image', media: mediaOf('image') },
      buttons: [
        { type: 'url', text: 'Track', value: 'https://example.com/4711', parameter: '4711' },
        { type: 'phone', text: 'Call', value: '+15550051310' },
        { type: 'quick-reply', text: 'Thanks', parameter: 'thanks-4711' },
      ],
    })
    expect(components).toEqual([
      { type: 'header', parameters: [{ type: 'image', image: { id: uploaded() } }] },
      HI,
      { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '4711' }] },
      {
        type: 'button',
        sub_type: 'quick_reply',
        index: '2',
        parameters: [{ type: 'payload', payload: 'thanks-4711' }],
      },
    ])
    expect(Buffer.compare(must(graph.media.get(uploaded()), 'it').bytes, fileOf('image'))).toBe(0)
  })

  test('a document goes with its name, a film without', async () => {
    expect(await sent({ name: 'invoice', header: { type: 'document', media: mediaOf('document') } })).toEqual(
      [
        {
          type: 'header',
          parameters: [{ type: 'document', document: { id: uploaded(), filename: 'nota fiscal.pdf' } }],
        },
        HI,
      ],
    )
    expect(await sent({ name: 'film', header: { type: 'video', media: mediaOf('video') } })).toEqual([
      { type: 'header', parameters: [{ type: 'video', video: { id: uploaded() } }] },
      HI,
    ])
  })

  test('a place goes in words', async () => {
    const at = { latitude: -23.5505, longitude: -46.6333, name: 'Sé', address: 'Praça da Sé' }
    expect(await sent({ name: 'place', header: { type: 'location', ...at } })).toEqual([
      {
        type: 'header',
        parameters: [{ type: 'location', location: { ...at, latitude: '-23.5505', longitude: '-46.6333' } }],
      },
      HI,
    ])
  })

  test('a named place above, and the code of a coupon', async () => {
    const components = await sent({
      name: 'sale',
      parameters: ['25%'],
      header: { type: 'text', text: 'For Ana', parameter: 'Ana' },
      buttons: [{ type: 'copy-code', text: 'Copy offer code', parameter: '25OFF' }],
    })
    expect(components).toEqual([
      { type: 'header', parameters: [{ type: 'text', parameter_name: 'first_name', text: 'Ana' }] },
      { type: 'body', parameters: [{ type: 'text', parameter_name: 'discount', text: '25%' }] },
      {
        type: 'button',
        sub_type: 'copy_code',
        index: '0',
        parameters: [{ type: 'coupon_code', coupon_code: '25OFF' }],
      },
    ])
  })

  test('a code for logging in is said in the words and in the button', async () => {
    const buttons = [{ type: 'otp', text: 'Copy code', parameter: '123456' }] as const
    expect(await sent({ name: 'login', parameters: ['123456'], buttons })).toEqual([
      { type: 'body', parameters: [{ type: 'text', text: '123456' }] },
      { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '123456' }] },
    ])
  })

  test('a flow gets its token, or the one that means none', async () => {
    const flow = { type: 'flow', text: 'Book' } as const
    const filled = (token: string) => ({
      type: 'button',
      sub_type: 'flow',
      index: '0',
      parameters: [{ type: 'action', action: { flow_token: token } }],
    })
    expect(await sent({ name: 'form', buttons: [{ ...flow, parameter: 't-1' }] })).toEqual([
      HI,
      filled('t-1'),
    ])
    expect(await sent({ name: 'form', buttons: [flow] })).toEqual([HI, filled('unused')])
  })

  test('a header that is as it is is not sent', async () => {
    expect(await sent({ name: 'plain', header: { type: 'text', text: 'News' } })).toEqual([HI])
  })

  const url = { type: 'url', text: 'Track' } as const
  const image = { type: 'image', media: mediaOf('image') } as const
  test.each<[string, Given, string, string]>([
    ['a missing file', { name: 'shipped' }, 'template-header', 'header: image is needed'],
    [
      'another file',
      { name: 'shipped', header: { type: 'document', media: mediaOf('document') } },
      'template-header',
      'header: image is needed, not document',
    ],
    [
      'a file for a header of words',
      { name: 'plain', header: image },
      'template-header',
      'header: this template has nothing to fill there',
    ],
    [
      'an empty place above',
      { name: 'sale', header: { type: 'text', text: 'For ' } },
      'template-header',
      'header: its place is empty',
    ],
    [
      'too long a line above',
      { name: 'sale', header: { type: 'text', text: 'x'.repeat(61), parameter: 'x' } },
      'template-header',
      'header: has at most 60 characters, these are 61',
    ],
    [
      'too many parameters',
      { name: 'plain', parameters: ['Ana', 'Bia'] },
      'template-body',
      'body: has 1 places, and 2 parameters were given',
    ],
    [
      'a line break',
      { name: 'plain', parameters: ['Ana\nBia'] },
      'template-body',
      'body: parameter 1 is empty, or has line breaks, tabs or more than four spaces in a row',
    ],
    [
      'an address without its end',
      { name: 'shipped', header: image, buttons: [url] },
      'template-button',
      'button 1 (Track): the end of its address is missing',
    ],
    [
      'a button of another kind',
      { name: 'shipped', header: image, buttons: [{ type: 'phone', text: 'Track' }] },
      'template-button',
      'button 1 (Track): url is needed, not phone',
    ],
    [
      'no code',
      { name: 'login', parameters: ['1'] },
      'template-button',
      'button 1 (Copy code): its code is missing',
    ],
    [
      'too long a code',
      { name: 'login', buttons: [{ type: 'otp', text: 'Copy code', parameter: '1'.repeat(16) }] },
      'template-button',
      'button 1 (Copy code): a code has at most 15 characters',
    ],
    [
      'cards to leaf through',
      { name: 'cards' },
      'template-unsupported',
      'this template has a part that is not sent from here: CAROUSEL',
    ],
  ])('%s is refused before the wire', async (_name, given, code, reason) => {
    const before = graph.sent.length
    expect(await send(given)).toEqual({ outcome: 'refused', code, reason, retryable: false })
    expect(graph.sent).toHaveLength(before)
    expect(graph.media.size).toBe(0)
  })

  test('what was changed at Meta meanwhile is asked for before it is refused', async () => {
    await sent({ name: 'plain' })
    graph.addAccount(ACCOUNT, TOKEN, [named('plain', [{ type: 'BODY', text: 'Hi {{1}} and {{2}}' }])])
    expect(await send({ name: 'plain', parameters: ['Ana', 'Bia'] })).toMatchObject({ outcome: 'sent' })
    expect(await send({ name: 'plain' })).toMatchObject({ code: 'template-body' })
  })
})
