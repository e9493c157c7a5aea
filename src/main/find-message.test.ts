import { addressOf } from '../eventstore/streams.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../database/port.ts'
import { decode } from '../eventstore/codec.ts'
import { commandHandler } from '../commands/handle.ts'
import { testDatabase } from '../../test/support/database.ts'
import { openEngine, type Engine } from '../../test/support/engine.ts'
import type { FactLog } from '../../test/support/fact-log.ts'
import { phone, text } from '../../test/support/inbound.ts'
import { startProjected, type Projected } from '../../test/support/projected.ts'
import { messageFinder, ticketFinder } from './find-message.ts'

/** Real read models that are held back: a status or reaction that came too early must come again, not be thrown away. */
let engine: Engine
let database: Database<unknown>
let projected: Projected
let sessionId: string
/** How many facts the read models are allowed to see. */
let gate: Promise<void>
let open: () => void

beforeEach(async () => {
  engine = await openEngine()
  database = await testDatabase('pglite')
  sessionId = (await engine.found()).sessionId
  gate = Promise.resolve()
  open = () => undefined
  const held = async (event: Parameters<FactLog['decode']>[0]) => {
    await gate
    return decode(event, engine.keys)
  }
  projected = startProjected({ store: engine.store, decode: held } as FactLog, database)
  await projected.upToDate()
})
afterEach(async () => {
  open()
  await projected.stop()
  await database.close()
  await engine.close()
})

const holdBack = (): void => {
  gate = new Promise(resolve => (open = resolve))
}
const find = (id: string) => messageFinder(projected.reads, engine.store)(engine.companyId, sessionId, id)
const take = (id: string) =>
  engine.node().intake.take(engine.companyId, sessionId, [text(id, [phone('5511987654321')])])

test('a message that the read models show is found, and one that nobody wrote is not there', async () => {
  await take('m1')
  await projected.upToDate()
  expect(await find('m1')).toMatchObject({ fromMe: false })
  expect(await find('nobody wrote this')).toBeNull()
})

test('which ticket a message is in is said once the read models show it, and not before', async () => {
  await take('m1')
  const received = (await engine.facts('ticket-')).find(fact => fact.type === 'message.received')
  const { id } = addressOf(received?.stream ?? '')
  const messageId = received?.type === 'message.received' ? received.data.messageId : ''
  const look = (message: string) => ticketFinder(projected.reads, engine.store)(engine.companyId, message)
  expect(await look(messageId)).toBe(id)
  expect(await look(engine.companyId)).toBeNull()
  holdBack()
  await take('m2')
  await expect(look(engine.companyId)).rejects.toThrow('the read models are behind')
})

test('while they are behind nobody says that a message is not there; afterwards it is found', async () => {
  holdBack()
  await take('m1')
  await expect(find('m1')).rejects.toThrow('the read models are behind')
  open()
  expect(await find('m1')).toMatchObject({ fromMe: false })
})

test('a status about it is then refused as not durable, so that the channel tells it again', async () => {
  holdBack()
  await take('m1')
  const { tools } = engine.node()
  const door = commandHandler({ ...tools, messageByProviderId: messageFinder(projected.reads, engine.store) })
  const status = { providerMessageId: 'm1', ack: 'read' as const, at: '2026-03-02T12:00:00.000Z' }
  const who = {
    kind: 'system',
    companyId: engine.companyId,
    actor: { kind: 'channel', id: sessionId },
  } as const
  expect(
    await door.ask(who, 'message.recordStatus', { sessionId, status }, { correlationId: 'test' }),
  ).toMatchObject({ refused: 'store-unavailable' })
})
