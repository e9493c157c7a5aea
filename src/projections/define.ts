import { isId } from '../shared/ids.ts'
import type { EventType, RecordedEvent, RecordedOf } from '../events/all.ts'

/**
 * A read model is a pure fold: a row and a fact give the row after it. The runner folds live batches and rebuilds with
 * it, time travel folds one ticket's stream with it, so every rule of what may be seen exists once. A projection
 * believes: it records each fact as best it can, and never throws because an earlier one is missing.
 */

/** Said aloud of a fact that changes nothing in a table. */
export const ignored = Symbol('ignored')

/** The row of the stream in which the fact lives, right after the fact: what a message needs to know of its place. */
export type Scope = {
  readonly ticket:
    { readonly id: string; readonly conversation_id: string; readonly session_id: string } | undefined
  readonly conversation: { readonly id: string; readonly session_id: string } | undefined
}

/** `undefined` as row: there is none yet; `undefined` as answer: there shall be none. */
export type Handler<Row, T extends EventType> = (
  row: Row | undefined,
  fact: RecordedOf<T>,
  scope: Scope,
) => Row | undefined

export type Handlers<Row> = { readonly [T in EventType]: Handler<Row, T> | typeof ignored }

/** Facts upon which everything of a person is blanked: when it is decided, and when nothing new can come any more. */
export const ERASURES: readonly EventType[] = ['contact.erased', 'contact.erasureCompleted']

/** Every row knows its tenant; company and id together are its key. */
export type Keyed = { readonly company_id: string; readonly id: string }

/** An id as SQL. @throws Error for anything else */
export const inSql = (id: string): string => {
  if (!isId(id)) throw new Error('not an id')
  return `'${id}'`
}

/** A fact that touches many rows: which ones, told of a row in memory and of the table (`t`) alike. */
export type Spread<Row> = {
  readonly types: readonly EventType[]
  matches(row: Row, fact: RecordedEvent): boolean
  /** SQL. Ids in it are checked with `inSql`, never anything else of a fact. */
  where(fact: RecordedEvent): string
}

export type Projection<Row extends Keyed> = {
  readonly table: string
  /** Raise it whenever a handler changes what it makes of the same facts: the read models are then rebuilt. */
  readonly version: number
  /** Column → SQL type and constraints. */
  readonly columns: { readonly [C in keyof Row & string]: string }
  /** What follows `create index on <table>`. */
  readonly indexes: readonly string[]
  /** Facts that begin a row: nothing has to be loaded for them, and what was there before does not count. */
  readonly creates: readonly EventType[]
  /** The id of the row that the fact touches, or `null`. */
  keyOf(fact: RecordedEvent): string | null
  /** For facts that touch more rows than one of their company; the handler is called with each. */
  readonly spread?: Spread<Row>
  readonly handlers: Handlers<Row>
  /** Done after every fact of the row, the ignored ones too. */
  readonly always?: (row: Row, fact: RecordedEvent) => Row
}

/** All facts of a vocabulary, ignored. Handlers that follow in the same object take theirs back. */
export const ignoring = <V extends { readonly [type: string]: unknown }>(vocabulary: V) =>
  Object.fromEntries(Object.keys(vocabulary).map(type => [type, ignored])) as {
    readonly [T in keyof V]: typeof ignored
  }

/** One step of the fold. @throws whatever the handler throws; the caller decides what a poisoned fact costs. */
export const step = <Row extends Keyed>(
  projection: Projection<Row>,
  row: Row | undefined,
  fact: RecordedEvent,
  scope: Scope,
): Row | undefined => {
  const handler = projection.handlers[fact.type] as Handler<Row, EventType> | typeof ignored
  const before = projection.creates.includes(fact.type) ? undefined : row
  const after = handler === ignored ? before : handler(before, fact as never, scope)
  return after && projection.always ? projection.always(after, fact) : after
}

const WRITTEN_OUT_CHARS = '2026-01-02T03:04:05.678Z'.length

/**
 * A time of any precision as it stands in a row: milliseconds, UTC, so that text order is time order. Nearly all come so
 * from our own clocks, and making a date of each only to say the same again is a tenth of a fold.
 */
export const instant = (time: string): string =>
  time.length === WRITTEN_OUT_CHARS && time.endsWith('Z') ? time : new Date(time).toISOString()

/** The later of two instants: clocks of several nodes may disagree, a row's time never runs backwards. */
export const later = (a: string, b: string): string => (a > b ? a : b)
