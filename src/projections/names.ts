import { sql, type RawBuilder } from 'kysely'
import type { RecordedEvent } from '../events/all.ts'
import { table, type Db } from './tables.ts'

export type Names = ReadonlyMap<string, string | null>

export type AskedAbout = {
  /** Users, contacts and sessions whose names are wanted. */
  readonly named?: readonly string[]
  /** Messages of which it is asked whether they were deleted for everyone. */
  readonly messages?: readonly string[]
}
export type Told = { readonly names: Names; readonly deleted: ReadonlySet<string> }

const uuidsOf = (ids: readonly string[] = []) =>
  sql`(select value::uuid as id from json_array_elements_text(${JSON.stringify([...new Set(ids)])}::json)) asked`

type ToldRow = { readonly what: 'name' | 'deleted'; readonly id: string; readonly name: string | null }

/** Rows `what`, `id`, `name`: a name of somebody now, or a message that was deleted. To be read by `toldOf`. */
export const tellOf = (companyId: string, { named, messages }: AskedAbout): RawBuilder<ToldRow> => {
  const people = ['user_row', 'contact_row', 'session_row'] as const
  const parts = people.map(
    from =>
      sql`select 'name' as what, id, name from ${table(from)} join ${uuidsOf(named)} using (id) where company_id = ${companyId}`,
  )
  parts.push(
    sql`select 'deleted' as what, m.id, null as name from ${table('message_row')} m join ${uuidsOf(messages)} on asked.id = m.id
      where m.company_id = ${companyId} and m.deleted_at is not null`,
  )
  return sql<ToldRow>`${sql.join(parts, sql` union all `)}`
}

export const toldOf = (rows: readonly { what: string; id: string; name: string | null }[]): Told => ({
  names: new Map(rows.filter(({ what }) => what === 'name').map(({ id, name }) => [id, name])),
  deleted: new Set(rows.filter(({ what }) => what === 'deleted').map(({ id }) => id)),
})

/** What these are called, and which of these messages are gone, in one statement. */
export const tell = async (db: Db, companyId: string, about: AskedAbout): Promise<Told> =>
  toldOf((await tellOf(companyId, about).execute(db)).rows)

/** Who did these, as far as they have names that can be looked up. */
export const actorIds = (facts: readonly RecordedEvent[]): string[] =>
  facts.flatMap(({ meta: { actor } }) => (actor.kind === 'bot' || actor.kind === 'system' ? [] : [actor.id]))
