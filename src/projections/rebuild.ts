import type { Database, Loader } from '../database/port.ts'
import type { RecordedEvent } from '../events/all.ts'
import type { EventStore, StoredEvent } from '../eventstore/port.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { createBatchWriter, isDataError } from './batch-writer.ts'
import type { Caches } from './fold-batch.ts'
import { readAhead, type ReadAhead } from './read-ahead.ts'
import { readChunk, startSlice, type Chunk } from './rebuild-slice.ts'
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
 *   log ─▶ chunk ─▶ fold ─▶ slice ─▶ copy   tables of the next set: a primary key, no more      state: reading
 *            ▲ the next ones are read while the database takes a slice
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
  /** The same, quicker, for what was checked before it was stored. Default: `decode`. */
  decodeAccepted?(event: StoredEvent): Promise<RecordedEvent>
  /** How far one position is from another, in facts where the store numbers them. `from` may be empty: the start. */
  distance(from: string, to: string): number
  readonly clock: Clock
  readonly log: Log
  readonly sliceFacts?: number
  readonly sliceChars?: number
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
/** Whichever is full first: what is copied into a table is one text in memory. */
const SLICE_CHARS_MAX = 32 * 1024 * 1024
/** What is read and folded at a time. */
const CHUNK_FACTS = 500
/** What is read while the database takes a slice: about as long as that takes. */
const CHUNKS_AHEAD_MAX = 12
/** What is left to fold while the live writers wait. */
const GAP_FACTS_MAX = 500
const CACHED_ROWS_MAX = 40_000
/** Larger tables are left as they are: see `tidy`. */
const VACUUMED_BYTES_MAX = 96 * 1024 * 1024
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
  const { sliceFacts = SLICE_FACTS[database.kind], sliceChars = SLICE_CHARS_MAX } = options
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
  const decodeAccepted = options.decodeAccepted ?? options.decode
  const read = (after: string, decode = decodeAccepted): Promise<Chunk> =>
    readChunk(store, decode, after, Math.min(CHUNK_FACTS, sliceFacts))
  const readFrom = (position: string): ReadAhead<Chunk> =>
    readAhead(
      before => read(before?.to ?? position),
      chunk => !chunk.full,
      CHUNKS_AHEAD_MAX,
    )
  const goOn = (): void => {
    if (stop.aborted) throw new Stopped()
  }
  const took = (next: At, events: number, bad: number): void => {
    at = next
    factsDone += events
    poisoned += bad
  }

  /** What a slice was made of, by the path that finds out which fact the database refuses. */
  const takeCarefully = async (to: string, cause: unknown): Promise<void> => {
    log.warn({ err: cause, to }, 'a slice of the log was refused; writing it more carefully')
    while (at.position < to) {
      goOn()
      const chunk = await read(at.position, options.decode)
      const written = await careful.write(at, chunk)
      if (!written) throw new Error('the read models in the making were moved by somebody else', { cause })
      took(written.at, chunk.events, written.poisoned)
    }
  }

  /** Folds and writes one slice. Answers whether there was more behind it, and from where that is to be read. */
  const takeSlice = async (chunks: ReadAhead<Chunk>): Promise<ReadAhead<Chunk> | null> => {
    const slice = startSlice(loader, at, caches)
    let more = true
    // Of the chunk too that the database refuses while it is folded: a key may be what it cannot look up.
    let readTo = at.position
    try {
      while (more && slice.events < sliceFacts && slice.chars < sliceChars) {
        goOn()
        const chunk = await chunks.next()
        more = chunk.full
        readTo = chunk.to
        await slice.add(chunk)
      }
      if (slice.to === at.position) return null
      const written = await chunks.during(loader.transaction(() => slice.write()))
      slice.remember()
      took(written.at, slice.events, written.poisons.length)
      return more ? chunks : null
    } catch (error) {
      if (!isDataError(error)) throw error
      await takeCarefully(readTo, error)
      // The last chunk may have been longer this time, so what was read in advance no longer fits.
      return readFrom(at.position)
    }
  }

  /** Folds up to the end of the log: what follows is read and opened while the database takes a slice. */
  const catchUp = async (state: 'reading' | 'swapping'): Promise<void> => {
    let chunks: ReadAhead<Chunk> | null = readFrom(at.position)
    while (chunks) {
      chunks = await takeSlice(chunks)
      if (clock.monotonic() - toldAt > TELL_MS) await tell(state)
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
        const gap = await readChunk(store, options.decode, at.position, GAP_FACTS_MAX)
        if (gap.to < live.position) return false
        const slice = startSlice(loader, at, caches)
        await slice.add(gap)
        const written = await slice.write()
        took(written.at, gap.events, written.poisons.length)
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

  /**
   * For the planner, and for whoever counts: a count by index alone looks up no row of a page that is known to be whole,
   * and only this makes it known. A server does it by itself; the embedded database never does. There everybody waits
   * meanwhile, so only for tables whose rows many facts change: the large ones are those that facts add to.
   */
  const tidy = async (table: string): Promise<void> => {
    const name = `${NEXT_SCHEMA}.${table}`
    const [size] = await loader.query<{ small: boolean }>(
      `select pg_relation_size($1::regclass) < $2 as small`,
      [name, VACUUMED_BYTES_MAX],
    )
    await loader.query(
      database.kind === 'pglite' && size?.small ? `vacuum (analyze) ${name}` : `analyze ${name}`,
    )
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
    for (const { table } of projections) await tidy(table)
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
