import { sql, type RawBuilder } from 'kysely'
import type { Keyed, Projection } from './define.ts'
import { table, type Db } from './tables.ts'

export type Change = {
  readonly projection: Projection<Keyed>
  readonly rows: readonly Keyed[]
  readonly gone: readonly Keyed[]
  /** Which of all these the tables knew before. */
  readonly known: readonly Keyed[]
}
export type Poison = {
  readonly position: string
  readonly read_model: string
  readonly event_id: string
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly reason: string
}

const UNSTORABLE = /\\u0000|\\u[dD][89a-fA-F]/
const storable = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\0', '').replace(/\p{Cs}/gu, '\uFFFD') : value

/** A value as JSON. Postgres keeps neither NUL nor half characters, which customers do send. */
export const jsonOf = (value: unknown): string => {
  const json = JSON.stringify(value)
  return UNSTORABLE.test(json) ? JSON.stringify(value, storable) : json
}

const upsert = (schema: string, { projection, rows }: Change): RawBuilder<unknown> => {
  const target = table(projection.table, schema)
  const set = Object.keys(projection.columns)
    .filter(column => column !== 'company_id' && column !== 'id')
    .map(column => sql`${sql.id(column)} = excluded.${sql.id(column)}`)
  return sql`insert into ${target} select r.* from json_populate_recordset(null::${target}, ${jsonOf(rows)}::json) r
    where exists (select 1 from moved) on conflict (company_id, id) do update set ${sql.join(set)}`
}

const remove = (schema: string, { projection, gone }: Change): RawBuilder<unknown> =>
  sql`delete from ${table(projection.table, schema)} t
    using json_to_recordset(${jsonOf(gone)}::json) as k(company_id uuid, id uuid)
    where t.company_id = k.company_id and t.id = k.id and exists (select 1 from moved)`

const record = (schema: string, poisons: readonly Poison[]): RawBuilder<unknown> =>
  sql`insert into ${table('poisoned', schema)} (position, read_model, event_id, stream, revision, type, reason)
    select p.* from json_to_recordset(${jsonOf(poisons)}::json)
      as p(position text, read_model text, event_id text, stream text, revision integer, type text, reason text)
    where exists (select 1 from moved) on conflict do nothing`

/** Where somebody who wants to write believes that the tables are. */
export type At = { readonly schema: string; readonly position: string; readonly generation: number }

/**
 * Writes a batch of all tables and moves the checkpoint, in one statement, which is one transaction and one round trip.
 * Every part of it depends on the checkpoint's having stood where we thought: if another process was there before us,
 * nothing at all is written and the answer is `false`.
 */
export const writeBatch = async (
  db: Db,
  at: At,
  to: string,
  changes: readonly Change[],
  poisons: readonly Poison[],
): Promise<boolean> => {
  const { schema, position, generation } = at
  const parts = [
    ...changes.filter(change => change.rows.length > 0).map(change => upsert(schema, change)),
    ...changes.filter(change => change.gone.length > 0).map(change => remove(schema, change)),
    ...(poisons.length > 0 ? [record(schema, poisons)] : []),
  ].map((part, i) => sql`, ${sql.raw(`part${i}`)} as (${part})`)
  const result = await sql<{ n: number }>`with moved as (
      update ${table('checkpoint', schema)} set position = ${to}, updated_at = now()
      where one = 1 and position = ${position} and generation = ${generation} returning 1
    )${sql.join(parts, sql``)} select count(*)::int as n from moved`.execute(db)
  return result.rows[0]?.n === 1
}

/** The rows of one company of which the condition (on `t`) is true, in one statement. */
export const loadRowsWhere = async (
  db: Db,
  schema: string,
  name: string,
  companyId: string,
  where: string,
): Promise<Keyed[]> => {
  const found = await sql<Keyed>`select t.* from ${table(name, schema)} t
    where t.company_id = ${companyId} and (${sql.raw(where)})`.execute(db)
  return found.rows
}

/** The rows with these keys, in one statement. */
export const loadRows = async (
  db: Db,
  schema: string,
  name: string,
  keys: readonly Keyed[],
): Promise<Keyed[]> => {
  const asked = JSON.stringify(keys)
  const found = await sql<Keyed>`select t.* from ${table(name, schema)} t
    join json_to_recordset(${asked}::json) as k(company_id uuid, id uuid)
      on t.company_id = k.company_id and t.id = k.id`.execute(db)
  return found.rows
}
