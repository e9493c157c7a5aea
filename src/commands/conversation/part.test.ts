import { afterEach, beforeEach, expect, test } from 'vitest'
import { ticketKind } from '../../actors/ticket/chart.ts'
import type { RecordedOf, EventType } from '../../events/all.ts'
import type { Appended, EventStore } from '../../eventstore/port.ts'
import type { Address, InboundItem } from '../../providers/provider.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { faultyStore } from '../../../test/support/faulty-store.ts'
import { phone, text } from '../../../test/support/inbound.ts'

/**
 * A message that was found its place while two contacts were one, and is written after they are two again: it has to be known where it
 * is delivered again.
 */
const ONE = phone('5511987654321')
const OTHER = phone('5511912345678')
const LEAVES_LATER: Address = { kind: 'lid', value: '1000000001' }

let engine: Engine
let node: Node
let desk: Awaited<ReturnType<Engine['found']>>
let goes: string
let stays: string
/** Which conversation leads to the other is a matter of their ids: whose does, and whose stands for both. */
let led: Address
let stands: Address
beforeEach(async () => {
  engine = await openEngine()
  desk = await engine.found()
  // Others write to the same log: it reads what it relies on.
  node = engine.node('one', { ...engine.store, shared: true })
  await write('m1', ONE)
  await write('m2', OTHER)
  ;[goes, stays] = [await contactAt(OTHER), await contactAt(ONE)]
  await merge()
  const [redirected] = await all('conversation.redirected')
  const [first] = await all('conversation.started')
  ;[led, stands] = first?.stream === redirected?.stream ? [ONE, OTHER] : [OTHER, ONE]
})
afterEach(() => engine.close())

const take = (items: InboundItem[], on = node) => on.intake.take(engine.companyId, desk.sessionId, items)
const write = (id: string, ...from: Address[]) => take([text(id, from)])
const idOf = (stream: string): string => stream.slice(stream.indexOf('.') + 1)
const all = async <T extends EventType>(type: T): Promise<RecordedOf<T>[]> =>
  (await engine.facts()).filter((fact): fact is RecordedOf<T> => fact.type === type)
const contactAt = async (address: Address): Promise<string> => {
  const made = await all('contact.created')
  const found = made.find(({ data }) => data.personal?.addresses.some(({ value }) => value === address.value))
  return idOf(found?.stream ?? '')
}
const conversations = async (): Promise<string[]> => [
  ...new Set((await all('conversation.started')).map(({ stream }) => idOf(stream))),
]
const follow = async (on = node) =>
  on.done(engine.system, 'contact.continueMerge', { id: goes, conversationIds: await conversations() })
const merge = async () => {
  await node.done(desk.supervisor, 'contact.merge', { id: goes, intoId: stays })
  await follow()
}
const part = async (on = node) => {
  await on.done(desk.supervisor, 'contact.unmerge', { id: goes })
  await on.done(engine.system, 'contact.continueUnmerge', {
    id: goes,
    fromId: stays,
    conversationIds: await conversations(),
  })
}
const placesOf = async (body: string): Promise<string[]> =>
  [...(await all('message.received')), ...(await all('message.mirrored'))]
    .filter(({ data }) => data.personal?.body === body)
    .map(({ stream }) => stream)
const liveTickets = async (): Promise<string[]> => {
  const live: string[] = []
  for (const { stream } of await all('ticket.opened')) {
    const { state } = await node.directory.state(ticketKind, { company: engine.companyId, id: idOf(stream) })
    if (!state.matches({ existing: 'closed' })) live.push(idOf(stream))
  }
  return live
}

/** A store whose first append of a fact of this type arrives only after something else was done. */
const late = (
  type: EventType,
  meanwhile: () => Promise<void>,
): EventStore & { readonly was: () => boolean } => {
  let done = false
  return {
    ...engine.store,
    shared: true,
    was: () => done,
    append: async (stream, expected, events): Promise<Appended> => {
      if (!done && events.some(event => event.type === type)) {
        done = true
        await meanwhile()
      }
      return engine.store.append(stream, expected, events)
    },
    close: () => Promise.resolve(),
  }
}

const closeAll = async () => {
  for (const id of await liveTickets()) await node.done(desk.supervisor, 'ticket.close', { id, silent: true })
}
const fromPhone = (id: string): InboundItem => {
  const item = text(id, [led])
  if (item.item !== 'message' || item.message.type !== 'message') throw new Error('not a message')
  return { ...item, message: { ...item.message, fromMe: true } }
}

const CASES: readonly {
  readonly name: string
  readonly at: EventType
  readonly item: () => InboundItem
  readonly before: () => Promise<void>
}[] = [
  {
    name: 'into a live ticket',
    at: 'message.received',
    item: () => text('late', [led]),
    before: () => Promise.resolve(),
  },
  { name: 'into a new ticket', at: 'message.received', item: () => text('late', [led]), before: closeAll },
  {
    name: 'with a claim for a ticket',
    at: 'conversation.ticketClaimed',
    item: () => text('late', [led]),
    before: closeAll,
  },
  { name: 'beside all tickets', at: 'message.mirrored', item: () => fromPhone('late'), before: closeAll },
  {
    name: 'of what was said before the link',
    at: 'message.received',
    item: () => text('late', [led], { history: true, sentAt: '2001-01-01T00:00:00.000Z' }),
    before: closeAll,
  },
]

