import type { Keyed, Projection } from './define.ts'
import { inTurns } from './in-turns.ts'
import { jsonOf } from './write.ts'

/**
 * Rows as the text format of `copy`: one line a row, tabs between, `\N` for null. What it makes of a row is to the byte
 * what the live path's JSON makes of it, so that tables made either way are the same.
 */

const NULL = '\\N'
const SPECIAL = /[\\\n\r\t\0]/
const ESCAPES: { readonly [character: string]: string } = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  // Postgres keeps no NUL, and customers do send them.
  '\0': '',
}

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\n\r\t\0]/g, character => ESCAPES[character] ?? '') : text

type Write = (value: unknown) => string

const asText: Write = value =>
  value === null || value === undefined
    ? NULL
    : typeof value === 'string'
      ? escaped(value)
      : escaped(JSON.stringify(value) ?? NULL)

const asJson: Write = value => (value === null || value === undefined ? NULL : escaped(jsonOf(value)))

/** The statement and how to write its rows. */
export const copyFormat = (projection: Projection<Keyed>, schema: string) => {
  const columns = Object.entries(projection.columns as Readonly<Record<string, string>>)
  const names = columns.map(([name]) => name)
  const writers = columns.map(([, type]) => (type.startsWith('jsonb') ? asJson : asText))
  const lineOf = (row: Readonly<Record<string, unknown>>): string => {
    let line = ''
    for (let i = 0; i < names.length; i++)
      line += (i === 0 ? '' : '\t') + (writers[i] as Write)(row[names[i] as string])
    return `${line}\n`
  }
  return {
    statement: `copy ${schema}.${projection.table} (${names.join(', ')}) from stdin`,
    /** Half characters become U+FFFD where text becomes bytes. */
    bytesOf: async (rows: readonly Keyed[]): Promise<Buffer> => {
      let text = ''
      await inTurns(rows, row => void (text += lineOf(row as never)))
      return Buffer.from(text, 'utf8')
    },
  }
}
export type CopyFormat = ReturnType<typeof copyFormat>
