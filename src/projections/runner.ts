import type { RecordedEvent } from '../events/all.ts'
import type { EventStore, Position, StoredEvent, SubscriptionItem } from '../eventstore/port.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import { countPoisoned, openCheckpoint, readCheckpoint } from './checkpoint.ts'
import { decodeBatch, poisonOf } from './decode-batch.ts'
import { foldBatch, remember } from './fold-batch.ts'
import { gather } from './gather.ts'
import type { Progress } from './progress.ts'
import type { Committed } from './read-models.ts'
import { createRowsCache } from './rows-cache.ts'
import { dropAbandoned, projections, type Db } from './tables.ts'
import { loadRows, writeBatch, type Poison } from './write.ts'

/**
 * The one runner of all read models: one subscription to the whole log, one checkpoint, one statement per batch.
 *
 *   log ──▶ gather ──▶ fold (rows from cache, else one select per table) ──▶ write rows + checkpoint ──▶ onCommit
 *                                                     │ somebody else wrote: forget the caches, look where we are
 *
 * With several processes every one follows the log like this, so that every one can push to its own sockets. Who holds
 * the lease writes; the others wait until the shared checkpoint has passed a batch before they hand it on. The lease
 * only spares double work: the conditional checkpoint is what makes each fact count exactly once, whoever runs.
 */
export type RunnerOptions = {
  readonly store: EventStore
  readonly db: Db
  /** For rebuilding, where the database knows less urgent work. Default: `db`. */
  readonly background?: Db
  /** Opens a stored event; what it throws makes the event poisoned. */
  decode(event: StoredEvent): Promise<RecordedEvent>
  readonly clock: Clock
  readonly log: Log
  readonly progress: Progress
  /** Called in the order of the log, after the rows can be read. Must not block: what it starts is its own. */
  onCommit(committed: Committed): void
  /** Leave away where there is only one process. */
  readonly acquireLease?: () => Promise<HeldLease | null>
  readonly batchFactsMax?: number
}

/** As much of a lease as matters here. */
export type HeldLease = { held(): boolean; release(): Promise<void> }

export type ProjectionHealth = {
  readonly position: string | null
  /** How long the oldest fact that is not shown yet has been waiting. */
  readonly lagMs: number
  readonly rebuilding: boolean
  /** Facts that some read model could not make sense of, ever. See the table `poisoned`. */
  readonly poisoned: number
}
export type ProjectionRunner = Service & { position(): string | null; health(): ProjectionHealth }

export const BATCH_FACTS_MAX = 500
const GATHER_MS = 2
const CACHED_ROWS_MAX = 20_000
const RETRY_MS = 500
const FOLLOW_POLL_MS = 15
const LEASE_RETRY_MS = 1_000
const ABANDONED_HOURS = 24

/** The tables went back behind what was already handed on: they are being made again by another process. */
class TablesWentBack extends Error {}

/** Errors that come from what was written, not from the connection: SQLSTATE classes of data, limits and integrity. */
const isDataError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && /^(21|22|23|54)/.test(String(error.code))

type Item = Extract<SubscriptionItem, { kind: 'event' | 'checkpoint' }>
const positionOf = (item: Item): string => (item.kind === 'event' ? item.event.position : item.position)

