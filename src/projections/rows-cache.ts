import type { Keyed } from './define.ts'
import { projections } from './tables.ts'

/** Hot rows of one table, the least recently used forgotten first, so that a batch seldom has to read before it writes. */
export type RowsCache = {
  get(key: string): Keyed | undefined
  set(key: string, row: Keyed | undefined): void
  clear(): void
}

export const createRowsCache = (rowsMax: number): RowsCache => {
  const rows = new Map<string, Keyed>()
  return {
    get: key => {
      const row = rows.get(key)
      if (!row) return undefined
      rows.delete(key)
      rows.set(key, row)
      return row
    },
    set: (key, row) => {
      rows.delete(key)
      if (row) rows.set(key, row)
      if (rows.size > rowsMax) rows.delete(rows.keys().next().value!)
    },
    clear: () => rows.clear(),
  }
}

/** Rows of each table that stay at hand. */
const CACHED_ROWS_MAX = 20_000

/** A cache for each table. */
export const createCaches = (rowsMax = CACHED_ROWS_MAX): ReadonlyMap<string, RowsCache> =>
  new Map(projections.map(one => [one.table, createRowsCache(rowsMax)]))
