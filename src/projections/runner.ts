import type { Database } from '../database/port.ts'
import type { RecordedEvent } from '../events/all.ts'
import type { EventStore, Position, StoredEvent, SubscriptionItem } from '../eventstore/port.ts'
import { pause, type Clock } from '../shared/clock.ts'
import { failPoint } from '../shared/fail-point.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import { createBatchWriter, type Stretch } from './batch-writer.ts'
import { countPoisoned, findCheckpoint, openCheckpoint, readCheckpoint } from './checkpoint.ts'
import { decodeBatch } from './decode-batch.ts'
import type { Caches } from './fold-batch.ts'
import { gather } from './gather.ts'
import type { KeptAnswers } from './kept-answers.ts'
import { isLongerThan } from './long-log.ts'
import type { Progress } from './progress.ts'
import type { Committed } from './read-models.ts'
import type { RebuildProgress } from './rebuild.ts'
import { createRebuilder } from './rebuilder.ts'
import { createCaches } from './rows-cache.ts'
import { dropAbandoned, SCHEMA, type Db } from './tables.ts'
import type { At } from './write.ts'

/**
 * The one runner of all read models: one subscription to the whole log, one checkpoint, one statement per batch.
 *
 *   log ──▶ gather ──▶ fold (rows from cache, else one select per table) ──▶ write rows + checkpoint ──▶ onCommit
 *                                                     │ somebody else wrote: forget the caches, look where we are
 *
 * With several processes every one follows the log like this, so that every one can push to its own sockets. Who holds
 * the lease writes; the others wait until the shared checkpoint has passed a batch before they hand it on. The lease
 * only spares double work: the conditional checkpoint is what makes each fact count exactly once, whoever runs.
 *
 * Tables that are empty before a long log are not followed but made beside and swapped in, like those of another version
 * (`rebuilder.ts`); those are served and followed meanwhile.
 */
export type RunnerOptions = {
  readonly store: EventStore
  readonly db: Db
  readonly database: Pick<Database<never>, 'kind' | 'openLoader'>
  /** For rebuilding, where the database knows less urgent work. Default: `db`. */
  readonly background?: Db
  /** Opens a stored event; what it throws makes the event poisoned. */
  decode(event: StoredEvent): Promise<RecordedEvent>
  /** For rebuilding: opens what was checked before it was stored. Default: `decode`. */
  readonly decodeAccepted?: (event: StoredEvent) => Promise<RecordedEvent>
  /** How far one position is from another: facts, where the store numbers them. */
  distance(from: string, to: string): number
  readonly clock: Clock
  readonly log: Log
  readonly progress: Progress
  /** Called in the order of the log, after the rows can be read. Must not block: what it starts is its own. */
  onCommit(committed: Committed): void
  /** Figures of every batch that this process wrote. */
  onWritten?(facts: number, seconds: number): void
  /** `false`: only follows what others write, makes no table and drops none. Default: `true`. */
  readonly writes?: boolean
  /** Leave away where there is only one process. */
  readonly acquireLease?: () => Promise<HeldLease | null>
  /** Whether this process makes read models again. Default: yes. */
  readonly mayRebuild?: boolean
  /** Rows at hand, shared with whoever shows them. */
  readonly caches?: Caches
  /** Answers that hold as long as the rows stand. */
  readonly answers?: Pick<KeptAnswers, 'changed' | 'forget'>
  readonly batchFactsMax?: number
  /** A log longer than this is not followed from its start, but read in bulk. */
  readonly rebuildFactsMin?: number
  readonly rebuildSliceFacts?: number
}

/** As much of a lease as matters here. */
export type HeldLease = { held(): boolean; release(): Promise<void> }

export type ProjectionHealth = {
  readonly position: string | null
  /** How long the oldest fact that is not shown yet has been waiting. */
  readonly lagMs: number
  /** Whether the tables have shown everything that the log held at the start. */
  readonly caughtUp: boolean
  /** The tables are being filled: what they answer is not the whole story yet. */
  readonly rebuilding: boolean
  /** Facts that some read model could not make sense of, ever. See the table `poisoned`. */
  readonly poisoned: number
  /** Of a rebuild that this process does. */
  readonly rebuild: RebuildProgress | null
}
export type ProjectionRunner = Service & {
  position(): string | null
  health(): ProjectionHealth
  /** How far the tables are behind the log: facts, where the store numbers them. @throws StoreUnavailable */
  behind(): Promise<number>
}

