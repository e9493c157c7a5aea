import type { DomainEvent } from '../events/all.ts'
import type { FactMeta } from '../events/define.ts'
import { chainHash, encode, type DataKeys, type SealedFact } from '../eventstore/codec.ts'
import {
  StoreUnavailable,
  WrongExpectedRevision,
  type Appended,
  type EventStore,
  type NewEvent,
  type Position,
} from '../eventstore/port.ts'
import { streamName, type Address } from '../eventstore/streams.ts'
import { isoNow, pause, type Clock } from '../shared/clock.ts'
import { derivedId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { BaseContext, Kind, StateOf } from './kind.ts'
import { createLive, UnexplainedFact, type Live } from './live.ts'

/**
 * One actor at work: a mailbox that holds commands during an append, then for each of them
 *
 *   revive ─▶ decide (pure) ─▶ append with expected revision ─▶ evolve ─▶ answer
 *                ▲                       │ somebody else was first
 *                └──── read the tail ◀───┘
 *
 * An append whose outcome is unknown freezes the actor: it repeats the identical append until the store says yes or
 * "wrong revision", and decides nothing before.
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
  /** Ends the repeating of appends with an unknown outcome. */
  readonly stop: AbortSignal
  readonly observe?: EngineObserver | undefined
  /**
   * Goes into the ids of facts where several processes write one log (unique per process), empty otherwise. Two nodes
   * that decide the same command write other bytes (time, nonce); with equal ids EventStoreDB would tell the slower one
   * that its append was done, and its chain would no longer be that of the log. See docs/decisions/0012.
   */
  readonly writer?: string | undefined
}

export type EngineObserver = {
  appended(seconds: number): void
  commanded(seconds: number): void
  revived(): void
}

/** The mailbox is full: the caller has to slow down. */
export class MailboxFull extends Error {
  constructor(stream: string) {
    super(`${stream} has ${MAILBOX_COMMANDS_MAX} commands waiting`)
    this.name = 'MailboxFull'
  }
}

export const MAILBOX_COMMANDS_MAX = 1_000
/** After this long a caller is told `StoreUnavailable`; the actor itself keeps trying to learn the outcome. */
export const COMMAND_SECONDS_MAX = 10
const CONFLICTS_MAX = 50
const REPEAT_MS_MIN = 100
const REPEAT_MS_MAX = 5_000

export type Aggregate<K extends Kind> = {
  transact<R extends object>(transaction: Transaction<K, R>): Promise<Outcome<K, R>>
  /** The state as it is now; in a shared store, read again unless it was verified within `freshMs`. */
  state(freshMs: number): Promise<{ state: StateOf<K>; revision: number }>
  readonly idle: () => boolean
  /** Commands in the mailbox. */
  readonly waiting: () => number
}

