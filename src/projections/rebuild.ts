import type { Database, Loader } from '../database/port.ts'
import type { RecordedEvent } from '../events/all.ts'
import type { EventStore, StoredEvent } from '../eventstore/port.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { createBatchWriter, isDataError } from './batch-writer.ts'
import type { Caches } from './fold-batch.ts'
import { readSlice, writeSlice, type Slice } from './rebuild-slice.ts'
import { tellStatement, type RebuildReason, type RebuildState } from './rebuild-state.ts'
import { createRowsCache } from './rows-cache.ts'
import {
  indexStatements,
  NEXT_SCHEMA,
  projections,
  RETIRED_SCHEMA,
  SCHEMA,
  tableStatements,
  VERSIONS,
  type Db,
} from './tables.ts'
import type { At } from './write.ts'

/**
 * Makes all read models again from the log, beside those that are read meanwhile:
 *
 *   log ─▶ slice ─▶ fold ─▶ copy   tables of the next set: a primary key, no other index        state: reading
 *            ▲ the next one is read while the database takes this one
 *   then the indexes, all at once and over sorted rows                                          state: indexes
 *   then what was written meanwhile, and in one transaction: keep writers out, fold the rest,
 *   rename live → old, next → live                                                              state: swapping
 *
 * The set in the making is whole at its checkpoint after every slice. So when the database refuses what a fact says, the
 * live path, which finds out which one it was, writes that one slice instead. One rebuild at a time over all nodes: the
 * lock is the session's, and ends with it; what a dead one left behind is dropped by the next.
 */
export type RebuildOptions = {
  readonly store: Pick<EventStore, 'epoch' | 'readAll' | 'head'>
  readonly database: Pick<Database<never>, 'kind' | 'openLoader'>
  readonly db: Db
  decode(event: StoredEvent): Promise<RecordedEvent>
  /** How far one position is from another, in facts where the store numbers them. `from` may be empty: the start. */
  distance(from: string, to: string): number
  readonly clock: Clock
  readonly log: Log
  readonly sliceFacts?: number
  /** The set that shall be made again: when another has taken its place meanwhile, somebody else did it. Default: any. */
  readonly generation?: number
  /** Told after every slice and phase, while it is under way. */
  onProgress?(told: RebuildProgress): void
  /** The new set is in place: what is left is clearing away. */
  onSwap?(): void
}

export type RebuildProgress = {
  readonly state: RebuildState
  readonly factsDone: number
  readonly factsTotal: number | null
  readonly factsPerSecond: number | null
}

/** `busy`: another process is at it, or was a moment ago. `stopped`: asked to stop. */
export type Rebuilt =
  { readonly outcome: 'done'; readonly position: string } | { readonly outcome: 'busy' | 'stopped' }

/** On a server the slice is bound by memory; on PGlite, one connection for everybody, by how long others may wait. */
const SLICE_FACTS = { postgres: 20_000, pglite: 1_000 } as const
/** What is left to fold while the live writers wait. */
const GAP_FACTS_MAX = 500
const CACHED_ROWS_MAX = 40_000
const SWAP_TRIES_MAX = 20
const LOCK_WAIT_MS = 5_000
const TELL_MS = 500

const lockKey = `hashtext('${SCHEMA}/rebuild')`

class Stopped extends Error {}

const prepare = async (loader: Loader, kind: 'pglite' | 'postgres', epoch: string): Promise<void> => {
  await loader.query(`set lock_timeout = ${LOCK_WAIT_MS}`)
  // Losing the last second of a set that nobody reads yet costs nothing: a crash begins it anew.
  if (kind === 'postgres') {
    await loader.query('set synchronous_commit = off')
    await loader.query(`set maintenance_work_mem = '256MB'`)
  }
  for (const schema of [NEXT_SCHEMA, RETIRED_SCHEMA])
    await loader.query(`drop schema if exists ${schema} cascade`)
  for (const statement of tableStatements(NEXT_SCHEMA)) await loader.query(statement)
  await loader.query(`insert into ${NEXT_SCHEMA}.checkpoint values (1, $1, '', 0, $2, now())`, [
    epoch,
    VERSIONS,
  ])
}