export const BATCH_FACTS_MAX = 500
const REBUILD_FACTS_MIN = 2_000
const GATHER_MS = 2
/** At most a hundred batches a second, on a log that is busy. */
const PACE_MS = 10
const RETRY_MS = 500
const FOLLOW_POLL_MS = 15
const FILLED_POLL_MS = 100
const LEASE_RETRY_MS = 1_000
const ABANDONED_HOURS = 24

/** The tables went back behind what was already handed on: they are being made again by another process. */
class TablesWentBack extends Error {}

type Item = Extract<SubscriptionItem, { kind: 'event' | 'checkpoint' }>
const positionOf = (item: Item): string => (item.kind === 'event' ? item.event.position : item.position)

export const createProjectionRunner = (options: RunnerOptions): ProjectionRunner => {
  const { store, db, clock, log, progress, writes = true } = options
  const caches = options.caches ?? createCaches()
  let at: At = { schema: SCHEMA, position: '', generation: 0 }
  let handedOn = ''
  let poisoned = 0
  let tidied = false
  let rebuilding = false
  let begun = false
  let unfilled = false
  let everCaughtUp = false
  let headAtStart = ''
  let behindSince: number | null = null
  let lease: HeldLease | null = null

  const mayWrite = (): boolean => writes && (!options.acquireLease || lease?.held() === true)
  const writer = createBatchWriter({
    db: () => (rebuilding ? (options.background ?? db) : db),
    caches,
    warm: () => !rebuilding,
    log,
  })
  const forget = (): void => {
    for (const cache of caches.values()) cache.clear()
    options.answers?.forget()
  }

  /** Another process moved the tables on, or they are others: nothing that we remember of them counts any more. */
  const lookAgain = async (): Promise<void> => {
    const found = await readCheckpoint(db)
    if (!found || found.position < handedOn) throw new TablesWentBack('the read models are being made again')
    if (found.position === at.position && found.generation === at.generation) return
    at = { schema: SCHEMA, position: found.position, generation: found.generation }
    forget()
  }

  /** Returns once the tables show everything up to there, whoever wrote it. */
  const settle = async ({ facts, undecodable, to }: Stretch, stop: AbortSignal): Promise<void> => {
    while (at.position < to && !stop.aborted) {
      if (!mayWrite()) {
        await pause(clock, FOLLOW_POLL_MS, stop)
        await lookAgain()
        continue
      }
      const from = at.position
      const fresh = facts.filter(fact => fact.position > from)
      const began = clock.monotonic()
      const written = await writer.write(at, {
        facts: fresh,
        undecodable: undecodable.filter(poison => poison.position > from),
        to,
      })
      if (!written) {
        await lookAgain()
        continue
      }
      at = written.at
      poisoned += written.poisoned
      options.onWritten?.(fresh.length, (clock.monotonic() - began) / 1000)
    }
  }

  /** Until somebody has put a filled set of tables in the place of the empty one. */
  const waitUntilFilled = async (stop: AbortSignal): Promise<void> => {
    unfilled = true
    progress.reached(null)
    try {
      while (!stop.aborted && !(await readCheckpoint(db))?.position) await pause(clock, FILLED_POLL_MS, stop)
    } finally {
      unfilled = false
    }
  }

  const open = async (stop: AbortSignal): Promise<boolean> => {
    const find = writes ? openCheckpoint : findCheckpoint
    let opened = await find(db, store, () => store.head())
    // Whoever may write makes them; until then there is nothing to follow.
    if (!opened) return false
    const empty = opened.at.position === '' && opened.head !== null
    if (empty && (await isLongerThan(store, options.rebuildFactsMin ?? REBUILD_FACTS_MIN))) {
      await waitUntilFilled(stop)
      if (stop.aborted) return false
      opened = await find(db, store, () => store.head())
      if (!opened) return false
    }
    at = { schema: SCHEMA, position: opened.at.position, generation: opened.at.generation }
    poisoned = await countPoisoned(db)
    headAtStart = opened.head ?? ''
    everCaughtUp ||= at.position >= headAtStart
    forget()
    // An old story that was cut off stays one until it is told.
    const fromStart = at.position === '' && opened.head !== null
    rebuilding = fromStart || (rebuilding && begun)
    if (fromStart) log.info({ epoch: store.epoch }, 'making the read models from the log')
    return true
  }

  const followLog = async (stop: AbortSignal): Promise<void> => {
    if (!(await open(stop))) return
    progress.reached(at.position || null)
    // Whoever was told something, or that there is nothing, goes on from there, wherever others brought the tables.
    if (!begun || at.position < handedOn) handedOn = at.position
    begun = true
    // Told first where it begins: what came before is nobody's news.
    if (handedOn) options.onCommit({ facts: [], position: handedOn, silent: true })
    const subscription = store.subscribe({ after: (handedOn || null) as Position | null }, stop)
    const batches = gather(subscription, {
      itemsMax: options.batchFactsMax ?? BATCH_FACTS_MAX,
      gatherMs: GATHER_MS,
      paceMs: PACE_MS,
      clock,
    })
    for await (const batch of batches) {
      const items = batch.filter((item): item is Item => item.kind !== 'caughtUp')
      const last = items.at(-1)
      if (last) {
        const events = items.flatMap(item => (item.kind === 'event' ? [item.event] : []))
        behindSince ??= events[0]?.created ?? null
        const to = positionOf(last)
        const { facts, undecodable } = await decodeBatch(events, options.decode)
        await settle({ facts, undecodable, to }, stop)
        if (at.position < to) return
        handedOn = to
        behindSince = null
        everCaughtUp ||= handedOn >= headAtStart
        options.answers?.changed(facts)
        progress.reached(handedOn)
        failPoint('projection.before-push')
        options.onCommit({ facts, position: handedOn, silent: rebuilding })
        failPoint('projection.pushed')
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
    if (writes && !tidied) await tidy()
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
    while (writes && options.acquireLease && !stop.aborted) {
      try {
        if (!lease?.held()) lease = await options.acquireLease()
      } catch (error) {
        log.warn({ err: error }, 'could not ask for the lease of the projection runner')
      }
      await pause(clock, LEASE_RETRY_MS, stop)
    }
    await lease?.release()
    lease = null
  }

  /** Everybody who is shown something loads it again: the new tables may say other things of the same facts. */
  const swapped = (): void => {
    forget()
    void countPoisoned(db).then(
      count => (poisoned = count),
      () => undefined,
    )
    if (handedOn) options.onCommit({ facts: [], position: handedOn, silent: false, remade: true })
  }
  const rebuilder = createRebuilder({
    store,
    db: options.background ?? db,
    database: options.database,
    decode: options.decode,
    ...(options.decodeAccepted ? { decodeAccepted: options.decodeAccepted } : {}),
    distance: options.distance,
    clock,
    log,
    mayRebuild: writes && (options.mayRebuild ?? true),
    unfilled: () => unfilled,
    onSwapped: swapped,
    ...(options.rebuildSliceFacts ? { sliceFacts: options.rebuildSliceFacts } : {}),
  })

  return {
    name: 'projections',
    position: () => progress.position(),
    behind: async () => {
      const head = (await store.head()) ?? ''
      return at.position < head ? options.distance(at.position, head) : 0
    },
    health: () => ({
      position: progress.position(),
      lagMs: behindSince === null ? 0 : Math.max(0, clock.now() - behindSince),
      caughtUp: everCaughtUp,
      rebuilding: rebuilding || unfilled,
      poisoned,
      rebuild: rebuilder.progress(),
    }),
    run: async stop => {
      const beside = Promise.all([keepLease(stop), rebuilder.run(stop)])
      while (!stop.aborted) {
        try {
          await followLog(stop)
        } catch (error) {
          if (stop.aborted) break
          log.error({ err: error }, 'the projection runner stopped and begins again from its checkpoint')
        }
        await pause(clock, RETRY_MS, stop)
      }
      await beside
    },
  }
}