export const createProjectionRunner = (options: RunnerOptions): ProjectionRunner => {
  const { store, db, clock, log, progress } = options
  const caches = new Map(projections.map(one => [one.table, createRowsCache(CACHED_ROWS_MAX)]))
  let position = ''
  let handedOn = ''
  let poisoned = 0
  let tidied = false
  let rebuilding = false
  let behindSince: number | null = null
  let lease: HeldLease | null = null

  const pause = (ms: number, stop: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      if (stop.aborted) return resolve()
      const done = (): void => {
        cancel()
        stop.removeEventListener('abort', done)
        resolve()
      }
      const cancel = clock.after(ms, done)
      stop.addEventListener('abort', done)
    })
  const mayWrite = (): boolean => !options.acquireLease || lease?.held() === true
  const writer = (): Db => (rebuilding ? (options.background ?? db) : db)

  /** Another process moved the tables on: nothing that we remember of them counts any more. */
  const lookAgain = async (): Promise<void> => {
    const found = await readCheckpoint(db)
    if (!found || found.position < handedOn) throw new TablesWentBack('the read models are being made again')
    if (found.position === position) return
    position = found.position
    for (const cache of caches.values()) cache.clear()
  }

  const write = async (
    facts: readonly RecordedEvent[],
    to: string,
    undecodable: readonly Poison[],
  ): Promise<boolean> => {
    const load = (table: string, keys: Parameters<typeof loadRows>[2]) => loadRows(writer(), table, keys)
    const { changes, poisons } = await foldBatch(projections, facts, load, caches)
    const all = [...undecodable, ...poisons]
    if (!(await writeBatch(writer(), position, to, changes, all))) return false
    remember(caches, changes)
    position = to
    poisoned += all.length
    for (const poison of all)
      log.error({ poison }, 'a read model could not take a fact and goes on without it')
    return true
  }

  /** The database refuses what a batch says: find the fact that it is, by writing one at a time. */
  const writeOneByOne = async (
    facts: readonly RecordedEvent[],
    to: string,
    undecodable: readonly Poison[],
  ): Promise<boolean> => {
    for (const fact of facts) {
      try {
        if (!(await write([fact], fact.position, []))) return false
      } catch (error) {
        if (!isDataError(error)) throw error
        if (!(await write([], fact.position, [poisonOf(fact, 'all', error)]))) return false
      }
    }
    return write([], to, undecodable)
  }

  const writeAnyhow = async (
    facts: readonly RecordedEvent[],
    to: string,
    undecodable: readonly Poison[],
  ): Promise<boolean> => {
    try {
      return await write(facts, to, undecodable)
    } catch (error) {
      if (!isDataError(error)) throw error
      log.warn({ err: error, facts: facts.length }, 'the database refused a batch; writing it one by one')
      return writeOneByOne(facts, to, undecodable)
    }
  }

  /** Returns once the tables show everything up to `to`, whoever wrote it. */
  const settle = async (
    facts: readonly RecordedEvent[],
    undecodable: readonly Poison[],
    to: string,
    stop: AbortSignal,
  ): Promise<void> => {
    while (position < to && !stop.aborted) {
      if (!mayWrite()) {
        await pause(FOLLOW_POLL_MS, stop)
        await lookAgain()
        continue
      }
      const from = position
      const fresh = facts.filter(fact => fact.position > from)
      const bad = undecodable.filter(poison => poison.position > from)
      if (!(await writeAnyhow(fresh, to, bad))) await lookAgain()
    }
  }

  const followLog = async (stop: AbortSignal): Promise<void> => {
    const opened = await openCheckpoint(db, store.epoch, () => store.head())
    position = opened.position
    poisoned = await countPoisoned(db)
    for (const cache of caches.values()) cache.clear()
    rebuilding = position === '' && opened.head !== null
    if (rebuilding) log.info({ epoch: store.epoch }, 'making the read models from the log')
    progress.reached(position || null)
    // Whoever was told something goes on being told from there, wherever others brought the tables meanwhile.
    if (handedOn === '' || position < handedOn) handedOn = position
    // Told first where it begins: what came before is nobody's news.
    if (handedOn) options.onCommit({ facts: [], position: handedOn, silent: true })
    const subscription = store.subscribe({ after: (handedOn || null) as Position | null }, stop)
    const batches = gather(subscription, {
      itemsMax: options.batchFactsMax ?? BATCH_FACTS_MAX,
      gatherMs: GATHER_MS,
      clock,
    })
    for await (const batch of batches) {
      const items = batch.filter((item): item is Item => item.kind !== 'caughtUp')
      const last = items.at(-1)
      if (last) {
        const events = items.flatMap(item => (item.kind === 'event' ? [item.event] : []))
        behindSince ??= events[0]?.created ?? null
        const { facts, undecodable } = await decodeBatch(events, options.decode)
        await settle(facts, undecodable, positionOf(last), stop)
        if (position < positionOf(last)) return
        handedOn = positionOf(last)
        behindSince = null
        progress.reached(handedOn)
        options.onCommit({ facts, position: handedOn, silent: rebuilding })
      }
      if (batch.some(item => item.kind === 'caughtUp')) await caughtUp()
    }
  }

  const caughtUp = async (): Promise<void> => {
    if (rebuilding) {
      rebuilding = false
      log.info({ position: handedOn }, 'the read models are made')
      options.onCommit({ facts: [], position: handedOn, silent: false })
    }
    if (!tidied) await tidy()
    tidied = true
  }

  /** Other releases' tables in the way are untidy, never a reason to stop. */
  const tidy = async (): Promise<void> => {
    try {
      const dropped = await dropAbandoned(db, store.shared ? ABANDONED_HOURS : 0)
      if (dropped.length > 0) log.info({ dropped }, 'dropped read models of other releases')
    } catch (error) {
      log.warn({ err: error }, 'could not drop read models of other releases')
    }
  }

  const keepLease = async (stop: AbortSignal): Promise<void> => {
    while (options.acquireLease && !stop.aborted) {
      try {
        if (!lease?.held()) lease = await options.acquireLease()
      } catch (error) {
        log.warn({ err: error }, 'could not ask for the lease of the projection runner')
      }
      await pause(LEASE_RETRY_MS, stop)
    }
    await lease?.release()
    lease = null
  }

  return {
    name: 'projections',
    position: () => progress.position(),
    health: () => ({
      position: progress.position(),
      lagMs: behindSince === null ? 0 : Math.max(0, clock.now() - behindSince),
      rebuilding,
      poisoned,
    }),
    run: async stop => {
      const leasing = keepLease(stop)
      while (!stop.aborted) {
        try {
          await followLog(stop)
        } catch (error) {
          if (stop.aborted) break
          log.error({ err: error }, 'the projection runner stopped and begins again from its checkpoint')
        }
        await pause(RETRY_MS, stop)
      }
      await leasing
    },
  }
}