export const createAggregate = <K extends Kind>(
  kind: K,
  address: Address,
  tools: AggregateTools,
): Aggregate<K> => {
  const { store, keys, clock, log, stop } = tools
  const stream = streamName(address)
  let live: Live | null = null
  let verifiedAt = Number.NEGATIVE_INFINITY
  const mailbox: (() => Promise<void>)[] = []
  let working = false

  const readTail = async (actor: Live): Promise<readonly string[]> => {
    const ids: string[] = []
    const from = actor.revision() + 1
    for await (const event of store.readStream(stream, { from })) {
      actor.evolve(event)
      ids.push(event.id)
    }
    verifiedAt = clock.monotonic()
    return ids
  }

  const revive = async (): Promise<Live> => {
    if (live) return live
    const actor = createLive(kind, stream)
    await readTail(actor)
    tools.observe?.revived()
    live = actor
    return actor
  }

  const stateOf = (actor: Live): StateOf<K> => actor.snapshot() as StateOf<K>

  /** Facts in the form in which they are stored, chained to what is there. */
  const toEvents = async (
    actor: Live,
    facts: readonly DecidedFact[],
    at: string,
    { cause }: Pick<Transaction<K, object>, 'cause'>,
  ): Promise<NewEvent[]> => {
    const events: NewEvent[] = []
    let prev = actor.hash()
    for (const [index, { subject, ...fact }] of facts.entries()) {
      const id = derivedId<string>(cause.commandId, stream, actor.revision(), index, tools.writer ?? '')
      const key = subject ? await keys.ensure(address.company, subject) : null
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
      const event = encode(fact as DomainEvent, id, meta, key)
      prev = chainHash(event)
      events.push(event)
    }
    return events
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
      if (!fresh && (await readTail(actor)).length > 0) return 'again'
      return { outcome: 'refused', refusal: decision as R }
    }
    const facts = decision as readonly DecidedFact[]
    if (facts.length === 0) {
      if (!fresh && (await readTail(actor)).length > 0) return 'again'
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
    const events = await toEvents(actor, facts, at, transaction)
    const sealed = events.map((event, index) => sealedFact(event, expected + 1 + index))
    const illegal = actor.firstIllegal(sealed)
    if (illegal) throw new UnexplainedFact(stream, illegal.revision, illegal.type, actor.snapshot().value)
    let appended: Appended
    try {
      appended = await appendUntilKnown(expected, events)
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error
      const ids = await readTail(actor)
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
    verifiedAt = clock.monotonic()
    for (const [index, event] of events.entries())
      actor.evolve({ ...event, revision: expected + 1 + index, position: appended.position })
    return {
      outcome: 'done',
      revision: appended.revision,
      position: appended.position,
      duplicate: false,
      state: stateOf(actor),
    }
  }

  const carryOut = async <R extends object>(transaction: Transaction<K, R>): Promise<Outcome<K, R>> => {
    const justRead = live === null
    const actor = await revive()
    for (let tries = 0; tries < CONFLICTS_MAX; tries++) {
      const outcome = await attempt(actor, transaction, !store.shared || (justRead && tries === 0))
      if (outcome !== 'again') return outcome
    }
    throw new Error(`${stream}: ${CONFLICTS_MAX} conflicts in a row`)
  }

  const work = async (): Promise<void> => {
    working = true
    for (let task = mailbox.shift(); task; task = mailbox.shift()) await task()
    working = false
  }

  /** Queues a task; the caller waits for it, but not for ever. A task whose caller has gone before it began is dropped. */
  const enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    if (mailbox.length >= MAILBOX_COMMANDS_MAX) return Promise.reject(new MailboxFull(stream))
    return new Promise<T>((resolve, reject) => {
      let gone = false
      const cancel = clock.after(COMMAND_SECONDS_MAX * 1000, () => {
        gone = true
        reject(new StoreUnavailable(`${stream}: no answer within ${COMMAND_SECONDS_MAX} s`))
      })
      mailbox.push(async () => {
        if (gone) return
        try {
          resolve(await task())
        } catch (error) {
          // Whatever went wrong, what is in memory is not to be trusted: the next command revives from the log.
          live = null
          reject(error as Error)
        } finally {
          cancel()
        }
      })
      if (!working) void work()
    })
  }

  return {
    transact: async transaction => {
      const began = clock.monotonic()
      const outcome = await enqueue(() => carryOut(transaction))
      tools.observe?.commanded((clock.monotonic() - began) / 1000)
      return outcome
    },
    state: async freshMs => {
      const current = (): { state: StateOf<K>; revision: number } => ({
        state: stateOf(live!),
        revision: live!.revision(),
      })
      if (live && !working && (!store.shared || clock.monotonic() - verifiedAt <= freshMs)) return current()
      return enqueue(async () => {
        const known = live !== null
        const actor = await revive()
        if (known && store.shared && clock.monotonic() - verifiedAt > freshMs) await readTail(actor)
        return { state: stateOf(actor), revision: actor.revision() }
      })
    },
    idle: () => !working && mailbox.length === 0,
    waiting: () => mailbox.length,
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