for (const { name, at, item, before } of CASES) {
  test(`${name}: taken once, when they are parted before it is written`, async () => {
    await before()
    const store = late(at, part)
    await take([item()], engine.node('slow', store))
    expect(store.was()).toBe(true)
    expect(await placesOf('text late')).toHaveLength(1)
    await take([item()])
    await take([item()], engine.node('other', { ...engine.store, shared: true }))
    expect(await placesOf('text late')).toHaveLength(1)
  })

  test(`${name}: taken once, when they are parted and merged again before it is written`, async () => {
    await before()
    const store = late(at, async () => {
      await part()
      await merge()
    })
    await take([item()], engine.node('slow', store))
    await take([item()])
    expect(await placesOf('text late')).toHaveLength(1)
    await write('m9', led)
    await write('m10', stands)
    expect(await placesOf('text m9')).toEqual(await placesOf('text m10'))
  })
}

test('a live ticket that was closed and opened again meanwhile takes nothing under an older claim', async () => {
  const [live] = await liveTickets()
  const store = late('message.received', async () => {
    await node.done(desk.supervisor, 'ticket.close', { id: live, silent: true })
    await part()
    await write('m3', stands)
  })
  await take([text('late', [led])], engine.node('slow', store))
  await take([text('late', [led])])
  expect(await placesOf('text late')).toHaveLength(1)
  expect(await placesOf('text late')).not.toEqual(await placesOf('text m3'))
})

test('a process that dies at any step of a parting leaves something that the next message finishes', async () => {
  let steps = 0
  for (let dies = 1; ; dies++) {
    const dying = engine.node(
      `dying ${dies}`,
      faultyStore(engine.store, n => (n === dies ? 'crash' : undefined)),
    )
    const died = await part(dying).then(
      () => false,
      () => true,
    )
    await write(`s${dies}`, stands)
    if (dies > 1) await write(`g${dies}`, led)
    node = engine.node(`after ${dies}`, { ...engine.store, shared: true })
    if (!died) break
    steps++
    await merge()
  }
  expect(steps).toBeGreaterThan(2)
  const [mine, theirs] = [await placesOf('text g2'), await placesOf(`text g${steps + 1}`)]
  expect(mine).toHaveLength(1)
  expect(theirs).not.toEqual(await placesOf(`text s${steps + 1}`))
  expect(await all('deadLetter.recorded')).toEqual([])
})

test('an address that was learnt while they were one goes with whose it is', async () => {
  await write('m3', led, LEAVES_LATER)
  await part()
  await write('m4', LEAVES_LATER)
  await write('m5', led)
  await write('m6', stands)
  expect(await placesOf('text m4')).toEqual(await placesOf('text m5'))
  expect(await placesOf('text m4')).not.toEqual(await placesOf('text m6'))
})

test('of three that are one, one leaves, and what is under way from any is taken once', async () => {
  await write('m3', LEAVES_LATER)
  const last = await contactAt(LEAVES_LATER)
  await node.done(desk.supervisor, 'contact.merge', { id: last, intoId: goes })
  await node.done(engine.system, 'contact.continueMerge', {
    id: last,
    conversationIds: await conversations(),
  })
  for (const from of [ONE, OTHER, LEAVES_LATER]) {
    const item = text(`late ${from.value}`, [from])
    const store = late('message.received', () => part())
    await take([item], engine.node(`slow ${from.value}`, store))
    await take([item])
    expect(await placesOf(`text late ${from.value}`)).toHaveLength(1)
    await merge()
  }
})

test('what an agent wrote first under a key is not written a second time when the request comes again after a parting', async () => {
  await closeAll()
  const contactId = await contactAt(led)
  const open = (on: Node) =>
    on.done(desk.ana, 'ticket.open', { contactId, sessionId: desk.sessionId, body: 'Hello' }, { key: 'k1' })
  const first = await open(node)
  await part()
  const again = await open(engine.node('other', { ...engine.store, shared: true }))
  expect(again).toMatchObject({ id: first.id, duplicate: true })
  expect((await all('message.queued')).map(({ data }) => data.personal?.body)).toEqual(['Hello'])
})

test('what an agent writes first goes to whom they meant, when they are parted before it is written', async () => {
  await closeAll()
  const store = late('message.queued', () => part())
  const slow = engine.node('slow', store)
  const asked = { contactId: stays, sessionId: desk.sessionId, body: 'Hello' }
  const { id } = await slow.done(desk.ana, 'ticket.open', asked, { key: 'k1' })
  expect(store.was()).toBe(true)
  expect(await all('message.queued')).toHaveLength(1)
  await write('m9', ONE)
  await write('m10', OTHER)
  expect(await placesOf('text m9')).toEqual([`ticket-${engine.companyId}.${id}`])
  expect(await placesOf('text m10')).not.toEqual(await placesOf('text m9'))
})
