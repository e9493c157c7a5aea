import type { RecordedEvent } from '../events/all.ts'
import { step, type Keyed, type Projection, type Scope } from './define.ts'
import { idIn } from './place.ts'
import type { RowsCache } from './rows-cache.ts'
import type { Change, Poison } from './write.ts'

type Table = {
  readonly projection: Projection<Keyed>
  readonly rows: Map<string, Keyed | undefined>
  readonly touched: Set<string>
}
export type Load = (table: string, keys: readonly Keyed[]) => Promise<readonly Keyed[]>
export type Folded = { readonly changes: Change[]; readonly poisons: Poison[] }

const keyOf = (companyId: string, id: string): string => `${companyId}/${id}`
const keyedOf = (key: string): Keyed => ({
  company_id: key.slice(0, key.indexOf('/')),
  id: key.slice(key.indexOf('/') + 1),
})

const keyIn = (projection: Projection<Keyed>, fact: RecordedEvent): string | null => {
  const id = projection.keyOf(fact)
  return id && keyOf(fact.meta.companyId, id)
}

/** The keys of one table that the facts touch and that nothing is known of yet: neither begun here nor in the cache. */
const unknownKeys = (
  table: Table,
  facts: readonly RecordedEvent[],
  cache: RowsCache | undefined,
): string[] => {
  const unknown = new Set<string>()
  for (const fact of facts) {
    const key = keyIn(table.projection, fact)
    if (!key || table.rows.has(key) || unknown.has(key)) continue
    const row = table.projection.creates.includes(fact.type) ? undefined : cache?.get(key)
    if (row || table.projection.creates.includes(fact.type)) table.rows.set(key, row)
    else unknown.add(key)
  }
  return [...unknown]
}

const scopeOf = (tables: readonly Table[], fact: RecordedEvent): Scope => {
  const rowIn = (kind: 'ticket' | 'conversation'): Keyed | undefined => {
    const id = idIn(kind, fact)
    const found = tables.find(table => table.projection.table === `${kind}_row`)
    return id ? found?.rows.get(keyOf(fact.meta.companyId, id)) : undefined
  }
  return {
    ticket: rowIn('ticket') as Scope['ticket'],
    conversation: rowIn('conversation') as Scope['conversation'],
  }
}

const poisonOf = (fact: RecordedEvent, readModel: string, error: unknown): Poison => ({
  position: fact.position,
  read_model: readModel,
  stream: fact.stream,
  revision: fact.revision,
  type: fact.type,
  reason: error instanceof Error ? error.message : String(error),
})

const foldFact = (tables: readonly Table[], fact: RecordedEvent, poisons: Poison[]): void => {
  for (const table of tables) {
    const key = keyIn(table.projection, fact)
    if (!key) continue
    const before = table.rows.get(key)
    try {
      const after = step(table.projection, before, fact, scopeOf(tables, fact))
      if (after === before) continue
      table.rows.set(key, after)
      table.touched.add(key)
    } catch (error) {
      poisons.push(poisonOf(fact, table.projection.table, error))
    }
  }
}

/**
 * Folds facts into the rows that they touch: one load per table for what the caches don't hold, the rest in memory.
 * Answers what has to be written; nothing is remembered here before it was.
 */
export const foldBatch = async (
  projections: readonly Projection<Keyed>[],
  facts: readonly RecordedEvent[],
  load: Load,
  caches?: ReadonlyMap<string, RowsCache>,
): Promise<Folded> => {
  const tables: Table[] = projections.map(projection => ({ projection, rows: new Map(), touched: new Set() }))
  for (const table of tables) {
    const keys = unknownKeys(table, facts, caches?.get(table.projection.table))
    if (keys.length === 0) continue
    const found = await load(table.projection.table, keys.map(keyedOf))
    for (const row of found) table.rows.set(keyOf(row.company_id, row.id), row)
  }
  const poisons: Poison[] = []
  for (const fact of facts) foldFact(tables, fact, poisons)
  const changes = tables
    .filter(table => table.touched.size > 0)
    .map(({ projection, rows, touched }) => ({
      projection,
      rows: [...touched].flatMap(key => rows.get(key) ?? []),
      gone: [...touched].filter(key => !rows.get(key)).map(keyedOf),
    }))
  return { changes, poisons }
}

/** Remembers what was written. */
export const remember = (caches: ReadonlyMap<string, RowsCache>, changes: readonly Change[]): void => {
  for (const { projection, rows, gone } of changes) {
    const cache = caches.get(projection.table)
    for (const row of rows) cache?.set(keyOf(row.company_id, row.id), row)
    for (const row of gone) cache?.set(keyOf(row.company_id, row.id), undefined)
  }
}
