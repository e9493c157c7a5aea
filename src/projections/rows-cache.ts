import { charsIn } from './chars-in.ts'
import type { Keyed } from './define.ts'
import { projections } from './tables.ts'

/** Hot rows of one table, the least recently used forgotten first, so that a batch seldom has to read before it writes. */
export type RowsCache = {
  get(key: string): Keyed | undefined
  set(key: string, row: Keyed | undefined): void
  clear(): void
}

/** Characters of all rows of a table together: a customer may write long. */
const CACHED_CHARS_MAX = 32 * 1024 * 1024

export const createRowsCache = (rowsMax: number, charsMax = CACHED_CHARS_MAX): RowsCache => {
  const kept = new Map<string, { readonly row: Keyed; readonly chars: number }>()
  let chars = 0
  const forget = (key: string): void => {
    chars -= kept.get(key)?.chars ?? 0
    kept.delete(key)
  }
  return {
    get: key => {
      const found = kept.get(key)
      if (!found) return undefined
      kept.delete(key)
      kept.set(key, found)
      return found.row
    },
    set: (key, row) => {
      forget(key)
      if (!row) return
      const weighed = { row, chars: charsIn(row) }
      kept.set(key, weighed)
      chars += weighed.chars
      while (kept.size > rowsMax || chars > charsMax) forget(kept.keys().next().value!)
    },
    clear: () => {
      kept.clear()
      chars = 0
    },
  }
}

/** Rows of each table that stay at hand. */
const CACHED_ROWS_MAX = 20_000

/** A cache for each table. */
export const createCaches = (rowsMax = CACHED_ROWS_MAX): ReadonlyMap<string, RowsCache> =>
  new Map(projections.map(one => [one.table, createRowsCache(rowsMax)]))
