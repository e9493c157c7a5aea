import { createHash } from 'node:crypto'
import { openPostgres } from '../../src/database/postgres.ts'
import type { RecordedEvent } from '../../src/events/all.ts'
import { step, type Keyed, type Projection, type Scope } from '../../src/projections/define.ts'
import type { ContactRow } from '../../src/projections/contact-row.ts'
import { idIn } from '../../src/projections/place.ts'
import { partVector, searchable } from '../../src/projections/search.ts'
import { phoneVariants } from '../../src/shared/phone.ts'
import { createChance, type Chance } from './history/chance.ts'
import { personName, phoneNumber } from './history/text.ts'
import { copyFormat } from '../../src/projections/copy-text.ts'
import { indexStatements, projections, SCHEMA, tableStatements } from '../../src/projections/tables.ts'
import { silentLog } from '../../src/shared/log.ts'
import { recordedHistory } from './history/write.ts'
import { largeHistory } from './large-history.ts'

/** Messages that are written together. */
const ROWS_AT_ONCE = 4_000

const YEAR_SECONDS = 365 * 86_400

export type LargeTables = {
  /** Default 20,000. */
  readonly tickets?: number
  /** Default 400,000. */
  readonly messages?: number
  /** Default 2. */
  readonly years?: number
  /** Messages of before the number was linked, beside all tickets. Default none. */
  readonly beside?: number
}

type Rows = Map<string, Keyed>
const named = (name: string): Projection<Keyed> => {
  const found = projections.find(one => one.table === name)
  if (!found) throw new Error(`there is no read model ${name}`)
  return found
}

/**
 * Folds a history with the very folds of the read models. Messages are handed on as soon as their ticket is closed: a
 * large history keeps only the tickets that go on at the moment.
 */
const foldAll = function* (
  facts: Iterable<RecordedEvent>,
): Generator<{ readonly name: string; readonly rows: readonly Keyed[] }> {
  const tables = new Map<string, Rows>(projections.map(one => [one.table, new Map()]))
  const rowsOf = (name: string): Rows => tables.get(name) ?? new Map<string, Keyed>()
  const perMessage = ['message_row', 'message_words', 'beside_words'].map(named)
  const others = projections.filter(one => !perMessage.includes(one))
  /** Stream → table → rows of the messages of tickets that go on. */
  const going = new Map<string, Map<string, Rows>>()
  let finished = new Map<string, Keyed[]>()
  const finish = (stream: string): void => {
    for (const [name, rows] of going.get(stream) ?? [])
      finished.set(name, [...(finished.get(name) ?? []), ...rows.values()])
    going.delete(stream)
  }

  const foldMessage = (projection: Projection<Keyed>, fact: RecordedEvent, scope: Scope): void => {
    const id = projection.keyOf(fact)
    if (!id) return
    const tablesOf = going.get(fact.stream) ?? new Map<string, Rows>()
    const rows = tablesOf.get(projection.table) ?? new Map<string, Keyed>()
    going.set(fact.stream, tablesOf.set(projection.table, rows))
    const after = step(projection, rows.get(id), fact, scope)
    if (!after) throw new Error(`${fact.type} of a message that was handed on already`)
    rows.set(id, after)
  }

  for (const fact of facts) {
    for (const projection of others) {
      const id = projection.keyOf(fact)
      if (!id) continue
      const rows = rowsOf(projection.table)
      const after = step(projection, rows.get(id), fact, { ticket: undefined, conversation: undefined })
      if (after) rows.set(id, after)
    }
    const ticketId = idIn('ticket', fact)
    const ticket = ticketId ? (rowsOf('ticket_row').get(ticketId) as unknown as Scope['ticket']) : undefined
    for (const projection of perMessage) foldMessage(projection, fact, { ticket, conversation: undefined })
    if (fact.type !== 'ticket.closed') continue
    finish(fact.stream)
    if ((finished.get('message_row')?.length ?? 0) < ROWS_AT_ONCE) continue
    for (const [name, rows] of finished) yield { name, rows }
    finished = new Map()
  }
  for (const stream of [...going.keys()]) finish(stream)
  for (const [name, rows] of finished) yield { name, rows }
  for (const [name, rows] of tables) yield { name, rows: [...rows.values()] }
}

/** How often what was folded is there in the end: folding is work for one core of ours, copying is none. */
const COPIES = 20
/** What the copies of a ticket have in common with it. */
const SHARED = new Set(['company_id', 'session_id', 'queue_id', 'user_id'])
const COPIED = [
  'ticket_row',
  'conversation_row',
  'message_row',
  'message_words',
  'beside_words',
  'deadletter_row',
  'timer_row',
]

/** The id of a copy, as `copiedId` says it in SQL. */
const idOfCopy = (id: string, copy: number): string => {
  const hex = createHash('md5').update(`${id}/${copy}`).digest('hex')
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5')
}
const copiedId = (column: string): string =>
  `overlay(overlay(md5(${column}::text || '/' || k) placing '4' from 13) placing 'a' from 17)::uuid`

