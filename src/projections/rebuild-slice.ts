import type { Loader } from '../database/port.ts'
import type { RecordedEvent } from '../events/all.ts'
import type { EventStore, Position, StoredEvent } from '../eventstore/port.ts'
import type { Stretch } from './batch-writer.ts'
import { charsIn } from './chars-in.ts'
import { copyFormat } from './copy-text.ts'
import { decodeBatch } from './decode-batch.ts'
import { remember, startFold, type Caches, type LoadWhere } from './fold-batch.ts'
import { NEXT_SCHEMA, projections } from './tables.ts'
import type { At, Change, Poison } from './write.ts'
import type { Keyed } from './define.ts'

/** A few hundred facts of the log, ready to be folded. `full`: there was more behind them when they were read. */
export type Chunk = Stretch & { readonly events: number; readonly chars: number; readonly full: boolean }

/** Text of a chunk, in UTF-16 units; a dozen of them are read in advance. A customer may write 50,000 a message. */
const CHUNK_CHARS_MAX = 4 * 1024 * 1024

/** Reads and opens what follows a position. @throws StoreUnavailable */
export const readChunk = async (
  store: Pick<EventStore, 'readAll'>,
  decode: (event: StoredEvent) => Promise<RecordedEvent>,
  after: string,
  limit: number,
): Promise<Chunk> => {
  const events: StoredEvent[] = []
  let chars = 0
  for await (const event of store.readAll({ ...(after ? { after: after as Position } : {}), limit })) {
    events.push(event)
    chars += charsIn(event.data)
    if (chars >= CHUNK_CHARS_MAX) break
  }
  const { facts, undecodable } = await decodeBatch(events, decode)
  return {
    facts,
    undecodable,
    to: events.at(-1)?.position ?? after,
    events: events.length,
    chars,
    full: events.length === limit || chars >= CHUNK_CHARS_MAX,
  }
}

const formats = new Map(projections.map(one => [one.table, copyFormat(one, NEXT_SCHEMA)]))

const arrays = (keys: readonly Keyed[]): readonly [readonly string[], readonly string[]] => [
  keys.map(key => key.company_id),
  keys.map(key => key.id),
]

const loadFrom =
  (loader: Loader) =>
  (table: string, keys: readonly Keyed[]): Promise<readonly Keyed[]> =>
    loader.query<Keyed>(
      `select t.* from ${NEXT_SCHEMA}.${table} t
        join unnest($1::uuid[], $2::uuid[]) as k(company_id, id) on t.company_id = k.company_id and t.id = k.id`,
      arrays(keys),
    )

const loadWhereFrom =
  (loader: Loader): LoadWhere =>
  (table, companyId, where) =>
    loader.query<Keyed>(
      `select t.* from ${NEXT_SCHEMA}.${table} t where t.company_id = $1::uuid and (${where})`,
      [companyId],
    )

/** What was there before goes out, and everything comes in by `copy`: half the work of an upsert, and no look at each row. */
const writeChange = async (loader: Loader, { projection, rows, known }: Change): Promise<void> => {
  if (known.length > 0)
    await loader.query(
      `delete from ${NEXT_SCHEMA}.${projection.table} t using unnest($1::uuid[], $2::uuid[]) as k(company_id, id)
        where t.company_id = k.company_id and t.id = k.id`,
      arrays(known),
    )
  const format = formats.get(projection.table)
  if (format && rows.length > 0) await loader.copyIn(format.statement, await format.bytesOf(rows))
}

const writePoisons = (loader: Loader, poisons: readonly Poison[]): Promise<unknown> =>
  loader.query(
    `insert into ${NEXT_SCHEMA}.poisoned (position, read_model, event_id, stream, revision, type, reason)
      select p.* from json_to_recordset($1::json)
        as p(position text, read_model text, event_id text, stream text, revision integer, type text, reason text)
      on conflict do nothing`,
    [JSON.stringify(poisons)],
  )

/** The checkpoint of the set in the making stood elsewhere: somebody else makes it too, or it is gone. */
export class NotOurs extends Error {}

export type SliceWritten = { readonly at: At; readonly poisons: readonly Poison[] }

/** One slice in the making, and what it holds so far. */
export type Slice = {
  readonly to: string
  readonly events: number
  /** Of the facts as they are stored: about as much as what is made of them. */
  readonly chars: number
  add(chunk: Chunk): Promise<void>
  write(): Promise<SliceWritten>
  remember(): void
}

/**
 * A slice of the log, to be written to the set in the making with its checkpoint. Tens of thousands of facts: a row that
 * many of them change is written once. They are read and folded by the chunk, so that facts are garbage while they are
 * young: kept until the whole slice was read, moving them about in memory cost more than folding them.
 * `write` is to be called within a transaction, `remember` once that is through.
 * @throws Error with a SQLSTATE where the database refuses what a fact says
 */
export const startSlice = (loader: Loader, at: At, caches: Caches): Slice => {
  const fold = startFold(projections, loadFrom(loader), loadWhereFrom(loader), caches)
  const undecodable: Poison[] = []
  let to = at.position
  let events = 0
  let chars = 0
  let changes: readonly Change[] = []
  return {
    get to() {
      return to
    },
    get events() {
      return events
    },
    get chars() {
      return chars
    },
    add: async chunk => {
      await fold.add(chunk.facts)
      undecodable.push(...chunk.undecodable)
      events += chunk.events
      chars += chunk.chars
      to = chunk.to
    },
    write: async () => {
      const folded = fold.folded()
      const poisons = [...undecodable, ...folded.poisons]
      changes = folded.changes
      for (const change of changes) await writeChange(loader, change)
      if (poisons.length > 0) await writePoisons(loader, poisons)
      const moved = await loader.query(
        `update ${NEXT_SCHEMA}.checkpoint set position = $1, updated_at = now()
          where one = 1 and position = $2 and generation = $3 returning 1`,
        [to, at.position, at.generation],
      )
      if (moved.length !== 1) throw new NotOurs('the read models in the making were moved by somebody else')
      return { at: { ...at, position: to }, poisons }
    },
    remember: () => remember(caches, changes),
  }
}
