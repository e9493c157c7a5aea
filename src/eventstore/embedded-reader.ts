import { ordinalOfRevision, type Head } from './embedded-head.ts'
import { decodeRecord, recordPrevious, recordStream } from './embedded-record.ts'
import { parsePosition } from './position.ts'
import { readHead, readRecord, type Tables } from './embedded-tables.ts'
import type { Position, ReadAllOptions, ReadStreamOptions, StoredEvent } from './port.ts'

/**
 * Reading. lmdb's own iterators pin a snapshot of the file for as long as they are open, and the file grows meanwhile;
 * so nothing is held open between two events: ordinals and revisions have no gaps, each record is fetched by its key.
 */

/** What a reader needs of the store. */
export type Readable = {
  readonly tables: Tables
  readonly epoch: string
  /** The newest durable ordinal. */
  last(): number
  /** The event at an ordinal, if it was committed a moment ago. */
  recent?(ordinal: number): StoredEvent | undefined
  /** @throws StoreUnavailable once the store is closed. */
  assertOpen(): void
}

/** Records looked at in one go before other work gets its turn. */
const SLICE_RECORDS = 128

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** The ordinal that a position of this store spells; positions beyond the head are allowed, they just match nothing. */
export const ordinalOf = (epoch: string, position: Position): number =>
  Number(parsePosition(epoch, position).commit)

const matches = (stream: string, prefixes: readonly string[] | undefined): boolean =>
  !prefixes || prefixes.some(prefix => stream.startsWith(prefix))

/** The event at an ordinal, or `null` when its stream has none of the prefixes. @throws DamagedRecord */
export const eventAt = (
  { tables, epoch, recent }: Pick<Readable, 'tables' | 'epoch' | 'recent'>,
  ordinal: number,
  prefixes: readonly string[] | undefined,
): StoredEvent | null => {
  const kept = recent?.(ordinal)
  if (kept) return matches(kept.stream, prefixes) ? kept : null
  const record = readRecord(tables, ordinal)
  if (prefixes && !matches(recordStream(record), prefixes)) return null
  return decodeRecord(epoch, ordinal, record)
}

/** Records held in memory for a stream that is read forwards: its records point backwards. */
const STREAM_SLICE_RECORDS = 64

/** The records of a stream from one revision back to another, newest first. */
function* backwards(store: Readable, head: Head, from: number, to: number): Generator<StoredEvent> {
  const recordAt = (ordinal: number): Buffer => readRecord(store.tables, ordinal)
  let ordinal = ordinalOfRevision(head, from, recordAt)
  for (let revision = from; revision >= to; revision--) {
    const record = recordAt(ordinal)
    yield decodeRecord(store.epoch, ordinal, record)
    ordinal = recordPrevious(record)
  }
}

export async function* readStream(
  store: Readable,
  stream: string,
  { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
): AsyncGenerator<StoredEvent> {
  store.assertOpen()
  const head = readHead(store.tables, stream)
  if (!head) return
  if (direction === 'backwards') {
    const newest = Math.min(from ?? head.revision, head.revision)
    let read = 0
    for (const event of backwards(store, head, newest, Math.max(0, newest - limit + 1))) {
      yield event
      if (++read % SLICE_RECORDS === 0) await nextTurn()
      store.assertOpen()
    }
    return
  }
  const end = Math.min(head.revision, (from ?? 0) + limit - 1)
  for (let first = from ?? 0; first <= end; first += STREAM_SLICE_RECORDS) {
    if (first > (from ?? 0)) await nextTurn()
    store.assertOpen()
    yield* [...backwards(store, head, Math.min(end, first + STREAM_SLICE_RECORDS - 1), first)].reverse()
  }
}

export async function* readAll(
  store: Readable,
  { after, direction = 'forwards', limit = Infinity, streamPrefixes }: ReadAllOptions = {},
): AsyncGenerator<StoredEvent> {
  store.assertOpen()
  const step = direction === 'forwards' ? 1 : -1
  const last = store.last()
  const start = after === undefined ? (step === 1 ? 0 : last + 1) : ordinalOf(store.epoch, after)
  let ordinal = step === 1 ? start + 1 : Math.min(start, last + 1) - 1
  for (let left = limit, seen = 1; left > 0 && ordinal >= 1 && ordinal <= last; ordinal += step, seen++) {
    if (seen % SLICE_RECORDS === 0) await nextTurn()
    store.assertOpen()
    const event = eventAt(store, ordinal, streamPrefixes)
    if (!event) continue
    left--
    yield event
  }
}
