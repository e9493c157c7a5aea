import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startGraphServer, type GraphServer } from '../../../test/doubles/graph/server.ts'
import { systemClock, type Clock } from '../../shared/clock.ts'
import type { Address, Connection, ConnectionState, OutboundMessage } from '../provider.ts'
import { CIRCUIT_FAILURES_MAX, CIRCUIT_OPEN_MS } from '../meta/circuit.ts'
import { cloudProvider } from './provider.ts'

const NUMBER = '106540352242922'
const TOKEN = 'EAAJB-a-very-secret-token'
const UNTIL = { timeout: 10_000, interval: 5 }
const PHONE: Address = { kind: 'phone', value: '5511987654321' }
const BSUID: Address = { kind: 'bsuid', value: 'BR.1502576394655843' }

describe('the Cloud API', () => {
  let graph: GraphServer
  let states: ConnectionState[]
  let logged: string
  let connection: Connection
  let shift: number
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + shift }

  beforeEach(async () => {
    graph = await startGraphServer()
    graph.addNumber(NUMBER, TOKEN)
    states = []
    logged = ''
    shift = 0
    connection = await connect()
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), UNTIL)
  })
  afterEach(async () => {
    await connection.close()
    await graph.close()
    expect(logged).not.toContain(TOKEN)
  })

  const connect = (options: { checkEveryMs?: number; mediaBytesMax?: number } = {}) => {
    const sink = new Writable({ write: (chunk, _encoding, done) => ((logged += String(chunk)), done()) })
    const log = pino({ level: 'trace' }, sink)
    return cloudProvider({ graphUrl: graph.url, clock, log, timeoutMs: 300, ...options }).connect({
      companyId: 'c',
      sessionId: 's',
      credentials: { accessToken: TOKEN },
      settings: { phoneNumberId: NUMBER },
      handlers: { onItems: async () => {}, onState: s => void states.push(s) },
    })
  }
  const send = (over: Partial<Omit<OutboundMessage & { kind: 'text' }, 'kind'>> = {}) =>
    connection.send({ ref: 'ref-1', messageId: 'm', to: [PHONE], kind: 'text', body: 'oi', ...over })
  const lastBody = () => graph.sent.at(-1)?.body

  test('tells the account in digits', () => {
    expect(states.at(-1)).toEqual({ state: 'connected', account: '551155550100' })
  })

  test('sends as Meta documents it, with our reference and the quote', async () => {
    await send({ quoted: { providerMessageId: 'wamid.Q', fromMe: false } })
    expect(graph.requests.at(-1)?.path).toBe(`/v23.0/${NUMBER}/messages`)
    expect(lastBody()).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '5511987654321',
      type: 'text',
      text: { body: 'oi', preview_url: false },
      biz_opaque_callback_data: 'ref-1',
      context: { message_id: 'wamid.Q' },
    })
  })

  test('a business-scoped id goes into recipient, and only where there is no phone number', async () => {
    expect(await send({ to: [BSUID] })).toMatchObject({ outcome: 'sent' })
    expect(lastBody()).toMatchObject({ recipient: BSUID.value, recipient_type: 'individual' })
    expect(lastBody()).not.toHaveProperty('to')
    await send({ to: [BSUID, PHONE] })
    expect(lastBody()).toMatchObject({ to: PHONE.value })
    expect(lastBody()).not.toHaveProperty('recipient')
  })

  test('an address that this channel cannot reach is refused before the wire', async () => {
    const before = graph.requests.length
    expect(await send({ to: [{ kind: 'lid', value: '1@lid' }] })).toMatchObject({
      outcome: 'refused',
      retryable: false,
    })
    expect(graph.requests).toHaveLength(before)
  })

  test.each([
    [400, 131047, { reason: 'window-closed', code: 'window-closed', retryable: false }],
    [400, 131026, { reason: 'undeliverable', retryable: false }],
    [400, 100, { reason: 'invalid-parameter', retryable: false }],
    [429, 130429, { reason: 'rate-limited', retryable: true, retryAfterMs: 10_000 }],
    [429, 80007, { reason: 'rate-limited', retryable: true }],
    [400, 131056, { reason: 'pair-rate-limited', retryable: true, retryAfterMs: 6_000 }],
    [403, 200, { reason: 'permission-missing', retryable: false }],
    [400, 999999, { reason: 'refused', retryable: false }],
  ])('HTTP %i with code %i', async (status, code, expected) => {
    graph.fault({ kind: 'error', status, code }, 1, 'POST')
    expect(await send()).toEqual(
      expect.objectContaining({ outcome: 'refused', code: String(code), ...expected }),
    )
    expect(states.at(-1)?.state).toBe('connected')
  })

  test('Meta’s own Retry-After wins', async () => {
    graph.fault({ kind: 'error', status: 429, code: 4, retryAfter: 7 }, 1, 'POST')
    expect(await send()).toMatchObject({ retryAfterMs: 7_000 })
  })

  test.each([
    [401, 190, 'failed'],
    [403, 368, 'restricted'],
    [403, 131031, 'restricted'],
  ] as const)('HTTP %i with code %i ends the connection', async (status, code, state) => {
    graph.fault({ kind: 'error', status, code }, 1, 'POST')
    expect(await send()).toMatchObject({ outcome: 'refused', retryable: false })
    expect(states.at(-1)).toMatchObject({ state, code: String(code) })
    expect(await send()).toMatchObject({ outcome: 'refused', reason: 'not-connected' })
  })

  test.each([
    ['500', { kind: 'error', status: 500, code: 2 } as const],
    ['a gateway’s 502', { kind: 'error', status: 502 } as const],
    ['no answer at all', { kind: 'silence' } as const],
    ['a lost answer', { kind: 'lost-answer' } as const],
  ])('%s leaves the outcome unknown', async (_name, fault) => {
    graph.fault(fault, 1, 'POST')
    expect(await send()).toMatchObject({ outcome: 'unknown' })
  })

  test('an unreachable Graph is safe to try again', async () => {
    await graph.close()
    // A pooled connection may be cut under the first one, which is honestly unknown; a new one is never opened.
    await vi.waitFor(async () => {
      expect(await send()).toMatchObject({ outcome: 'refused', reason: 'ECONNREFUSED', retryable: true })
    }, UNTIL)
    graph = await startGraphServer()
  })

  test('after failures in a row nothing is asked for a while, then one request decides', async () => {
    graph.fault({ kind: 'error', status: 500 }, CIRCUIT_FAILURES_MAX + 1, 'POST')
    for (let i = 0; i < CIRCUIT_FAILURES_MAX; i += 1)
      expect(await send()).toMatchObject({ outcome: 'unknown' })
    const asked = graph.requests.length
    expect(await send()).toMatchObject({ outcome: 'refused', reason: 'circuit-open', retryable: true })
    expect(graph.requests).toHaveLength(asked)
    shift += CIRCUIT_OPEN_MS
    const both = await Promise.all([send(), send()])
    expect(both.map(r => r.outcome).sort()).toEqual(['refused', 'unknown'])
    shift += CIRCUIT_OPEN_MS
    expect(await send()).toMatchObject({ outcome: 'sent' })
    expect(await send()).toMatchObject({ outcome: 'sent' })
  })

  test('marks the newest message as read', async () => {
    await connection.markRead([PHONE], ['wamid.1', 'wamid.2'])
    expect(graph.read).toEqual(['wamid.2'])
    graph.fault({ kind: 'error', status: 500 }, 1, 'POST')
    await expect(connection.markRead([PHONE], ['wamid.3'])).resolves.toBeUndefined()
  })

  test('fetches media by its id, in full, and stops at the limit', async () => {
    const content = Buffer.alloc(300_000, 7)
    graph.addMedia('1003383421387256', 'image/jpeg', content)
    const file = await connection.fetchMedia('1003383421387256')
    const parts: Uint8Array[] = []
    for await (const part of file.bytes) parts.push(part)
    expect(Buffer.concat(parts).equals(content)).toBe(true)
    expect(file).toMatchObject({ mime: 'image/jpeg', size: 300_000 })
    await expect(connection.fetchMedia('gone')).rejects.toThrow('media')
    const small = await connect({ mediaBytesMax: 1_000 })
    await expect(small.fetchMedia('1003383421387256')).rejects.toThrow('over 1000 bytes')
    const asked = graph.requests.length
    await expect(connection.fetchMedia('1003383421387256', 299_999)).rejects.toMatchObject({
      name: 'MediaTooLarge',
      size: 300_000,
    })
    // Only what it is was asked, not its bytes.
    expect(graph.requests.slice(asked).map(({ path }) => path.split('?')[0])).toEqual([
      '/v23.0/1003383421387256',
    ])
    await small.close()
  })

  test('a token that is taken away is noticed without sending', async () => {
    await connection.close()
    connection = await connect({ checkEveryMs: 10 })
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), UNTIL)
    graph.addNumber(NUMBER, 'a new one')
    await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ state: 'failed', code: '190' }), UNTIL)
  })

  test('a number that does not exist, and missing credentials, fail', async () => {
    graph.fault({ kind: 'error', status: 400, code: 100 }, 1, 'GET')
    await connect()
    await vi.waitFor(
      () => expect(states.at(-1)).toMatchObject({ state: 'failed', reason: 'invalid-parameter' }),
      UNTIL,
    )
    await cloudProvider({ graphUrl: graph.url, clock, log: pino({ level: 'silent' }) }).connect({
      companyId: 'c',
      sessionId: 's',
      credentials: {},
      settings: {},
      handlers: { onItems: async () => {}, onState: s => void states.push(s) },
    })
    expect(states.at(-1)).toEqual({ state: 'failed', reason: 'credentials-missing' })
  })
})
