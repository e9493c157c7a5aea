import type { DecidedFact } from '../../src/actors/aggregate.ts'
import type { Directory } from '../../src/actors/directory.ts'
import { isRefusal, type Door } from '../../src/commands/define.ts'
import { StoreUnavailable, type EventStore } from '../../src/eventstore/port.ts'
import type { SeedOptions } from './run-seed.ts'

/** Mistakes that an engine of this kind could have, each switched in from outside; the simulation has to notice them. */

type Decision = { readonly kind: string; readonly state: unknown; readonly facts: unknown }

/** Changes what actors are shown and what they decide. */
const tampered =
  (see: (kind: string, state: object) => object, say: (decision: Decision) => unknown) =>
  (directory: Directory): Directory => ({
    ...directory,
    transact: (kind, address, transaction) =>
      directory.transact(kind, address, {
        ...transaction,
        decide: (state, at) =>
          say({
            kind: kind.type,
            state,
            facts: transaction.decide(see(kind.type, state) as typeof state, at),
          }) as ReturnType<typeof transaction.decide>,
      }),
    state: async (kind, address, freshMs) => {
      const { state, revision } = await directory.state(kind, address, freshMs)
      return { state: see(kind.type, state) as typeof state, revision }
    },
  })

const asSeen = (_: string, state: object): object => state
const asSaid = ({ facts }: Decision): unknown => facts
const isFacts = (said: unknown): said is readonly DecidedFact[] => Array.isArray(said)

/** A snapshot whose chart goes on as before, with another context. */
const withContext = (state: object, changes: object): object =>
  Object.assign(Object.create(Object.getPrototypeOf(state) as object) as object, state, {
    context: { ...(state as { context: object }).context, ...changes },
  })

const knowsNoMessages = (kind: string, state: object): object =>
  kind === 'ticket' || kind === 'conversation' ? withContext(state, { received: {} }) : state

const forgetsIds = ({ facts }: Decision): unknown =>
  isFacts(facts)
    ? facts.map(fact =>
        fact.type === 'conversation.ticketReleased'
          ? { ...fact, data: { ...fact.data, messageIds: [] } }
          : fact,
      )
    : facts

const seesNoClaim = (kind: string, state: object): object =>
  kind === 'conversation' ? withContext(state, { live: null }) : state

const takesSilenceForYes = (store: EventStore): EventStore => ({
  ...store,
  append: async (stream, expected, events) => {
    try {
      return await store.append(stream, expected, events)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      const before = typeof expected === 'number' ? expected : -1
      return { revision: before + events.length, position: (await store.head())! }
    }
  },
})

const sendsWithoutAsking = (door: Door): Door => ({
  ask: async (who, command, input, options) => {
    if (command !== 'message.startSending') return door.ask(who, command, input, options)
    const { messageId: id } = input as { messageId: string }
    return { id, revision: 0, position: null, duplicate: false }
  },
})

const saysSentWhenUnknown = (door: Door): Door => ({
  ask: (who, command, input, options) => {
    const asked = input as { result?: { outcome: string } }
    const unknown = command === 'message.recordOutcome' && asked.result?.outcome === 'unknown'
    const result = { outcome: 'refused', reason: 'surely not sent', retryable: true }
    return door.ask(who, command, unknown ? { ...asked, result } : input, options)
  },
})

const answersAfterFailure = (door: Door): Door => ({
  ask: async (who, command, input, options) => {
    const answer = await door.ask(who, command, input, options)
    const away = isRefusal(answer) && answer.refused === 'store-unavailable'
    return away && command === 'message.receive'
      ? { id: '', revision: 0, position: null, duplicate: true }
      : answer
  },
})

/** What is broken, and the rule by which it is noticed (others may be broken with it). */
type Mistake = { readonly options: SeedOptions; readonly breaks: string }

export const MUTATIONS: Readonly<Record<string, Mistake>> = {
  'a store that does not look at the expected revision': {
    options: { carelessLog: true },
    breaks: 'the hash chain is whole',
  },
  'an intake that does not look for duplicates': {
    options: { sabotage: { directory: tampered(knowsNoMessages, asSaid) } },
    breaks: 'a message stands in the log once',
  },
  'a release that forgets the ids of its messages': {
    options: { sabotage: { directory: tampered(asSeen, forgetsIds) } },
    breaks: 'a message stands in the log once',
  },
  'a conversation that does not see that it is claimed': {
    options: { sabotage: { directory: tampered(seesNoClaim, asSaid) } },
    breaks: 'what was acknowledged is durable',
  },
  'an append without an answer that is taken for done': {
    options: { sabotage: { store: takesSilenceForYes } },
    breaks: 'what was acknowledged is durable',
  },
  'a send that was not written down first': {
    options: { sabotage: { door: sendsWithoutAsking } },
    breaks: 'a try reaches the wire once',
  },
  'an unknown outcome that is taken for "not sent"': {
    options: { sabotage: { door: saysSentWhenUnknown } },
    breaks: 'what may have been sent is not sent again by itself',
  },
  'an acknowledgement before the store has said yes': {
    options: {
      sabotage: {
        intake: intake => ({
          ...intake,
          take: async (...asked) => void intake.take(...asked).catch(() => undefined),
        }),
      },
    },
    breaks: 'what was acknowledged is durable',
  },
  'an acknowledgement although the store was away': {
    options: { sabotage: { door: answersAfterFailure } },
    breaks: 'what was acknowledged is durable',
  },
}
