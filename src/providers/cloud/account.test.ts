import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startGraphServer, type GraphServer } from '../../../test/doubles/graph/server.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { must } from '../../shared/must.ts'
import { mediaOf } from '../contract/samples.ts'
import type { Address, Connection, ConnectionState, OutboundContent } from '../provider.ts'
import { cloudProvider } from './provider.ts'

const NUMBER = '106540352242922'
const ACCOUNT = '215589313241560883'
const TOKEN = 'a-token'
const PHONE: Address = { kind: 'phone', value: '5511987654321' }
const UNTIL = { timeout: 10_000, interval: 5 }
const body = (text: string) => [{ type: 'BODY', text }]
const TEMPLATES = [
  { name: 'a', language: 'en', status: 'APPROVED', category: 'UTILITY', components: body('Hi {{1}}, {{2}}') },
  { name: 'b', language: 'pt_BR', status: 'PAUSED', category: 'MARKETING', components: body('Oi') },
  { name: 'c', language: 'en', status: 'PENDING_DELETION', category: 'UTILITY', components: [] },
  {
    name: 'named',
    language: 'en',
    status: 'APPROVED',
    category: 'UTILITY',
    parameter_format: 'NAMED',
    components: body('Hi {{first_name}}, order {{order}} of {{first_name}}'),
  },
  { nameless: true },
]

