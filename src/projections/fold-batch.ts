import type { EventType, RecordedEvent } from '../events/all.ts'
import { poisonOf } from './decode-batch.ts'
import { ignored, step, type Keyed, type Projection, type Scope, type Spread } from './define.ts'
import { inTurns } from './in-turns.ts'
import { idIn } from './place.ts'
import type { RowsCache } from './rows-cache.ts'
import type { Change, Poison } from './write.ts'

type Table = {
  readonly projection: Projection<Keyed>
  readonly rows: Map<string, Keyed | undefined>
  readonly touched: Set<string>
  /** Keys under which the tables have a row. */
  readonly known: Set<string>
  /** Keys under which they may have one. */
  readonly unknown: Set<string>
}
export type Load = (table: string, keys: readonly Keyed[]) => Promise<readonly Keyed[]>
/** The rows of one company of which a condition is true. */
export type LoadWhere = (table: string, companyId: string, where: string) => Promise<readonly Keyed[]>
export type Folded = { readonly changes: Change[]; readonly poisons: Poison[] }
export type Caches = ReadonlyMap<string, RowsCache>

const keyOf = (companyId: string, id: string): string => `${companyId}/${id}`
const keyedOf = (key: string): Keyed => ({
  company_id: key.slice(0, key.indexOf('/')),
  id: key.slice(key.indexOf('/') + 1),
})

/** A read model that can make no sense of a fact puts it aside, wherever it fails, and the others go on. */
const keyIn = (projection: Projection<Keyed>, fact: RecordedEvent, poisons: Poison[]): string | null => {
  try {
    const id = projection.keyOf(fact)
    return id && keyOf(fact.meta.companyId, id)
  } catch (error) {
    poisons.push(poisonOf(fact, projection.table, error))
    return null
  }
}

