import type { DomainEvent } from '../events/all.ts'
import type { FactMeta } from '../events/define.ts'
import { chainHash, encode, type DataKeys, type SealedFact, UndecodableEvent } from '../eventstore/codec.ts'
import { ErasedSubject } from '../shared/erased.ts'
import {
  StoreUnavailable,
  WrongExpectedRevision,
  type Appended,
  type EventStore,
  type NewEvent,
  type Position,
  type StoredEvent,
} from '../eventstore/port.ts'
import { streamName, type Address } from '../eventstore/streams.ts'
import { isoNow, pause, type Clock } from '../shared/clock.ts'
import { failPoint } from '../shared/fail-point.ts'
import { derivedId } from '../shared/ids.ts'
import { isLineDown } from '../shared/line-down.ts'
import type { Log } from '../shared/log.ts'
import type { RandomBytes } from '../shared/random.ts'
import type { BaseContext, Kind, StateOf } from './kind.ts'
import { UnexplainedFact, type Live, type Standing } from './live.ts'
import { createMailbox, type Load } from './mailbox.ts'
import { readTail, revive } from './revive.ts'
import type { SnapshotKeeper } from './snapshot-keeper.ts'
import type { Supervision } from './supervision.ts'
import { ACTOR_BYTES, weightOf } from './weight.ts'

/**
 * One actor at work: a mailbox that holds commands during an append, then for each of them
 *
 *   revive ─▶ decide (pure) ─▶ append with expected revision ─▶ evolve ─▶ answer
 *                ▲                       │ somebody else was first
 *                └──── read the tail ◀───┘
 *
 * An append whose outcome is unknown freezes the actor: it repeats the identical append until the store says yes or
 * "wrong revision", and decides nothing before. An actor that fails by itself is forgotten and revived from the log,
 * and quarantined when that does not help (`supervision`).
 */

/** A fact as `decide` makes it. `subject`: whose key seals its personal part. */
export type DecidedFact = DomainEvent & { readonly subject?: string }

export type Cause = {
  readonly actor: FactMeta['actor']
  readonly commandId: string
  readonly commandHash?: string | undefined
  readonly correlationId: string
  readonly causationId?: string | undefined
  readonly rule?: string | undefined
}

export type Transaction<K extends Kind, Refusal extends object> = {
  readonly cause: Cause
  /** Counts the decisions of one command on one stream. Only the first may be answered from the commands remembered. */
  readonly step: number
  /** The revision that the asker saw, and the lifecycle facts that must not have come since. */
  readonly ifMatch?:
    | {
        readonly revision: number
        readonly conflictsWith: readonly string[]
        /** Whether the asker may learn who was first; otherwise `decide` answers alone. Default: yes. */
        readonly mayKnow?: ((state: StateOf<K>) => boolean) | undefined
      }
    | undefined
  /** Facts to append (none: nothing to do), or a refusal. Pure; may run more than once. `at`: now, ISO 8601. */
  readonly decide: (state: StateOf<K>, at: string) => readonly DecidedFact[] | Refusal
}

export type Outcome<K extends Kind, Refusal> =
  | {
      readonly outcome: 'done'
      readonly revision: number
      /** `null`: nothing had to be appended. */
      readonly position: Position | null
      readonly duplicate: boolean
      readonly state: StateOf<K>
    }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  | { readonly outcome: 'conflict'; readonly with: BaseContext['lifecycle'][number] }
  | { readonly outcome: 'reused-key' }

export type AggregateTools = {
  readonly store: EventStore
  readonly keys: DataKeys
  readonly clock: Clock
  readonly log: Log
  /** Ends the repeating of appends with an unknown outcome, and tells everybody who still waits. */
  readonly stop: AbortSignal
  readonly observe?: EngineObserver | undefined
  /**
   * Goes into the ids of facts where several processes write one log (unique per process), empty otherwise. Two nodes
   * that decide the same command write other bytes (time, nonce); with equal ids EventStoreDB would tell the slower one
   * that its append was done, and its chain would no longer be that of the log. See docs/decisions/0012.
   */
  readonly writer?: string | undefined
  /** Makes the nonces of what is sealed. Default: the system's chance. */
  readonly random?: RandomBytes | undefined
}

export type EngineObserver = {
  appended(seconds: number): void
  commanded(seconds: number): void
  /** An actor came back: from a snapshot and the facts after it, or from all of its log. */
  revived(type: Address['type'], from: 'log' | 'snapshot'): void
  /** An actor failed and will be revived. */
  restarted(type: Address['type']): void
}

