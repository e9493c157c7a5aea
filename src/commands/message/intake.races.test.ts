import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordedEvent } from '../../events/all.ts'
import { chainHash } from '../../eventstore/codec.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { faultyStore, type Fault } from '../../../test/support/faulty-store.ts'
import { bsuid, phone, text } from '../../../test/support/inbound.ts'

/** What must be true of any log, whatever happened at once and wherever it crashed. */
const CHATS = [[phone('5511987654321')], [phone('5511912345678'), bsuid('BR.2')]] as const
const RUNS = 12

type Place = Awaited<ReturnType<Engine['found']>>
type Log = { facts: readonly RecordedEvent[]; engine: Engine }
const ofType = <T extends RecordedEvent['type']>(facts: readonly RecordedEvent[], type: T) =>
  facts.filter((fact): fact is Extract<RecordedEvent, { type: T }> => fact.type === type)

const oneLiveTicketEach = ({ facts }: Log): void => {
  const live = new Map<string, string>()
  const conversationOf = new Map<string, string>()
  for (const fact of facts) {
    if (fact.type === 'ticket.opened') conversationOf.set(fact.stream, fact.data.conversationId)
    const conversation = conversationOf.get(fact.stream) ?? ''
    if (fact.type === 'ticket.opened' || fact.type === 'ticket.reopened') {
      expect(live.get(conversation), 'a second live ticket').toBeUndefined()
      live.set(conversation, fact.stream)
    }
    if (fact.type === 'ticket.closed') live.delete(conversation)
  }
}

const eachMessageOnce = ({ facts }: Log, ids: readonly string[]): void => {
  const received = ofType(facts, 'message.received').map(fact => fact.data.personal?.providerMessageId)
  expect(new Set(received)).toEqual(new Set(ids))
  expect(received).toHaveLength(new Set(ids).size)
}

const oneOwnerAtATime = ({ facts }: Log): void => {
  const owner = new Map<string, string | null>()
  for (const fact of facts) {
    if (fact.type === 'ticket.accepted') {
      expect(owner.get(fact.stream) ?? null, 'accepted twice').toBeNull()
      owner.set(fact.stream, fact.data.userId)
    }
    if (fact.type === 'ticket.closed' || fact.type === 'ticket.returned') owner.set(fact.stream, null)
  }
}

const unbrokenChains = async ({ engine }: Log): Promise<void> => {
  const last = new Map<string, string>()
  const ids = new Set<string>()
  for (const { stream, id, type, data, metadata } of await engine.events()) {
    expect(metadata['prev'], `${stream}: ${type}`).toBe(last.get(stream) ?? '')
    last.set(stream, chainHash({ id, type, data, metadata }))
    expect(ids.has(id), `an id twice: ${type}`).toBe(false)
    ids.add(id)
  }
}

const invariants = async (engine: Engine, ids: readonly string[]): Promise<readonly RecordedEvent[]> => {
  const log = { engine, facts: await engine.facts() }
  expect(ofType(log.facts, 'deadLetter.recorded').map(letter => letter.data.reason)).toEqual([])
  oneLiveTicketEach(log)
  eachMessageOnce(log, ids)
  oneOwnerAtATime(log)
  await unbrokenChains(log)
  return log.facts
}

const ticketsOf = async (engine: Engine): Promise<string[]> =>
  ofType(await engine.facts('ticket-'), 'ticket.opened').map(fact => fact.stream.split('.')[1]!)

type Step =
  | { readonly do: 'write'; readonly chat: number; readonly id: number; readonly node: number }
  | { readonly do: 'accept' | 'close'; readonly who: 'ana' | 'bob' | 'supervisor'; readonly node: number }
const nodes = fc.nat(1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('write' as const), chat: fc.nat(1), id: fc.nat(7), node: nodes }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('accept' as const, 'close' as const),
      who: fc.constantFrom('ana' as const, 'bob' as const, 'supervisor' as const),
      node: nodes,
    }),
  },
)

const nameOf = (chat: number, id: number): string => `c${chat}-m${id}`
const carryOut = async (engine: Engine, place: Place, all: readonly Node[], told: Step): Promise<void> => {
  const node = all[told.node]!
  if (told.do === 'write') {
    const item = text(nameOf(told.chat, told.id), CHATS[told.chat]!)
    return node.intake.take(engine.companyId, place.sessionId, [item])
  }
  for (const id of await ticketsOf(engine)) await node.ask(place[told.who], `ticket.${told.do}`, { id })
}

