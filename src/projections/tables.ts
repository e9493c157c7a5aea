import { createHash } from 'node:crypto'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { allEvents } from '../events/all.ts'
import { besideWords } from './beside-words.ts'
import { companyRow } from './company-row.ts'
import { contactRow } from './contact-row.ts'
import { conversationRow } from './conversation-row.ts'
import { deadLetterRow } from './dead-letter-row.ts'
import type { Keyed, Projection } from './define.ts'
import { messageRow } from './message-row.ts'
import { messageWords } from './message-words.ts'
import { queueRow } from './queue-row.ts'
import { sessionRow } from './session-row.ts'
import { ticketRow } from './ticket-row.ts'
import { timerRow } from './timer-row.ts'
import { userRow } from './user-row.ts'

/** Any database of ours: the read models spell their own statements. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Db = Kysely<any>

type AnyProjection = Projection<Keyed>
const any = (projection: unknown): AnyProjection => projection as AnyProjection

/** All read models. Tickets and conversations come first: a message asks them where it is. */
export const projections: readonly AnyProjection[] = [
  any(ticketRow),
  any(conversationRow),
  any(messageRow),
  any(messageWords),
  any(besideWords),
  any(contactRow),
  any(sessionRow),
  any(userRow),
  any(queueRow),
  any(companyRow),
  any(deadLetterRow),
  any(timerRow),
]

const SCHEMA_PREFIX = 'read_v2_'

const OWN_TABLES = [
  `checkpoint (one integer primary key check (one = 1), epoch text not null, position text collate "C" not null,
    generation integer not null, versions text not null, updated_at timestamptz not null)`,
  `poisoned (position text collate "C" not null, read_model text not null, event_id text not null, stream text not null,
    revision integer not null, type text not null, reason text not null, at timestamptz not null default now(),
    primary key (position, read_model))`,
  `rebuild (one integer primary key check (one = 1), state text not null, reason text not null,
    facts_done integer not null, facts_total integer, facts_per_second real, error text,
    started_at timestamptz not null, updated_at timestamptz not null, ended_at timestamptz)`,
]

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8)

/** What rows look like: tables of the same shape can be read by any release that has it. */
const SHAPE = hashOf([OWN_TABLES, projections.map(p => [p.table, p.columns])])

const VOCABULARY = Object.entries(allEvents).map(([type, { version }]) => [type, version])

/** What this release makes of the facts, and how it finds it again. */
export const VERSIONS = hashOf([projections.map(p => [p.table, p.version, p.indexes]), VOCABULARY])

/**
 * The Postgres schema in which this release keeps its read models, named after what they are made of: another shape or
 * version is another schema, filled from the log, while an older release goes on reading its own. The vocabulary is part
 * of it: what an older release cannot read it leaves out of its own tables, never out of a newer release's.
 */
export const SCHEMA = `${SCHEMA_PREFIX}${SHAPE}_${VERSIONS}`

/** Where the next set of the read models is made, beside the one that is read. */
export const NEXT_SCHEMA = `${SCHEMA}_next`

/** The set that was read before the last swap, until nobody is in the middle of a question to it. */
export const RETIRED_SCHEMA = `${SCHEMA}_old`

/** A table of ours as it stands in a statement. */
export const table = (name: string, schema: string = SCHEMA): RawBuilder<unknown> =>
  sql.table(`${schema}.${name}`)

const createTable = (schema: string, { table: name, columns }: AnyProjection): string => {
  const lines = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
  return `create table ${schema}.${name} (${lines.join(', ')}, primary key (company_id, id))`
}

/** The statements that make a set of read models, empty. */
export const tableStatements = (schema: string): readonly string[] => [
  `create schema ${schema}`,
  ...OWN_TABLES.map(own => `create table ${schema}.${own}`),
  ...projections.map(projection => createTable(schema, projection)),
]

/** The statements that make it quick to ask; after a load they cost a fraction of what they cost during it. */
export const indexStatements = (schema: string): readonly string[] =>
  projections.flatMap(({ table: name, indexes }) =>
    indexes.map(index => `create index on ${schema}.${name} ${index}`),
  )

/** The schema of another release whose rows look the same, the one that was written to last. */
const sameShape = async (tx: Db): Promise<string | null> => {
  const found = await sql<{ name: string }>`select n.nspname as name from pg_namespace n
    join pg_class c on c.relnamespace = n.oid and c.relname = 'checkpoint'
    where n.nspname ~ ${`^${SCHEMA_PREFIX}${SHAPE}_[0-9a-f]{8}$`}`.execute(tx)
  let latest: { name: string; at: Date } | null = null
  for (const { name } of found.rows) {
    const row = (
      await sql<{ at: Date }>`select updated_at as at from ${table('checkpoint', name)}`.execute(tx)
    ).rows[0]
    if (row && (!latest || row.at > latest.at)) latest = { name, at: row.at }
  }
  return latest?.name ?? null
}

/**
 * Makes the tables unless they are there. Several processes at once: one makes them, the others wait. `alone`: nobody
 * else reads another release's tables, so those of the same shape are taken over and served until the new ones are made;
 * their checkpoint goes on saying which versions made them.
 */
export const createTables = async (db: Db, alone = false): Promise<void> => {
  await db.transaction().execute(async tx => {
    await sql`select pg_advisory_xact_lock(hashtext(${SCHEMA}))`.execute(tx)
    const there = await sql`select 1 from pg_namespace where nspname = ${SCHEMA}`.execute(tx)
    if (there.rows.length > 0) return
    const adopted = alone ? await sameShape(tx) : null
    if (adopted) return void (await sql.raw(`alter schema ${adopted} rename to ${SCHEMA}`).execute(tx))
    for (const statement of [...tableStatements(SCHEMA), ...indexStatements(SCHEMA)])
      await sql.raw(statement).execute(tx)
  })
}

/** Throws everything away, so that it is made again from the log. */
export const dropTables = async (db: Db): Promise<void> => {
  for (const schema of [SCHEMA, NEXT_SCHEMA, RETIRED_SCHEMA])
    await sql.raw(`drop schema if exists ${schema} cascade`).execute(db)
}

/** Drops the read models of other releases which nobody has written to for that long. */
export const dropAbandoned = async (db: Db, afterHours: number): Promise<string[]> => {
  const schemas = await sql<{ name: string }>`select n.nspname as name from pg_namespace n
    join pg_class c on c.relnamespace = n.oid and c.relname = 'checkpoint'
    where starts_with(n.nspname, 'read_v') and not starts_with(n.nspname, ${SCHEMA})`.execute(db)
  const dropped: string[] = []
  for (const { name } of schemas.rows) {
    const live = await sql`select 1 from ${sql.table(`${name}.checkpoint`)}
      where updated_at > now() - make_interval(hours => ${afterHours})`.execute(db)
    if (live.rows.length > 0) continue
    await sql`drop schema if exists ${sql.id(name)} cascade`.execute(db)
    dropped.push(name)
  }
  return dropped
}
