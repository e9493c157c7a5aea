import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import type { Connection, ConnectionState, InboundItem } from '../provider.ts'
import { startSimulatorNetwork, type SimulatorNetwork } from './network.ts'
import { simulatorPhone, type SimulatorPhone } from './phone.ts'
import { simulatorProvider } from './provider.ts'

const UNTIL = { timeout: 10_000, interval: 5 }
const FROM = '5511987654321'

describe('the simulated network', () => {
  let network: SimulatorNetwork
  let phone: SimulatorPhone
  let sessionId: string
  let connection: Connection | null
  let items: InboundItem[]
  let states: ConnectionState[]

  beforeEach(async () => {
    network = await startSimulatorNetwork({ log: silentLog, clock: systemClock })
    phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 10_000 })
    sessionId = randomUUID()
    connection = null
    items = []
    states = []
  })
  afterEach(async () => {
    await connection?.close()
    phone.close()
    await network.close()
  })

  const connect = async (onItems = async (got: readonly InboundItem[]) => void items.push(...got)) => {
    connection = await simulatorProvider({ url: network.url, clock: systemClock, log: silentLog }).connect({
      companyId: 'c',
      sessionId,
      credentials: {},
      settings: {},
      handlers: { onItems, onState: s => void states.push(s) },
    })
    await vi.waitFor(() => expect(states.at(-1)?.state).toBe('connected'), UNTIL)
    return connection
  }
  const messages = () => items.flatMap(i => (i.item === 'message' ? [i.message] : []))
  const ids = () => messages().map(m => m.providerMessageId)

  test('the same id again is told as a duplicate, and delivered again for the engine to notice', async () => {
    await connect()
    expect(await phone.inbound(sessionId, { from: FROM, text: 'oi', id: 'a' })).toEqual({
      messageId: 'a',
      duplicate: false,
    })
    expect(await phone.inbound(sessionId, { from: FROM, text: 'oi', id: 'a' })).toEqual({
      messageId: 'a',
      duplicate: true,
    })
    expect(ids()).toEqual(['a', 'a'])
  })

  test('the same id of another author is another message', async () => {
    await connect()
    await phone.inbound(sessionId, { from: FROM, text: 'oi', id: 'a' })
    expect(await phone.inbound(sessionId, { from: '5511987650009', text: 'oi', id: 'a' })).toHaveProperty(
      'duplicate',
      false,
    )
  })

  test('what nobody took in time is refused but kept, in order, and late', async () => {
    const hasty = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 20 })
    for (const id of ['a', 'b', 'c']) {
      await expect(hasty.inbound(sessionId, { from: FROM, text: id, id })).rejects.toMatchObject({
        code: 'not-acknowledged',
      })
    }
    hasty.close()
    await connect()
    await vi.waitFor(() => expect(ids()).toEqual(['a', 'b', 'c']), UNTIL)
    expect(messages().every(m => m.late)).toBe(true)
    await phone.inbound(sessionId, { from: FROM, text: 'd', id: 'd' })
    expect(messages().at(-1)).toMatchObject({ providerMessageId: 'd', late: false })
  })

  test('what was on its way when the link died is delivered to the next link', async () => {
    const stuck = await connect(() => new Promise(() => {}))
    const written = phone.inbound(sessionId, { from: FROM, text: 'oi', id: 'a' })
    await vi.waitFor(async () => expect((await phone.look(sessionId)).waiting).toBe(1), UNTIL)
    await stuck.close()
    await connect()
    expect(await written).toEqual({ messageId: 'a', duplicate: false })
    expect(messages()).toMatchObject([{ providerMessageId: 'a', late: true }])
  })

  test('reorders neighbours when told to', async () => {
    await connect()
    await phone.misbehave(sessionId, { reorder: true })
    await Promise.all(['a', 'b'].map(id => phone.inbound(sessionId, { from: FROM, text: id, id })))
    expect(ids()).toEqual(['b', 'a'])
  })

  test('duplicates when told to', async () => {
    await connect()
    await phone.misbehave(sessionId, { duplicate: true })
    await phone.inbound(sessionId, { from: FROM, text: 'a', id: 'a' })
    await vi.waitFor(() => expect(ids()).toEqual(['a', 'a']), UNTIL)
  })

  test('a lost push comes again', async () => {
    await connect()
    await phone.misbehave(sessionId, { drop: true, redeliverMs: 5 })
    expect(await phone.inbound(sessionId, { from: FROM, text: 'a', id: 'a' })).toHaveProperty(
      'messageId',
      'a',
    )
    expect(ids()).toEqual(['a'])
  })

  test('says delivered by itself, read when asked, and nothing while the phones are off', async () => {
    const line = await connect()
    const send = (ref: string) =>
      line.send({ ref, messageId: 'm', to: [{ kind: 'phone', value: FROM }], kind: 'text', body: ref })
    await send('on')
    await vi.waitFor(
      () => expect(items).toMatchObject([{ item: 'status', status: { ref: 'on', ack: 'delivered' } }]),
      UNTIL,
    )
    await phone.misbehave(sessionId, { autoDeliver: false })
    const off = await send('off')
    await phone.ack(sessionId, off.outcome === 'sent' ? off.providerMessageId : '', 'read')
    await vi.waitFor(() => expect(items).toHaveLength(2), UNTIL)
    expect(items[1]).toMatchObject({ status: { ref: 'off', ack: 'read' } })
    await expect(phone.ack(sessionId, 'nobody', 'read')).rejects.toMatchObject({ code: 'unknown-message' })
  })

  test('pages through what was sent', async () => {
    const line = await connect()
    for (const body of ['1', '2', '3']) {
      await line.send({ ref: body, messageId: body, to: [{ kind: 'lid', value: 'x' }], kind: 'text', body })
    }
    const first = await phone.outbound(sessionId, null, 2)
    expect(first.items.map(i => i.body)).toEqual(['1', '2'])
    const second = await phone.outbound(sessionId, first.nextCursor, 2)
    expect(second.items).toMatchObject([{ body: '3', to: 'lid:x' }])
    expect(await phone.outbound(sessionId, second.nextCursor)).toEqual({
      items: [],
      nextCursor: second.nextCursor,
    })
    await expect(phone.outbound(sessionId, 'nonsense')).rejects.toMatchObject({ code: 'invalid' })
  })

  test('takes every kind of sender and message', async () => {
    await connect()
    await phone.inbound(sessionId, { from: 'bsuid:BR.1502576394655843', text: 'a' })
    await phone.inbound(sessionId, { from: 'lid:123@lid', text: 'b', group: { id: 'g1', name: 'Família' } })
    await phone.inbound(sessionId, { from: '+55 11 98765-4321', reaction: { target: 'x', emoji: '👍' } })
    await phone.inbound(sessionId, { from: FROM, text: 'do celular', fromMe: true })
    expect(messages()).toMatchObject([
      { chat: { addresses: [{ kind: 'bsuid', value: 'BR.1502576394655843' }] } },
      {
        chat: { addresses: [{ kind: 'group', value: 'g1' }], group: true },
        author: { addresses: [{ kind: 'lid' }] },
      },
      { type: 'reaction', target: 'x', chat: { addresses: [{ kind: 'phone', value: FROM }] } },
      { fromMe: true, chat: { addresses: [{ kind: 'phone', value: FROM }] } },
    ])
  })

  test.each([
    [{ from: '123', text: 'a' }],
    [{ from: 'bsuid:', text: 'a' }],
    [{ from: FROM }],
    [{ from: FROM, media: { mime: 'a/b', base64: '!' } }],
  ])('refuses %j', async message => {
    await expect(phone.inbound(sessionId, message)).rejects.toMatchObject({ code: 'invalid' })
  })

  test('a client that speaks nonsense is hung up on, the others stay', async () => {
    await connect()
    const socket = new WebSocket(network.url)
    const closed = new Promise<number>(resolve => socket.on('close', resolve))
    socket.on('open', () => socket.send('{]'))
    expect(await closed).toBe(1007)
    await phone.inbound(sessionId, { from: FROM, text: 'a' })
    expect(messages()).toHaveLength(1)
  })

  test('a phone without a network says so', async () => {
    const lost = simulatorPhone({ url: 'ws://127.0.0.1:1', clock: systemClock, timeoutMs: 500 })
    await expect(lost.outbound(sessionId)).rejects.toMatchObject({ code: 'network-unreachable' })
    lost.close()
  })
})
