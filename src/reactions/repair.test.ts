import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../database/port.ts'
import { decode } from '../eventstore/codec.ts'
import type { Clock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { testDatabase } from '../../test/support/database.ts'
import { openEngine, type Engine } from '../../test/support/engine.ts'
import type { FactLog } from '../../test/support/fact-log.ts'
import { faultyStore } from '../../test/support/faulty-store.ts'
import { phone, text } from '../../test/support/inbound.ts'
import { startProjected, type Projected } from '../../test/support/projected.ts'
import { until } from '../../test/support/until.ts'
import { createRepair, REPAIR_EVERY_MS } from './repair.ts'

/** A claim is left behind by a process that dies; another one, which knows only the log, finds and finishes it. */
let engine: Engine
let database: Database<unknown>
let projected: Projected
let place: Awaited<ReturnType<Engine['found']>>
const stops: (() => Promise<void>)[] = []

beforeEach(async () => {
  engine = await openEngine()
  database = await testDatabase('pglite')
  place = await engine.found()
  const log = { store: engine.store, decode: event => decode(event, engine.keys) } as FactLog
  projected = startProjected(log, database)
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await projected.stop()
  await database.close()
  await engine.close()
})

const of = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)
const die = async (id: string, from = '5511987654321'): Promise<void> => {
  const store = faultyStore(engine.store, (_, stream) => (stream.startsWith('ticket-') ? 'crash' : undefined))
  const items = [text(id, [phone(from)])]
  await expect(
    engine.node('dying', store).intake.take(engine.companyId, place.sessionId, items),
  ).rejects.toThrow()
}

/** The service as the server runs it, with a timer that the test lets go off. `swept`: how often it has looked. */
const start = () => {
  const timers: (() => void)[] = []
  let swept = 0
  const clock: Clock = {
    ...engine.clock,
    after: (ms, task) => {
      expect(ms).toBe(REPAIR_EVERY_MS)
      timers.push(task)
      return () => undefined
    },
  }
  const stopping = new AbortController()
  const running = createRepair({
    door: engine.node('repairing').door,
    caughtUp: () => projected.upToDate(),
    unsettledConversations: async before => {
      const found = await projected.reads.unsettledConversations(before)
      swept++
      return found
    },
    clock,
    log: silentLog,
  }).run(stopping.signal)
  stops.push(async () => {
    stopping.abort()
    await running
  })
  const resting = (times: number) =>
    until(`sweep ${times} is over`, () => swept === times && timers.length > 0)
  return { resting, goOff: () => timers.shift()!() }
}

test('what a dead process left is finished at the start, without another message', async () => {
  await die('m1')
  await die('m2', '5511911112222')
  engine.clock.move(1)
  await start().resting(1)
  const claimed = (await of('conversation.ticketClaimed')).map(
    ({ data }) => (data as { ticketId: string }).ticketId,
  )
  const opened = await of('ticket.opened')
  expect(new Set(opened.map(({ stream }) => stream.split('.')[1]))).toEqual(new Set(claimed))
  expect(opened).toHaveLength(2)
  expect(opened[0]?.meta).toMatchObject({ actor: { kind: 'system', id: 'repair' }, rule: 'repair' })
})

test('what may be work in progress is left alone until it is older, and is done once', async () => {
  const service = start()
  await service.resting(1)
  await die('m1')
  await projected.upToDate()
  service.goOff()
  await service.resting(2)
  expect(await of('ticket.opened')).toEqual([])
  engine.clock.move(1)
  service.goOff()
  await service.resting(3)
  expect(await of('ticket.opened')).toHaveLength(1)
  await projected.upToDate()
  const head = await engine.store.head()
  service.goOff()
  await service.resting(4)
  expect(await engine.store.head()).toBe(head)
})

test('a ticket that was closed and not released is released', async () => {
  await engine.node().intake.take(engine.companyId, place.sessionId, [text('m1', [phone('5511987654321')])])
  const id = (await of('ticket.opened'))[0]!.stream.split('.')[1]!
  const store = faultyStore(engine.store, (_, stream) =>
    stream.startsWith('conversation-') ? 'crash' : undefined,
  )
  await expect(engine.node('dying', store).ask(place.supervisor, 'ticket.close', { id })).rejects.toThrow()
  engine.clock.move(1)
  await start().resting(1)
  expect(await of('conversation.ticketReleased')).toHaveLength(1)
})