/** What the actors of one process have in common. */
export type Household = {
  readonly load: Load
  readonly supervision: Supervision
  readonly snapshots: SnapshotKeeper
  /** An actor has nothing to do at the moment. */
  settled(stream: string): void
}

/**
 * A snapshot is offered when so many facts have come since the last, or this share of all facts where that is more: a
 * revival replays half as many, and what is written grows no faster than the stream (docs/decisions/0014).
 */
export const SNAPSHOT_EVERY_FACTS = 100
const SNAPSHOT_EVERY_SHARE = 0.02
const snapshotAfter = (revision: number): number =>
  Math.max(SNAPSHOT_EVERY_FACTS, revision * SNAPSHOT_EVERY_SHARE)

/** Putting to sleep somebody who has this many facts since the last snapshot is worth one. */
export const SNAPSHOT_ASLEEP_FACTS = 20
/** An actor is weighed again when its stream has grown by so many facts. */
const WEIGH_EVERY_FACTS = 16
const CONFLICTS_MAX = 50
const REPEAT_MS_MIN = 100
const REPEAT_MS_MAX = 5_000

/** Others wrote to the stream each time before this process could: nothing of the command was written. */
export class Contended extends Error {
  constructor(stream: string) {
    super(`${stream}: ${CONFLICTS_MAX} conflicts in a row`)
    this.name = 'Contended'
  }
}

/** A failure of what the actor stands on, not of the actor. */
class Outside extends Error {
  readonly error: unknown
  constructor(error: unknown) {
    super('from outside')
    this.error = error
  }
}
const outside = async <T>(asked: Promise<T>): Promise<T> => {
  try {
    return await asked
  } catch (error) {
    throw new Outside(error)
  }
}
const outsideEach = async function* <T>(asked: AsyncIterable<T>): AsyncGenerator<T> {
  const items = asked[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await outside(items.next())
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await items.return?.()
  }
}
const within = (error: unknown): unknown => (error instanceof Outside ? error.error : error)

/**
 * What an actor remembers from one command to the next. All else that it works with is made when it has something to
 * do: who only sits awake takes no more than this.
 */
export type Remembered = {
  live: Live | null
  verifiedAt: number
  /** Of the latest snapshot. */
  keptRevision: number
  trustSnapshots: boolean
  weighedRevision: number
  weight: number
}

/** About how many bytes it takes while it is awake. */
export const bytesOf = (own: Remembered): number => {
  if (!own.live) return ACTOR_BYTES
  const revision = own.live.revision()
  if (revision < own.weighedRevision || revision >= own.weighedRevision + WEIGH_EVERY_FACTS) {
    own.weighedRevision = revision
    own.weight = weightOf(own.live.snapshot())
  }
  return own.weight
}

const keep = (own: Remembered, actor: Live, factsMin: number, offer: (standing: () => Standing) => void) => {
  if (actor.revision() - own.keptRevision < factsMin) return
  own.keptRevision = actor.revision()
  offer(actor.standing())
}

/** It is put to sleep: what is worth keeping of it is offered for keeping. */
export const retire = (own: Remembered, kind: Kind, stream: string, snapshots: SnapshotKeeper): void => {
  if (own.live)
    keep(own, own.live, SNAPSHOT_ASLEEP_FACTS, standing => snapshots.offer(kind, stream, standing))
}

export type Aggregate<K extends Kind> = {
  transact<R extends object>(transaction: Transaction<K, R>): Promise<Outcome<K, R>>
  /** The state as it is now; in a shared store, read again unless it was verified within `freshMs`. */
  state(freshMs: number): Promise<{ state: StateOf<K>; revision: number }>
  readonly idle: () => boolean
}