/** Where the message's place is looked up: asked for by few facts, so looked up only then. */
class Place implements Scope {
  readonly #tables: readonly Table[]
  readonly #fact: RecordedEvent
  constructor(tables: readonly Table[], fact: RecordedEvent) {
    this.#tables = tables
    this.#fact = fact
  }
  #row(kind: 'ticket' | 'conversation'): Keyed | undefined {
    const id = idIn(kind, this.#fact)
    const found = this.#tables.find(table => table.projection.table === `${kind}_row`)
    return id ? found?.rows.get(keyOf(this.#fact.meta.companyId, id)) : undefined
  }
  get ticket(): Scope['ticket'] {
    return this.#row('ticket') as Scope['ticket']
  }
  get conversation(): Scope['conversation'] {
    return this.#row('conversation') as Scope['conversation']
  }
}

/** Which tables a fact of a type may change, found out once per batch: most facts concern two of nine. */
const concernedBy = (tables: readonly Table[]): ((type: EventType) => readonly Table[]) => {
  const known = new Map<EventType, readonly Table[]>()
  return type => {
    const found =
      known.get(type) ??
      tables.filter(
        ({ projection }) =>
          projection.handlers[type] !== ignored || projection.always || projection.creates.includes(type),
      )
    known.set(type, found)
    return found
  }
}

/** A fact with the row of each table that it concerns. */
type Aimed = {
  readonly fact: RecordedEvent
  readonly tables: readonly Table[]
  readonly keys: readonly (string | null)[]
}

/**
 * Notes which row of a table a fact is about, with what the cache knows of it. Neither begun here nor in the cache: it
 * has to be loaded.
 */
const note = (table: Table, key: string, fact: RecordedEvent, caches: Caches | undefined): void => {
  if (table.rows.has(key) || table.unknown.has(key)) return
  const cached = caches?.get(table.projection.table)?.get(key)
  if (cached) table.known.add(key)
  if (table.projection.creates.includes(fact.type)) table.rows.set(key, undefined)
  else if (cached) table.rows.set(key, cached)
  else table.unknown.add(key)
}

const spreadOf = ({ projection: { spread } }: Table, fact: RecordedEvent) =>
  spread?.types.includes(fact.type) ? spread : undefined

const whereIn = (
  { table }: Projection<Keyed>,
  spread: Spread<Keyed>,
  fact: RecordedEvent,
  poisons: Poison[],
): string | null => {
  try {
    return spread.where(fact)
  } catch (error) {
    poisons.push(poisonOf(fact, table, error))
    return null
  }
}

/** The rows that a fact touches: its own, or all those that it spreads to. */
const keysOf = (table: Table, fact: RecordedEvent, key: string | null): readonly string[] => {
  const spread = spreadOf(table, fact)
  if (!spread) return key ? [key] : []
  const { companyId } = fact.meta
  return [...table.rows].flatMap(([each, row]) =>
    row && row.company_id === companyId && spread.matches(row, fact) ? [each] : [],
  )
}

/** What the batch's spreading facts touch of what stands in the table; what the batch itself makes is in memory. */
const loadSpreads = async (
  table: Table,
  facts: readonly RecordedEvent[],
  loadWhere: LoadWhere,
  poisons: Poison[],
): Promise<void> => {
  if (!table.projection.spread) return
  for (const fact of facts) {
    const spread = spreadOf(table, fact)
    if (!spread) continue
    const where = whereIn(table.projection, spread, fact, poisons)
    if (where === null) continue
    const found = await loadWhere(table.projection.table, fact.meta.companyId, where)
    for (const row of found) {
      const key = keyOf(row.company_id, row.id)
      // What this fold made of it, or that it took it away, is newer than what stands there.
      if (!table.rows.get(key) && !table.touched.has(key)) table.rows.set(key, row)
      table.known.add(key)
    }
  }
}

const touchedBy = (
  table: Table,
  fact: RecordedEvent,
  key: string | null,
  poisons: Poison[],
): readonly string[] => {
  try {
    return keysOf(table, fact, key)
  } catch (error) {
    poisons.push(poisonOf(fact, table.projection.table, error))
    return []
  }
}

const foldFact = (all: readonly Table[], { fact, tables, keys }: Aimed, poisons: Poison[]): void => {
  const scope = new Place(all, fact)
  for (let i = 0; i < tables.length; i++) {
    const table = tables[i]
    if (!table) continue
    for (const key of touchedBy(table, fact, keys[i] ?? null, poisons)) {
      const before = table.rows.get(key)
      try {
        const after = step(table.projection, before, fact, scope)
        if (after === before) continue
        table.rows.set(key, after)
        table.touched.add(key)
      } catch (error) {
        poisons.push(poisonOf(fact, table.projection.table, error))
      }
    }
  }
}

const loadUnknown = async ({ projection, rows, known, unknown }: Table, load: Load): Promise<void> => {
  if (unknown.size === 0) return
  const asked = [...unknown]
  for (const row of await load(projection.table, asked.map(keyedOf))) {
    const key = keyOf(row.company_id, row.id)
    rows.set(key, row)
    known.add(key)
  }
  for (const key of asked) if (!rows.has(key)) rows.set(key, undefined)
  unknown.clear()
}

const changeOf = ({ projection, rows, touched, known }: Table): Change => ({
  projection,
  rows: [...touched].flatMap(key => rows.get(key) ?? []),
  gone: [...touched].filter(key => !rows.get(key)).map(keyedOf),
  known: [...touched].filter(key => known.has(key)).map(keyedOf),
})

/** Facts folded one stretch after the other, in the order of the log, until what they changed is written. */
export type Fold = {
  /** One load per table for what neither this fold nor the caches hold, the rest in memory, with turns for others. */
  add(facts: readonly RecordedEvent[]): Promise<void>
  /** What has to be written; nothing is remembered here before it was. */
  folded(): Folded
}

/** Begins a fold into the rows that facts touch. Nobody else may write these tables before it is written. */
export const startFold = (
  projections: readonly Projection<Keyed>[],
  load: Load,
  loadWhere: LoadWhere,
  caches?: Caches,
): Fold => {
  const tables: Table[] = projections.map(projection => ({
    projection,
    rows: new Map(),
    touched: new Set(),
    known: new Set(),
    unknown: new Set(),
  }))
  const concerned = concernedBy(tables)
  const poisons: Poison[] = []
  return {
    add: async facts => {
      const aimed: Aimed[] = []
      await inTurns(facts, fact => {
        const at = concerned(fact.type)
        const keys = at.map(table => keyIn(table.projection, fact, poisons))
        keys.forEach((key, i) => key && note(at[i] as Table, key, fact, caches))
        aimed.push({ fact, tables: at, keys })
      })
      for (const table of tables) {
        await loadUnknown(table, load)
        await loadSpreads(table, facts, loadWhere, poisons)
      }
      await inTurns(aimed, one => foldFact(tables, one, poisons))
    },
    folded: () => ({ changes: tables.filter(table => table.touched.size > 0).map(changeOf), poisons }),
  }
}

/** Folds one stretch of facts into the rows that they touch. */
export const foldBatch = async (
  projections: readonly Projection<Keyed>[],
  facts: readonly RecordedEvent[],
  load: Load,
  loadWhere: LoadWhere,
  caches?: Caches,
): Promise<Folded> => {
  const fold = startFold(projections, load, loadWhere, caches)
  await fold.add(facts)
  return fold.folded()
}

/** Remembers what was written. */
export const remember = (caches: Caches, changes: readonly Change[]): void => {
  for (const { projection, rows, gone } of changes) {
    const cache = caches.get(projection.table)
    for (const row of rows) cache?.set(keyOf(row.company_id, row.id), row)
    for (const row of gone) cache?.set(keyOf(row.company_id, row.id), undefined)
  }
}

/** A row that is at hand. */
export const cachedRow = (caches: Caches, table: string, companyId: string, id: string): Keyed | undefined =>
  caches.get(table)?.get(keyOf(companyId, id))

/** The tables whose rows a ticket or a message names, and the columns that name them. */
const NAMING: readonly (readonly [table: string, column: string, names: string])[] = [
  ['ticket_row', 'contact_id', 'contact_row'],
  ['ticket_row', 'session_id', 'session_row'],
  ['ticket_row', 'queue_id', 'queue_row'],
  ['ticket_row', 'user_id', 'user_row'],
]

/** Puts the rows that what was just written names at hand too, where they are not yet: one load per table. */
export const warm = async (caches: Caches, changes: readonly Change[], load: Load): Promise<void> => {
  for (const [table, column, names] of NAMING) {
    const cache = caches.get(names)
    const changed = changes.find(change => change.projection.table === table)
    if (!cache || !changed) continue
    const wanted = new Set<string>()
    for (const row of changed.rows) {
      const id = (row as Readonly<Record<string, unknown>>)[column]
      const key = typeof id === 'string' && keyOf(row.company_id, id)
      if (key && !cache.get(key)) wanted.add(key)
    }
    if (wanted.size === 0) continue
    for (const row of await load(names, [...wanted].map(keyedOf)))
      cache.set(keyOf(row.company_id, row.id), row)
  }
}
