import { createHash } from 'node:crypto'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { companyRow } from './company-row.ts'
import { contactRow } from './contact-row.ts'
import { conversationRow } from './conversation-row.ts'
import { deadLetterRow } from './dead-letter-row.ts'
import type { Keyed, Projection } from './define.ts'
import { messageRow } from './message-row.ts'
import { queueRow } from './queue-row.ts'
import { sessionRow } from './session-row.ts'
import { ticketRow } from './ticket-row.ts'
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
  any(contactRow),
  any(sessionRow),
  any(userRow),
  any(queueRow),
  any(companyRow),
  any(deadLetterRow),
]

const SCHEMA_PREFIX = 'read_v1_'

const OWN_TABLES = [
  `checkpoint (one integer primary key check (one = 1), epoch text not null, position text collate "C" not null,
    updated_at timestamptz not null)`,
  `poisoned (position text collate "C" not null, read_model text not null, stream text not null,
    revision integer not null, type text not null, reason text not null, at timestamptz not null default now(),
    primary key (position, read_model))`,
]

/**
 * The Postgres schema in which this release keeps its read models, named after what they are made of: another shape or
 * version is another schema, filled from the log, while an older release goes on reading its own.
 */
export const SCHEMA =
  SCHEMA_PREFIX +
  createHash('sha256')
    .update(JSON.stringify([OWN_TABLES, projections.map(p => [p.table, p.version, p.columns, p.indexes])]))
    .digest('hex')
    .slice(0, 12)

/** A table of ours as it stands in a statement. */
export const table = (name: string): RawBuilder<unknown> => sql.table(`${SCHEMA}.${name}`)

const createTable = ({ table: name, columns }: AnyProjection): string => {
  const lines = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
  return `create table ${SCHEMA}.${name} (${lines.join(', ')}, primary key (company_id, id))`
}

/** Makes the tables unless they are there. Several processes at once: one makes them, the others wait. */
export const createTables = async (db: Db): Promise<void> => {
  await db.transaction().execute(async tx => {
    await sql`select pg_advisory_xact_lock(hashtext(${SCHEMA}))`.execute(tx)
    const there = await sql`select 1 from pg_namespace where nspname = ${SCHEMA}`.execute(tx)
    if (there.rows.length > 0) return
    await sql.raw(`create schema ${SCHEMA}`).execute(tx)
    for (const own of OWN_TABLES) await sql.raw(`create table ${SCHEMA}.${own}`).execute(tx)
    for (const projection of projections) {
      await sql.raw(createTable(projection)).execute(tx)
      for (const index of projection.indexes)
        await sql.raw(`create index on ${SCHEMA}.${projection.table} ${index}`).execute(tx)
    }
  })
}

/** Throws everything away, so that it is made again from the log. */
export const dropTables = (db: Db): Promise<unknown> =>
  sql.raw(`drop schema if exists ${SCHEMA} cascade`).execute(db)

/** Drops the read models of other releases which nobody has written to for that long. */
export const dropAbandoned = async (db: Db, afterHours: number): Promise<string[]> => {
  const schemas = await sql<{ name: string }>`select n.nspname as name from pg_namespace n
    join pg_class c on c.relnamespace = n.oid and c.relname = 'checkpoint'
    where starts_with(n.nspname, ${SCHEMA_PREFIX}) and n.nspname <> ${SCHEMA}`.execute(db)
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