/** What stands in a column of the `k`th copy. */
const copied = (
  column: string,
  type: string,
  options: { readonly tickets: number; years: number },
): string => {
  if (SHARED.has(column)) return column
  if (type.startsWith('uuid')) return copiedId(column)
  if (column === 'number') return `number + k * ${options.tickets}`
  if (column === 'provider_key') return `left(md5(provider_key || k), 32)`
  if (column === 'author_id')
    return `case when author_kind = 'contact' then ${copiedId(column)}::text else author_id end`
  if (column === 'stream')
    return `split_part(stream, '.', 1) || '.' || ${copiedId(`split_part(stream, '.', 2)`)}`
  // The copies of one moment fill the time to the ticket before.
  if (!type.includes('collate "C"')) return column
  const seconds = Math.round((options.years * YEAR_SECONDS) / options.tickets / COPIES)
  return `to_char(${column}::timestamp - k * interval '${seconds} seconds', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

const copyStatement = (
  projection: Projection<Keyed>,
  options: { readonly tickets: number; years: number },
): string => {
  const columns = Object.entries(projection.columns as Readonly<Record<string, string>>)
  const values = columns.map(([column, type]) => copied(column, type, options))
  return `insert into ${SCHEMA}.${projection.table} (${columns.map(([column]) => column).join(', ')})
    select ${values.join(', ')} from ${SCHEMA}.${projection.table} cross join generate_series(1, ${COPIES - 1}) k`
}

/** What stands in a column of a message that was said before the number was linked, by what a ticket's message `m` has there. */
const asPast = (column: string, type: string): string => {
  switch (column) {
    case 'id':
      return `overlay(overlay(md5(m.id::text || '/past') placing '4' from 13) placing 'a' from 17)::uuid`
    case 'ticket_id':
      return 'null'
    case 'stream':
      return `'conversation-' || m.company_id || '.' || m.conversation_id`
    case 'history':
      return 'true'
    case 'provider_key':
      return `left(md5(m.id::text || 'past'), 32)`
  }
  return type.includes('collate "C"')
    ? `to_char(m.${column}::timestamp - interval '3 years', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    : `m.${column}`
}

/** So many of the tickets' messages said once more, long before, in no ticket. */
const pastStatements = (count: number): readonly string[] => {
  const insert = (projection: Projection<Keyed>, from: string): string => {
    const columns = Object.entries(projection.columns as Readonly<Record<string, string>>)
    return `insert into ${SCHEMA}.${projection.table} (${columns.map(([column]) => column).join(', ')})
      select ${columns.map(([column, type]) => asPast(column, type)).join(', ')} from ${from}`
  }
  const chosen = `select m.company_id, m.id from ${SCHEMA}.message_row m
    where m.ticket_id is not null and m.conversation_id is not null and m.body <> '' order by md5(m.id::text) limit ${count}`
  return [
    `create temporary table chosen as ${chosen}`,
    insert(named('message_row'), `${SCHEMA}.message_row m join chosen using (company_id, id)`),
    insert(
      named('beside_words'),
      `(select w.*, r.conversation_id from ${SCHEMA}.message_words w join chosen using (company_id, id)
        join ${SCHEMA}.message_row r using (company_id, id)) m`,
    ),
    'drop table chosen',
  ]
}

/** Everybody once more under another name and number, so that a name finds as many as in a story told whole. */
const copiedContacts = function* (contacts: readonly ContactRow[], chance: Chance): Generator<ContactRow> {
  for (let copy = 1; copy < COPIES; copy++)
    for (const [i, contact] of contacts.entries()) {
      const name = personName(chance)
      const number = phoneNumber(copy * contacts.length + i + 100)
      yield {
        ...contact,
        id: idOfCopy(contact.id, copy),
        name,
        name_search: searchable(name),
        phone: contact.phone && number,
        search: partVector(contact.company_id, [name, ...(contact.phone ? phoneVariants(number) : [])]),
        addresses: contact.addresses.map(({ kind }) => ({ kind, value: number })),
      }
    }
}

/**
 * Fills the read models with years of a large company and tells the planner what there is: a twentieth of it is a story
 * folded by the very folds of the read models, the rest are copies of that, made by the database.
 */
export const loadLargeTables = async (url: string, options: LargeTables = {}): Promise<void> => {
  const { tickets = 20_000, messages = 400_000, years = 2, beside = 0 } = options
  const part = {
    tickets: tickets / COPIES,
    messages: messages / COPIES,
    together: 10,
    unfinished: 3,
    years,
  }
  const database = await openPostgres({ url, log: silentLog })
  const loader = await database.openLoader()
  const contacts: ContactRow[] = []
  try {
    for (const statement of tableStatements(SCHEMA)) await loader.query(statement)
    await loader.query('set synchronous_commit = off')
    await loader.query(`set maintenance_work_mem = '256MB'`)
    for (const { table } of projections) await loader.query(`alter table ${SCHEMA}.${table} set unlogged`)
    const write = async (name: string, rows: readonly Keyed[]): Promise<void> => {
      const format = copyFormat(named(name), SCHEMA)
      await loader.copyIn(format.statement, await format.bytesOf(rows))
    }
    for (const { name, rows } of foldAll(recordedHistory(largeHistory(part)))) {
      if (name === 'contact_row') contacts.push(...(rows as readonly ContactRow[]))
      await write(name, rows)
    }
    await write('contact_row', [...copiedContacts(contacts, createChance(1))])
    for (const name of COPIED) await loader.query(copyStatement(named(name), part))
    if (beside > 0) for (const statement of pastStatements(beside)) await loader.query(statement)
    for (const statement of indexStatements(SCHEMA)) await loader.query(statement)
    await loader.query('vacuum analyze')
  } finally {
    await loader.close()
    await database.close()
  }
}