describe('a business number', () => {
  let graph: GraphServer
  let connection: Connection
  let states: ConnectionState[]
  const account = (businessAccountId?: string) => ({
    credentials: { accessToken: TOKEN },
    settings: { phoneNumberId: NUMBER, businessAccountId },
  })
  const provider = () =>
    cloudProvider({ graphUrl: graph.url, clock: systemClock, log: silentLog, timeoutMs: 1_000 })
  const inspect = (businessAccountId?: string) =>
    must(provider().inspect, 'inspect')(account(businessAccountId))

  beforeEach(async () => {
    graph = await startGraphServer()
    graph.addNumber(NUMBER, TOKEN)
    graph.addAccount(ACCOUNT, TOKEN, TEMPLATES)
    states = []
    connection = await provider().connect({
      companyId: 'c',
      sessionId: 's',
      ...account(ACCOUNT),
      handlers: { onItems: async () => {}, onState: state => void states.push(state) },
    })
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), UNTIL)
  })
  afterEach(async () => {
    await connection.close()
    await graph.close()
  })

  const send = (content: OutboundContent, lastInboundAt = new Date().toISOString()) =>
    connection.send({ ref: 'r', messageId: 'm', to: [PHONE], lastInboundAt, ...content })
  const sent = () => graph.sent.at(-1)?.body

  test('says how it is doing', async () => {
    graph.addNumber(NUMBER, TOKEN, '+55 11 5555-0100', {
      quality_rating: 'YELLOW',
      throughput: { level: 'STANDARD' },
      whatsapp_business_manager_messaging_limit: 'TIER_2K',
      messaging_limit_tier: 'TIER_250',
      name_status: 'DECLINED',
      status: 'CONNECTED',
      account_mode: 'SANDBOX',
    })
    expect(await must(inspect().health, 'health')()).toEqual({
      displayName: 'Fio',
      phone: '+55 11 5555-0100',
      quality: 'yellow',
      dailyLimit: 2_000,
      throughput: 80,
      notes: ['display name: DECLINED', 'mode: SANDBOX'],
      problems: [
        { code: 'display-name', detail: 'DECLINED' },
        { code: 'account-mode', detail: 'SANDBOX' },
      ],
    })
  })

  test('an older Graph, which lacks the newer fields, is asked for fewer', async () => {
    graph.fault({ kind: 'error', status: 400, code: 100, message: 'Tried accessing nonexisting field' })
    expect(await must(inspect().health, 'health')()).toMatchObject({ displayName: 'Fio', quality: 'green' })
  })

  test('health that cannot be had says why', async () => {
    graph.fault({ kind: 'error', status: 401, code: 190 })
    await expect(must(inspect().health, 'health')()).rejects.toMatchObject({
      code: 'credentials-rejected',
      retryable: false,
    })
    graph.fault({ kind: 'error', status: 500 })
    await expect(must(inspect().health, 'health')()).rejects.toMatchObject({ retryable: true })
  })

  test('lists its templates, all pages', async () => {
    const found = await must(inspect(ACCOUNT).templates, 'templates')()
    expect(found.map(t => [t.name, t.status, t.category, t.places])).toEqual([
      ['a', 'approved', 'utility', 2],
      ['b', 'paused', 'marketing', 0],
      ['c', 'disabled', 'utility', 0],
      ['named', 'approved', 'utility', 2],
    ])
  })

  test('templates without the business account say what is missing', async () => {
    await expect(must(inspect().templates, 'templates')()).rejects.toMatchObject({
      code: 'business-account-missing',
      retryable: false,
    })
  })

  test('places with names are filled by name, numbered ones in order', async () => {
    const template = { kind: 'template', language: 'en', parameters: ['Ana', '7'], body: '' } as const
    await send({ ...template, name: 'named' })
    expect(sent()).toHaveProperty(
      ['template', 'components', 0, 'parameters'],
      [
        { type: 'text', parameter_name: 'first_name', text: 'Ana' },
        { type: 'text', parameter_name: 'order', text: '7' },
      ],
    )
    await send({ ...template, name: 'a' })
    expect(sent()).toHaveProperty(
      ['template', 'components', 0, 'parameters'],
      [
        { type: 'text', text: 'Ana' },
        { type: 'text', text: '7' },
      ],
    )
    await send({ ...template, name: 'b', parameters: [] })
    expect(sent()?.['template']).toEqual({ name: 'b', language: { code: 'en' } })
  })

  test('a list is sent with its sections', async () => {
    const rows = [{ id: 'x', title: 'Expressa', description: 'amanhã' }]
    const choices = { type: 'list', button: 'Ver', sections: [{ title: '', rows }] } as const
    expect(await send({ kind: 'interactive', body: 'Como?', choices })).toMatchObject({ outcome: 'sent' })
    expect(sent()).toMatchObject({
      type: 'interactive',
      interactive: { type: 'list', body: { text: 'Como?' }, action: { button: 'Ver', sections: [{ rows }] } },
    })
  })

  test.each<[string, OutboundContent]>([
    ['a caption that is too long', { kind: 'image', media: mediaOf('image'), body: 'a'.repeat(1_025) }],
    [
      'four buttons',
      {
        kind: 'interactive',
        body: 'b',
        choices: { type: 'buttons', buttons: ['1', '2', '3', '4'].map(id => ({ id, title: id })) },
      },
    ],
    [
      'two buttons with one id',
      {
        kind: 'interactive',
        body: 'b',
        choices: { type: 'buttons', buttons: ['1', '2'].map(title => ({ id: 'x', title })) },
      },
    ],
    [
      'eleven rows',
      {
        kind: 'interactive',
        body: 'b',
        choices: {
          type: 'list',
          button: 'b',
          sections: [
            { title: 's', rows: Array.from({ length: 11 }, (_, i) => ({ id: `${i}`, title: 't' })) },
          ],
        },
      },
    ],
  ])('%s is refused with words, before the wire', async (_name, content) => {
    const asked = graph.requests.length
    expect(await send(content)).toMatchObject({ code: 'invalid-content', retryable: false })
    expect(graph.requests).toHaveLength(asked)
  })

  test('an upload that got no answer may be tried again: nobody was written to', async () => {
    graph.fault({ kind: 'lost-answer' }, 1, 'POST')
    expect(await send({ kind: 'image', media: mediaOf('image'), body: '' })).toMatchObject({
      outcome: 'refused',
      code: 'media-upload-failed',
      retryable: true,
    })
    expect(graph.sent).toEqual([])
  })

  test('an answer lost after the upload leaves the outcome unknown', async () => {
    graph.loseNextMessage()
    expect(await send({ kind: 'image', media: mediaOf('image'), body: '' })).toMatchObject({
      outcome: 'unknown',
    })
    expect(graph.sent).toHaveLength(1)
  })

  test('over the limit a message waits, and goes when there is room', async () => {
    graph.limitMessages({ code: 130429, left: 1 })
    const text = { kind: 'text', body: 'oi' } as const
    expect(await send(text)).toMatchObject({ outcome: 'sent' })
    expect(await send(text)).toMatchObject({ outcome: 'refused', reason: 'rate-limited', retryable: true })
    graph.limitMessages(null)
    expect(await send(text)).toMatchObject({ outcome: 'sent' })
  })

  test('somebody is seen writing only where a message was read', async () => {
    const typing = must(connection.typing, 'typing')
    await typing([PHONE], true)
    expect(graph.typing).toEqual([])
    await connection.markRead([PHONE], ['wamid.1'])
    await typing([PHONE], false)
    expect(graph.typing).toEqual([])
    await typing([PHONE], true)
    expect(graph.typing).toEqual(['wamid.1'])
  })

  test('without a known last message Meta judges the window, and its no is ours', async () => {
    graph.fault({ kind: 'error', status: 400, code: 131047 }, 1, 'POST')
    const message = { ref: 'r', messageId: 'm', to: [PHONE], kind: 'text', body: 'oi' } as const
    expect(await connection.send(message)).toMatchObject({ code: 'window-closed', retryable: false })
    expect(await connection.send(message)).toMatchObject({ outcome: 'sent' })
  })
})
