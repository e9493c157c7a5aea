import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startGraphServer, type GraphServer } from '../../../test/doubles/graph/server.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { instagramChannel } from '../instagram/channel.ts'
import { messengerChannel } from '../messenger/channel.ts'
import type { Connection, ConnectionState, OutboundMessage } from '../provider.ts'
import type { PageChannel } from './page-channel.ts'
import { pageDirectory } from './page-directory.ts'
import { pageProvider } from './page-provider.ts'

const TOKEN = 'a-page-token'
const PAGE = '1906385232743451'
const IG = '17841405822304914'
const PERSON = '8842561234567890'
const UNTIL = { timeout: 10_000, interval: 5 }
const HOUR_MS = 3_600_000

describe('a page', () => {
  let graph: GraphServer
  let states: ConnectionState[]
  beforeEach(async () => {
    graph = await startGraphServer()
    graph.pages.add(TOKEN, {
      pageId: PAGE,
      name: 'Loja',
      appId: '77',
      instagram: { id: IG, username: 'loja' },
    })
    states = []
  })
  afterEach(() => graph.close())

  const connect = (
    channel: PageChannel = messengerChannel,
    settings: { pageId?: string; humanAgentTag?: boolean } = {},
    checkEveryMs = 60_000,
  ): Promise<Connection> =>
    pageProvider(channel, {
      graphUrl: graph.url,
      clock: systemClock,
      log: silentLog,
      timeoutMs: 500,
      checkEveryMs,
    }).connect({
      companyId: 'c',
      sessionId: 's',
      credentials: { pageAccessToken: TOKEN },
      settings: { pageId: channel.kind === 'instagram' ? IG : PAGE, ...settings },
      handlers: { onItems: async () => {}, onState: state => void states.push(state) },
    })
  const connected = async (...given: Parameters<typeof connect>) => {
    const connection = await connect(...given)
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), UNTIL)
    return connection
  }
  const text = (body: string, hoursAgo = 1): OutboundMessage => ({
    kind: 'text',
    body,
    ref: 'ticket.t.m.1',
    messageId: 'm',
    to: [{ kind: 'psid', value: PERSON }],
    lastInboundAt: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
  })
  const byPerson = (body: string, hoursAgo: number): OutboundMessage => ({
    ...text(body, hoursAgo),
    byPerson: true,
  })
  const lastSent = () => graph.pages.sent.at(-1)?.body

  test('is subscribed where it is not, and that is seen to again when it is taken away', async () => {
    const connection = await connected(messengerChannel, {}, 20)
    const subscribes = () =>
      graph.requests.filter(r => r.method === 'POST' && r.path.includes('subscribed_apps'))
    expect(states.at(-1)).toEqual({ state: 'connected', account: 'Loja' })
    expect(subscribes()).toHaveLength(1)
    graph.pages.unsubscribe(TOKEN)
    await vi.waitFor(() => expect(subscribes()).toHaveLength(2), UNTIL)
    await connection.close()
    expect(states.map(({ state }) => state)).toEqual(['connecting', 'connected'])
  })

  test('a token of another page, and a subscription that is refused, fail with their reason', async () => {
    await connect(messengerChannel, { pageId: '5' })
    await vi.waitFor(
      () => expect(states.at(-1)).toEqual({ state: 'failed', reason: 'page-does-not-match-token' }),
      UNTIL,
    )
    graph.fault({ kind: 'error', status: 403, code: 200 }, 1, 'POST')
    await connect()
    await vi.waitFor(
      () => expect(states.at(-1)).toMatchObject({ state: 'failed', reason: 'permission-missing' }),
      UNTIL,
    )
  })

  test('an answer carries our reference; after a day only a person may write, for seven', async () => {
    const plain = await connected()
    await plain.send(text('olá'))
    expect(lastSent()).toEqual({
      recipient: { id: PERSON },
      messaging_type: 'RESPONSE',
      message: { text: 'olá', metadata: 'fio:ticket.t.m.1' },
    })
    const closed = { outcome: 'refused', code: 'window-closed', retryable: false }
    expect(await plain.send(text('tarde', 25))).toMatchObject(closed)
    const people = await connected(messengerChannel, { humanAgentTag: true })
    expect(await people.send(byPerson('tarde', 25))).toMatchObject({ outcome: 'sent' })
    expect(lastSent()).toMatchObject({ messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' })
    expect(await people.send(byPerson('tarde demais', 7 * 24 + 1))).toMatchObject(closed)
    // What a rule of the company says by itself is nobody's answer.
    expect(await people.send(text('lembrete', 25))).toMatchObject(closed)
    expect(graph.pages.sent).toHaveLength(2)
  })

  test('lengths are the channel’s own: letters there, bytes here', async () => {
    const messenger = await connected()
    expect(await messenger.send(text('ã'.repeat(2_000)))).toMatchObject({ outcome: 'sent' })
    expect(await messenger.send(text('a'.repeat(2_001)))).toMatchObject({ code: 'text-too-long' })
    const instagram = await connected(instagramChannel)
    expect(await instagram.send(text('a'.repeat(1_000)))).toMatchObject({ outcome: 'sent' })
    expect(await instagram.send(text('ã'.repeat(501)))).toMatchObject({ code: 'text-too-long' })
  })

  test.each([
    [400, 10, 2018278, { outcome: 'refused', reason: 'outside-24-hour-window', code: 'window-closed' }],
    [400, 10, undefined, { outcome: 'refused', reason: 'permission-missing', retryable: false }],
    [400, 100, 2018001, { outcome: 'refused', reason: 'recipient-unknown', code: '100/2018001' }],
    [400, 100, undefined, { outcome: 'refused', reason: 'invalid-parameter', retryable: false }],
    [403, 200, 1545041, { outcome: 'refused', reason: 'recipient-unavailable', retryable: false }],
    [403, 200, undefined, { outcome: 'refused', reason: 'permission-missing', retryable: false }],
    [400, 551, undefined, { outcome: 'refused', reason: 'recipient-unavailable', retryable: false }],
    [400, 613, undefined, { outcome: 'refused', reason: 'rate-limited', retryable: true }],
    [400, 1200, undefined, { outcome: 'refused', reason: 'channel-unavailable', retryable: true }],
    [400, 2, undefined, { outcome: 'unknown' }],
    [500, 2, undefined, { outcome: 'unknown' }],
    [400, 999, undefined, { outcome: 'refused', reason: 'refused', retryable: false }],
  ] as const)('HTTP %i, code %i, subcode %s', async (status, code, subcode, expected) => {
    const connection = await connected()
    graph.fault({ kind: 'error', status, code, ...(subcode ? { subcode } : {}) }, 1, 'POST')
    expect(await connection.send(text('oi'))).toMatchObject(expected)
    expect(states.at(-1)?.state).toBe('connected')
  })

  test.each([
    [401, 190, 'failed'],
    [403, 368, 'restricted'],
  ] as const)('HTTP %i with code %i ends the connection', async (status, code, state) => {
    const connection = await connected()
    graph.fault({ kind: 'error', status, code }, 1, 'POST')
    expect(await connection.send(text('oi'))).toMatchObject({ outcome: 'refused', retryable: false })
    expect(states.at(-1)).toMatchObject({ state, code: String(code) })
  })

  test('an upload that got lost is tried again, because nobody saw it; a lost message is unknown', async () => {
    const connection = await connected()
    const bytes = Buffer.alloc(100_000, 7)
    const image = (size = bytes.length): OutboundMessage => ({
      ...text(''),
      kind: 'image',
      body: '',
      media: {
        mime: 'image/png',
        size,
        sha256: '',
        open: () => Promise.resolve(pieces(bytes)),
      },
    })
    graph.fault({ kind: 'lost-answer' }, 1, 'POST')
    expect(await connection.send(image())).toMatchObject({ outcome: 'refused', retryable: true })
    expect(graph.pages.sent).toHaveLength(0)
    expect(await connection.send(image(bytes.length + 1))).toMatchObject({
      outcome: 'refused',
      retryable: true,
    })
    expect(await connection.send(image())).toEqual(expect.objectContaining({ outcome: 'sent' }))
    const upload = graph.requests.findLast(({ path }) => path.includes('message_attachments'))
    expect(upload?.token).toBe(TOKEN)
    expect(graph.pages.sent).toHaveLength(1)
  })

  test('a name is asked for once in a while, its app once; a Graph that is slow costs a name only', async () => {
    graph.pages.addPerson(PERSON, { first_name: 'Ana', last_name: 'Souza' })
    const directory = pageDirectory(messengerChannel, {
      graphUrl: graph.url,
      clock: systemClock,
      timeoutMs: 200,
    })
    expect(await directory.nameOf(TOKEN, PERSON)).toBe('Ana Souza')
    expect(await directory.nameOf(TOKEN, PERSON)).toBeNull()
    graph.fault({ kind: 'silence' }, 1, 'GET')
    expect(await directory.nameOf(TOKEN, '2')).toBeNull()
    expect(await directory.appIdOf(TOKEN)).toBe('77')
    const asked = graph.requests.length
    expect(await directory.appIdOf(TOKEN)).toBe('77')
    expect(graph.requests).toHaveLength(asked)
    expect(await directory.appIdOf('another')).toBeUndefined()
  })
})

async function* pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}
