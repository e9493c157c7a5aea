import { sql } from 'kysely'
import type { RecordedEvent } from '../events/all.ts'
import { table, type Db } from './tables.ts'

export type Names = ReadonlyMap<string, string | null>

/** The names of users, contacts and sessions with these ids, in one statement. */
export const namesOf = async (db: Db, companyId: string, ids: readonly string[]): Promise<Names> => {
  const { rows } = await sql<{ id: string; name: string | null }>`
    with asked as (select value::uuid as id from json_array_elements_text(${JSON.stringify([...new Set(ids)])}::json))
    select id, name from ${table('user_row')} join asked using (id) where company_id = ${companyId}
    union all select id, name from ${table('contact_row')} join asked using (id) where company_id = ${companyId}
    union all select id, name from ${table('session_row')} join asked using (id) where company_id = ${companyId}
  `.execute(db)
  return new Map(rows.map(row => [row.id, row.name]))
}

/** Who did these, as far as they have names that can be looked up. */
export const actorIds = (facts: readonly RecordedEvent[]): string[] =>
  facts.flatMap(({ meta: { actor } }) => (actor.kind === 'bot' || actor.kind === 'system' ? [] : [actor.id]))

/** Messages among these that were deleted for everyone, in one statement. */
export const deletedAmong = async (
  db: Db,
  companyId: string,
  messageIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ id: string }>`select m.id from ${table('message_row')} m
    join (select value::uuid as id from json_array_elements_text(${JSON.stringify(messageIds)}::json)) asked on asked.id = m.id
    where m.company_id = ${companyId} and m.deleted_at is not null`.execute(db)
  return new Set(rows.map(row => row.id))
}
