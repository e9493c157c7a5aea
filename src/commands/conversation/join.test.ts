import { afterEach, beforeEach, expect, test } from 'vitest'
import { conversationKind } from '../../actors/conversation/chart.ts'
import type { EventType, RecordedOf } from '../../events/all.ts'
import type { EventStore } from '../../eventstore/port.ts'
import type { Address } from '../../providers/provider.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { Crashed } from '../../../test/support/faulty-store.ts'
import { phone, text } from '../../../test/support/inbound.ts'

/** A join that was left half done: the ticket is claimed by both, and goes on as either's. */
const ONE = phone('5511987654321')
const OTHER = phone('5511912345678')

let engine: Engine
let node: Node
let desk: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  desk = await engine.found()
  node = engine.node('one', { ...engine.store, shared: true })
})
afterEach(() => engine.close())

const write = (id: string, from: Address) =>
  node.intake.take(engine.companyId, desk.sessionId, [text(id, [from])])
const idOf = (stream: string): string => stream.slice(stream.indexOf('.') + 1)
const all = async <T extends EventType>(type: T): Promise<RecordedOf<T>[]> =>
  (await engine.facts()).filter((fact): fact is RecordedOf<T> => fact.type === type)
const placesOf = async (body: string): Promise<string[]> =>
  (await all('message.received'))
    .filter(({ data }) => data.personal?.body === body)
    .map(({ stream }) => idOf(stream))
const stateOf = async (id: string) =>
  (await node.directory.state(conversationKind, { company: engine.companyId, id }, 0)).state

/** A process that dies right after an append of a fact of this type. */
const dyingAfter = (type: EventType): EventStore => {
  let dead = false
  return {
    ...engine.store,
    shared: true,
    append: async (stream, expected, events) => {
      if (dead) throw new Crashed()
      const appended = await engine.store.append(stream, expected, events)
      dead = events.some(event => event.type === type)
      return appended
    },
    close: () => Promise.resolve(),
  }
}

test('a ticket that both claim, closed and opened again by the one that goes, takes from both, once, and lives on in the one that stays', async () => {
  await write('m1', ONE)
  await write('m2', OTHER)
  const made = await all('conversation.started')
  const [first, second] = made.map(({ stream }) => idOf(stream)) as [string, string]
  const [stays, goes] = first < second ? [ONE, OTHER] : [OTHER, ONE]
  const [staysId, goesId] = first < second ? [first, second] : [second, first]
  const [quiet] = await placesOf(first < second ? 'text m1' : 'text m2')
  const [moves] = await placesOf(first < second ? 'text m2' : 'text m1')
  await node.done(desk.supervisor, 'ticket.close', { id: quiet, silent: true })
  const [one, other] = (await all('contact.created')).map(({ stream }) => idOf(stream))
  await node.done(desk.supervisor, 'contact.merge', { id: other, intoId: one })
  const follow = (on: Node) =>
    on.ask(engine.system, 'contact.continueMerge', { id: other, conversationIds: [first, second] })
  await follow(engine.node('dying', dyingAfter('conversation.ticketClaimed'))).catch(() => undefined)
  expect((await stateOf(staysId)).context.live?.ticketId).toBe(moves)
  expect((await stateOf(goesId)).context.live?.ticketId).toBe(moves)

  await node.done(desk.supervisor, 'ticket.close', { id: moves, silent: true })
  await write('m3', goes)
  expect(await placesOf('text m3')).toEqual([moves])
  await write('m4', stays)
  expect(await placesOf('text m4')).toHaveLength(1)

  await follow(node)
  expect((await stateOf(goesId)).context.redirectedTo).toBe(staysId)
  const { live } = (await stateOf(staysId)).context
  await write('m5', goes)
  await write('m6', stays)
  expect(await placesOf('text m5')).toEqual([live?.ticketId])
  expect(await placesOf('text m6')).toEqual([live?.ticketId])
  const head = (await engine.events()).length
  for (const [id, from] of [
    ['m1', ONE],
    ['m2', OTHER],
    ['m3', goes],
    ['m4', stays],
  ] as const)
    await write(id, from)
  expect((await engine.events()).length).toBe(head)
  expect(await all('deadLetter.recorded')).toEqual([])
})
