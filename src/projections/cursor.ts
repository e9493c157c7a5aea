import { z } from 'zod'
import { BadCursor, type Page } from './read-models.ts'

type Key = string | number
/** No list ends at a text with NUL, and no database takes one. */
const storable = z.string().refine(text => !text.includes('\0'))

/** Where a page ended, for the list with this name: opaque to clients. */
export const toCursor = (list: string, key: readonly Key[]): string =>
  Buffer.from(JSON.stringify([list, ...key])).toString('base64url')

/** @throws BadCursor for a text that is no cursor of this list. */
export const fromCursor = <S extends z.ZodType<readonly Key[]>>(
  list: string,
  key: S,
  cursor: string,
): z.output<S> => {
  try {
    const [name, ...rest] = z
      .array(z.union([storable, z.number()]))
      .parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    if (name !== list) throw new BadCursor('the cursor is of another list')
    return key.parse(rest)
  } catch {
    throw new BadCursor('the cursor was not made by this list')
  }
}

/** Rows of which one more than asked was read. */
export const pageOf = <Row, T>(
  list: string,
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => readonly Key[],
  view: (row: Row) => T,
): Page<T> => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(view),
    nextCursor: rows.length > limit && last ? toCursor(list, key(last)) : null,
  }
}

/** `[text, id]`: the key of most lists. */
export const textAndId = z.tuple([z.string(), z.uuid()])