/** @throws Error when it fails; the live set is then as it was. */
export const rebuild = async (
  options: RebuildOptions,
  reason: RebuildReason,
  stop: AbortSignal,
): Promise<Rebuilt> => {
  const { store, database, clock, log } = options
  const sliceFacts = options.sliceFacts ?? SLICE_FACTS[database.kind]
  const loader = await database.openLoader()
  const caches: Caches = new Map(projections.map(one => [one.table, createRowsCache(CACHED_ROWS_MAX)]))
  const careful = createBatchWriter({ db: () => options.db, caches, log })
  const began = clock.monotonic()
  const startedAt = new Date(clock.now())
  let at: At = { schema: NEXT_SCHEMA, position: '', generation: 0 }
  let factsDone = 0
  let poisoned = 0
  let toldAt = -Infinity
  let head = ''

  const progressOf = (state: RebuildState): RebuildProgress => {
    const seconds = (clock.monotonic() - began) / 1000
    const whole = options.distance('', head)
    const part = options.distance('', at.position)
    return {
      state,
      factsDone,
      factsTotal: part > 0 && whole >= part ? Math.round((factsDone * whole) / part) : null,
      factsPerSecond: seconds > 0 ? Math.round(factsDone / seconds) : null,
    }
  }
  const write = async (state: RebuildState, schema = SCHEMA, error: string | null = null): Promise<void> => {
    const [statement, parameters] = tellStatement({ ...progressOf(state), reason, error }, schema)
    await loader.query(statement, [...parameters, startedAt])
  }
  const tell = async (state: 'reading' | 'indexes' | 'swapping'): Promise<void> => {
    toldAt = clock.monotonic()
    options.onProgress?.(progressOf(state))
    await write(state)
  }
  const read = (after: string): Promise<Slice> => readSlice(store, options.decode, after, sliceFacts)

  const took = (slice: Slice, next: At, bad: number): void => {
    at = next
    factsDone += slice.events
    poisoned += bad
  }
  const take = async (slice: Slice): Promise<void> => {
    if (stop.aborted) throw new Stopped()
    if (slice.to === at.position) return
    try {
      const written = await loader.transaction(() => writeSlice(loader, at, slice, caches))
      written.remember()
      took(slice, written.at, written.poisons.length)
    } catch (error) {
      if (!isDataError(error)) throw error
      log.warn(
        { err: error, facts: slice.events },
        'a slice of the log was refused; writing it more carefully',
      )
      const written = await careful.write(at, slice)
      if (!written)
        throw new Error('the read models in the making were moved by somebody else', { cause: error })
      took(slice, written.at, written.poisoned)
    }
  }

  /** Folds up to the end of the log: the next slice is read and opened while the database takes this one. */
  const catchUp = async (state: 'reading' | 'swapping'): Promise<void> => {
    let reading = read(at.position)
    for (;;) {
      const slice = await reading
      const more = slice.full
      if (more) {
        reading = read(slice.to)
        // Awaited above; but when this slice fails first, nobody else would hear of it.
        reading.catch(() => undefined)
      }
      await take(slice)
      if (clock.monotonic() - toldAt > TELL_MS) await tell(state)
      if (!more) return
    }
  }

  /** Takes the live set's place, or answers `false` when that one has got too far ahead for the moment it may wait. */
  const swap = async (): Promise<boolean> =>
    loader.transaction(async () => {
      // Whoever writes looks up the checkpoint first: it waits here, and then finds the new one.
      await loader.query(`lock table ${SCHEMA}.checkpoint in access exclusive mode`)
      const [live] = await loader.query<{ position: string; generation: number }>(
        `select position, generation from ${SCHEMA}.checkpoint`,
      )
      if (!live) throw new Error('the live read models are gone')
      if (at.position < live.position) {
        const gap = await readSlice(store, options.decode, at.position, GAP_FACTS_MAX)
        if (gap.to < live.position) return false
        const written = await writeSlice(loader, at, gap, caches)
        factsDone += gap.events
        poisoned += written.poisons.length
        at = written.at
      }
      await loader.query(`update ${NEXT_SCHEMA}.checkpoint set generation = $1`, [live.generation + 1])
      // Not said aloud: it is done when this transaction is.
      await write('done', NEXT_SCHEMA)
      await loader.query(`alter schema ${SCHEMA} rename to ${RETIRED_SCHEMA}`)
      await loader.query(`alter schema ${NEXT_SCHEMA} rename to ${SCHEMA}`)
      return true
    })

  const swapInTheEnd = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      await catchUp('swapping')
      const before = { at, factsDone, poisoned }
      try {
        if (await swap()) return options.onSwap?.()
      } catch (error) {
        if (tries >= SWAP_TRIES_MAX || !(isDataError(error) || isBusy(error))) throw error
        log.info({ err: error }, 'the read models could not be swapped yet')
      }
      // Nothing of the attempt stayed; neither may what was remembered of it.
      ;({ at, factsDone, poisoned } = before)
      for (const cache of caches.values()) cache.clear()
    }
  }

  const madeMeanwhile = async (): Promise<boolean> => {
    if (options.generation === undefined) return false
    const [live] = await loader.query<{ generation: number }>(`select generation from ${SCHEMA}.checkpoint`)
    return live?.generation !== options.generation
  }

  const make = async (): Promise<void> => {
    await prepare(loader, database.kind, store.epoch)
    head = (await store.head()) ?? ''
    await tell('reading')
    await catchUp('reading')
    await tell('indexes')
    for (const statement of indexStatements(NEXT_SCHEMA)) {
      if (stop.aborted) throw new Stopped()
      await loader.query(statement)
    }
    for (const { table } of projections) await loader.query(`analyze ${NEXT_SCHEMA}.${table}`)
    await tell('swapping')
    await swapInTheEnd()
    // Questions that were being answered end on the old tables; whoever comes now finds the new ones.
    await loader
      .query(`drop schema if exists ${RETIRED_SCHEMA} cascade`)
      .catch((error: unknown) => log.info({ err: error }, 'the retired read models are dropped next time'))
    const seconds = (clock.monotonic() - began) / 1000
    log.info(
      { reason, facts: factsDone, poisoned, seconds: Math.round(seconds) },
      'the read models were made again',
    )
  }

  let locked = false
  try {
    const [lock] = await loader.query<{ ours: boolean }>(`select pg_try_advisory_lock(${lockKey}) as ours`)
    locked = lock?.ours === true
    if (!locked || (await madeMeanwhile())) return { outcome: 'busy' }
    await make()
    return { outcome: 'done', position: at.position }
  } catch (error) {
    if (error instanceof Stopped) return { outcome: 'stopped' }
    const why = error instanceof Error ? error.message : String(error)
    await write('failed', SCHEMA, why).catch(() => undefined)
    throw error
  } finally {
    if (locked) await loader.query(`select pg_advisory_unlock(${lockKey})`).catch(() => undefined)
    await loader.close().catch(() => undefined)
  }
}

/** SQLSTATE: a lock was not had in time, or two waited for each other. */
const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && /^(55P03|40P01)$/.test(String(error.code))
