import type { QueryConfig } from 'pg'

/**
 * Statements by name, so that the server parses and plans each of them once for a connection and not every time: of a
 * small write, planning is most of the work. Only texts that come again get a name; the number of names is bounded.
 */
const NAMES_MAX = 300
const TEXTS_COUNTED_MAX = 2_000
/** A text is named when it comes for this time. */
const NAMED_FROM = 3

/** Stands in statements that have what was asked for written into them: their plan depends on it, and they seldom come again. */
export const PLANNED_ANEW = '/* planned anew */'

const PLANNED = /^\s*(select|with|insert|update|delete)\b/i

/** Whether a statement gets a name once it has come often enough, and may then be planned without its parameters. */
export const mayBeNamed = (text: string): boolean => PLANNED.test(text) && !text.includes(PLANNED_ANEW)

export const createNames = (): ((text: string, values: readonly unknown[]) => QueryConfig) => {
  const seen = new Map<string, number>()
  const names = new Map<string, string>()

  const nameOf = (text: string): string | undefined => {
    const known = names.get(text)
    if (known || names.size >= NAMES_MAX || !mayBeNamed(text)) return known
    const times = (seen.get(text) ?? 0) + 1
    if (times < NAMED_FROM) {
      if (seen.size >= TEXTS_COUNTED_MAX) seen.clear()
      seen.set(text, times)
      return undefined
    }
    seen.delete(text)
    const name = `fio_${names.size}`
    names.set(text, name)
    return name
  }

  return (text, values) => {
    const name = nameOf(text)
    return { text, values: [...values], ...(name ? { name } : {}) }
  }
}