export const createAggregate = <K extends Kind>(
  kind: K,
  address: Address,
  tools: AggregateTools,
  household: Household,
  own: Remembered,
): Aggregate<K> => {
  const { store, keys, clock, log, stop } = tools
  const { supervision, snapshots } = household
  const stream = streamName(address)
  const mailbox = createMailbox({
    stream,
    clock,
    load: household.load,
    stop,
    settled: () => household.settled(stream),
  })

  const eventsFrom = (from: number): AsyncIterable<StoredEvent> =>
    outsideEach(store.readStream(stream, { from }))

  /** Takes in what came from elsewhere. */
  const catchUp = async (actor: Live): Promise<readonly string[]> => {
    const ids = await readTail(actor, eventsFrom(actor.revision() + 1))
    own.verifiedAt = clock.monotonic()
    return ids
  }

  const keepAfter = (actor: Live): void =>
    keep(own, actor, snapshotAfter(actor.revision()), standing => snapshots.offer(kind, stream, standing))

  const awaken = async (): Promise<Live> => {
    if (own.live) return own.live
    const { actor, from, kept } = await revive(kind, stream, {
      kept: own.trustSnapshots ? await snapshots.find(kind, stream) : null,
      read: (_, revision) => eventsFrom(revision),
      isOutside: error => error instanceof Outside,
      distrusted: why =>
        log.warn({ stream, err: why }, 'a snapshot does not fit its log; all of it is replayed'),
    })
    own.verifiedAt = clock.monotonic()
    tools.observe?.revived(address.type, from)
    own.keptRevision = kept
    own.trustSnapshots = true
    own.live = actor
    keepAfter(actor)
    return actor
  }

  const stateOf = (actor: Live): StateOf<K> => actor.snapshot() as StateOf<K>

  /** A vault that cannot be reached is like a store that cannot: nothing is written, and whoever asked may ask again. */
  const keyFor = async (subject: string): Promise<Buffer> => {
    try {
      return await keys.ensure(address.company, subject)
    } catch (error) {
      if (!isLineDown(error)) throw error
      throw new StoreUnavailable(`${stream}: the key of a person cannot be had: ${String(error)}`, {
        cause: error,
      })
    }
  }

  /** Facts in the form in which they are stored, chained to what is there. */
  const toEvents = async (
    actor: Live,
    facts: readonly DecidedFact[],
    at: string,
    { cause }: Pick<Transaction<K, object>, 'cause'>,
  ): Promise<{ events: readonly NewEvent[]; hashes: readonly string[] }> => {
    const events: NewEvent[] = []
    const hashes: string[] = []
    let prev = actor.hash()
    for (const [index, { subject, ...fact }] of facts.entries()) {
      const id = derivedId<string>(cause.commandId, stream, actor.revision(), index, tools.writer ?? '')
      const key = subject ? await outside(keyFor(subject)) : null
      const meta = {
        companyId: address.company,
        actor: cause.actor,
        at,
        commandId: cause.commandId,
        commandHash: cause.commandHash,
        correlationId: cause.correlationId,
        causationId: cause.causationId,
        rule: cause.rule,
        subject,
        prev,
      }
      const event = encode(fact as DomainEvent, id, meta, key, tools.random)
      prev = chainHash(event)
      events.push(event)
      hashes.push(prev)
    }
    return { events, hashes }
  }

  /** Repeats the identical append until its outcome is known. */
  const appendUntilKnown = async (expected: number, events: readonly NewEvent[]): Promise<Appended> => {
    for (let wait = REPEAT_MS_MIN; ; wait = Math.min(wait * 2, REPEAT_MS_MAX)) {
      const began = clock.monotonic()
      try {
        const appended = await store.append(stream, expected < 0 ? 'none' : expected, events)
        tools.observe?.appended((clock.monotonic() - began) / 1000)
        return appended
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || stop.aborted) throw error
        log.warn({ stream, err: error }, 'append without an answer: repeating it')
        await pause(clock, wait, stop)
        if (stop.aborted) throw error
      }
    }
  }

  const lifecycleAfter = (state: StateOf<K>, ifMatch: NonNullable<Transaction<K, object>['ifMatch']>) =>
    contextOf(state).lifecycle.find(
      fact => fact.revision > ifMatch.revision && ifMatch.conflictsWith.includes(fact.type),
    )

  /** One try: either an outcome, or `again` after somebody else's facts were taken in. */
  const attempt = async <R extends object>(
    actor: Live,
    transaction: Transaction<K, R>,
    fresh: boolean,
  ): Promise<Outcome<K, R> | 'again'> => {
    const state = stateOf(actor)
    const { cause, ifMatch } = transaction
    // Later decisions of a command on the same stream are told apart by what the state says, not by its id.
    const known =
      transaction.step === 0 && contextOf(state).commands.find(command => command.id === cause.commandId)
    if (known) {
      if (known.hash !== cause.commandHash) return { outcome: 'reused-key' }
      return { outcome: 'done', revision: known.revision, position: null, duplicate: true, state }
    }
    const conflict = ifMatch && (ifMatch.mayKnow?.(state) ?? true) && lifecycleAfter(state, ifMatch)
    if (conflict) return { outcome: 'conflict', with: conflict }
    const at = isoNow(clock)
    const decision = transaction.decide(state, at)
    if (!Array.isArray(decision)) {
      if (!fresh && (await catchUp(actor)).length > 0) return 'again'
      return { outcome: 'refused', refusal: decision as R }
    }
    const facts = decision as readonly DecidedFact[]
    if (facts.length === 0) {
      if (!fresh && (await catchUp(actor)).length > 0) return 'again'
      return {
        outcome: 'done',
        revision: actor.revision(),
        position: null,
        duplicate: true,
        state: stateOf(actor),
      }
    }
    return append(actor, facts, at, transaction)
  }

  const append = async <R extends object>(
    actor: Live,
    facts: readonly DecidedFact[],
    at: string,
    transaction: Transaction<K, R>,
  ): Promise<Outcome<K, R> | 'again'> => {
    const expected = actor.revision()
    const { events, hashes } = await toEvents(actor, facts, at, transaction)
    const sealed = events.map((event, index) => sealedFact(event, expected + 1 + index))
    const illegal = actor.firstIllegal(sealed)
    if (illegal) throw new UnexplainedFact(stream, illegal.revision, illegal.type, actor.snapshot().value)
    let appended: Appended
    try {
      appended = await outside(appendUntilKnown(expected, events))
    } catch (error) {
      if (!(within(error) instanceof WrongExpectedRevision)) throw error
      const ids = await catchUp(actor)
      // An earlier try whose answer was lost may be what stands there.
      if (!ids.includes(events[0]!.id)) return 'again'
      return {
        outcome: 'done',
        revision: actor.revision(),
        position: null,
        duplicate: true,
        state: stateOf(actor),
      }
    }
    failPoint('log.appended')
    own.verifiedAt = clock.monotonic()
    for (const [index, event] of events.entries())
      actor.evolve({ ...event, revision: expected + 1 + index, position: appended.position }, hashes[index])
    keepAfter(actor)
    return {
      outcome: 'done',
      revision: appended.revision,
      position: appended.position,
      duplicate: false,
      state: stateOf(actor),
    }
  }

  const carryOut = async <R extends object>(transaction: Transaction<K, R>): Promise<Outcome<K, R>> => {
    const justRead = own.live === null
    const actor = await awaken()
    for (let tries = 0; tries < CONFLICTS_MAX; tries++) {
      const outcome = await attempt(actor, transaction, !store.shared || (justRead && tries === 0))
      if (outcome !== 'again') return outcome
    }
    throw new Outside(new Contended(stream))
  }

  /** One task of the mailbox. Whatever goes wrong, what is in memory is not to be trusted any more. */
  const guarded =
    <T>(task: () => Promise<T>) =>
    async (): Promise<T> => {
      supervision.check(stream)
      try {
        return await task()
      } catch (error) {
        own.live = null
        if (error instanceof Outside) throw error.error
        own.trustSnapshots = false
        // Nothing is wrong with it: it is this release that is too old, or its person who is gone.
        if (error instanceof ErasedSubject || (error instanceof UndecodableEvent && error.newer)) throw error
        supervision.failed(kind, address, error)
        throw error
      }
    }

  return {
    transact: async transaction => {
      const began = clock.monotonic()
      const outcome = await mailbox.put(guarded(() => carryOut(transaction)))
      tools.observe?.commanded((clock.monotonic() - began) / 1000)
      return outcome
    },
    state: async freshMs => {
      const fresh = (): boolean => !store.shared || clock.monotonic() - own.verifiedAt < freshMs
      const { live } = own
      if (live && mailbox.idle() && fresh()) return { state: stateOf(live), revision: live.revision() }
      return mailbox.put(
        guarded(async () => {
          const known = own.live !== null
          const actor = await awaken()
          if (known && store.shared && !fresh()) await catchUp(actor)
          return { state: stateOf(actor), revision: actor.revision() }
        }),
      )
    },
    idle: mailbox.idle,
  }
}

const contextOf = (state: { context: unknown } | object): BaseContext =>
  (state as { context: BaseContext }).context

const sealedFact = (event: NewEvent, revision: number): SealedFact => ({
  type: event.type as SealedFact['type'],
  data: event.data,
  meta: event.metadata as unknown as FactMeta,
  id: event.id,
  revision,
  position: '',
})