test('two nodes over one log, whatever they do at once: one live ticket, each message once, one owner', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 4 }),
      async rounds => {
        const engine = await openEngine()
        try {
          const place = await engine.found()
          const shared = faultyStore(engine.store, () => undefined, true)
          const both = [engine.node('a', shared), engine.node('b', shared)]
          for (const round of rounds)
            await Promise.all(round.map(told => carryOut(engine, place, both, told)))
          const ids = rounds.flat().flatMap(told => (told.do === 'write' ? [nameOf(told.chat, told.id)] : []))
          await invariants(engine, ids)
        } finally {
          await engine.close()
        }
      },
    ),
    { numRuns: RUNS },
  )
})

test('two nodes, twenty first messages each, the same ones: one ticket, in the order of the chat', async () => {
  const engine = await openEngine()
  try {
    const place = await engine.found()
    const shared = faultyStore(engine.store, () => undefined, true)
    const both = [engine.node('a', shared), engine.node('b', shared)]
    const ids = Array.from({ length: 20 }, (_, i) => `m${i}`)
    await Promise.all(
      both.map(node =>
        node.intake.take(
          engine.companyId,
          place.sessionId,
          ids.map(id => text(id, CHATS[0])),
        ),
      ),
    )
    const facts = await invariants(engine, ids)
    expect(ofType(facts, 'ticket.opened')).toHaveLength(1)
    const order = ofType(facts, 'message.received').map(fact => fact.data.personal?.providerMessageId)
    expect(order).toEqual(ids)
    const [id] = await ticketsOf(engine)
    const answers = await Promise.all([
      both[0]!.ask(place.ana, 'ticket.accept', { id }),
      both[1]!.ask(place.bob, 'ticket.accept', { id }),
    ])
    const refusals = answers.filter(answer => 'refused' in answer)
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).toMatchObject({ refused: 'ticket-taken' })
  } finally {
    await engine.close()
  }
})

/** A process that dies before its n-th append, again and again; the provider delivers until it is told "received". */
test('wherever it crashes and whatever answers are lost: after redelivery everything is there once', async () => {
  const fault = fc.constantFrom<Fault>('crash', 'lost', undefined, undefined, undefined)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 30 }),
      fc.array(fc.record({ chat: fc.nat(1), id: fc.nat(4), close: fc.boolean() }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (faults, deliveries) => {
        const engine = await openEngine()
        try {
          const place = await engine.found()
          const told = [...faults]
          const revive = (): Node =>
            engine.node(
              'only',
              faultyStore(engine.store, () => told.shift()),
            )
          let node = revive()
          const untilDone = async (task: () => Promise<unknown>): Promise<void> => {
            for (;;) {
              try {
                return void (await task())
              } catch {
                node = revive()
              }
            }
          }
          for (const { chat, id, close } of deliveries) {
            const item = text(nameOf(chat, id), CHATS[chat]!)
            await untilDone(() => node.intake.take(engine.companyId, place.sessionId, [item]))
            if (!close) continue
            for (const ticket of await ticketsOf(engine))
              await untilDone(() => node.ask(place.supervisor, 'ticket.close', { id: ticket }))
          }
          await invariants(
            engine,
            deliveries.map(({ chat, id }) => nameOf(chat, id)),
          )
        } finally {
          await engine.close()
        }
      },
    ),
    { numRuns: RUNS },
  )
})

test('a node that does not know of the ticket yet puts nothing beside it that opens none by itself', async () => {
  const engine = await openEngine()
  try {
    const place = await engine.found()
    const shared = faultyStore(engine.store, () => undefined, true)
    const [knows, behind] = [engine.node('a', shared), engine.node('b', shared)] as const
    const take = (node: Node, ...items: Parameters<Node['intake']['take']>[2]) =>
      node.intake.take(engine.companyId, place.sessionId, items)
    const sticker = text('sticker', CHATS[0], { kind: 'sticker' })
    await take(behind, text('from-the-phone', CHATS[0], { fromMe: true }))
    await take(knows, text('hello', CHATS[0]), sticker)
    await take(behind, sticker, text('also-from-the-phone', CHATS[0], { fromMe: true }))
    const facts = await invariants(engine, ['hello', 'sticker'])
    const [first, second] = ofType(facts, 'message.mirrored').map(fact => fact.stream.split('-')[0])
    expect([first, second]).toEqual(['conversation', 'ticket'])
  } finally {
    await engine.close()
  }
})
