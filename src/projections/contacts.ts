import { sql, type RawBuilder } from 'kysely'
import { PLANNED_ANEW } from '../database/named.ts'
import type { Contact } from '../realtime/protocol.ts'
import type { ContactRow } from './contact-row.ts'
import { fromCursor, pageOf, textAndId } from './cursor.ts'
import type { PushViews, ReadModels } from './read-models.ts'
import { searchTerms } from './search.ts'
import { table, type Db } from './tables.ts'
import { askedRows, isUuid } from './asked.ts'
import { mayReadPersonal } from './visibility.ts'

const LIST = 'contacts'

/** Contacts `c` by part of their name or number. */
export const contactFound = (companyId: string, q: string): RawBuilder<unknown> => {
  const { name, phone } = searchTerms(companyId, q)
  const ways = [...new Set([name, phone])].filter(way => way !== null)
  if (ways.length === 0) return sql`false`
  return sql`(${sql.join(
    // Written out: the best way to look depends on what is looked for.
    ways.map(way => sql`c.search @@ ${sql.lit(way)}::tsquery`),
    sql` or `,
  )})`
}

const contactView = (row: ContactRow): Contact => ({
  id: row.id,
  name: row.name,
  phone: row.phone,
  email: row.email,
  isGroup: row.is_group,
  blocked: row.blocked,
  addresses: row.addresses.map(address => ({ ...address })),
  ...(row.erased_at === null ? {} : { erased: true as const }),
  ...(row.merged_into === null ? {} : { mergedInto: row.merged_into }),
  ...(row.joined.length === 0
    ? {}
    : { merged: row.joined.map(({ id, name, phone }) => ({ id, name, phone })) }),
  revision: row.revision,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** The company's contacts, for everybody in it but analysts, who know nobody. */
export const createContactQueries = (
  db: Db,
): Pick<ReadModels, 'contacts' | 'contact'> & Pick<PushViews, 'contactViews'> => ({
  contacts: async (who, ask) => {
    // Who stands for several is listed once.
    const conditions = [sql`c.company_id = ${who.companyId}`, sql`c.merged_into is null`]
    if (!mayReadPersonal(who)) return { items: [], nextCursor: null }
    if (ask.q?.trim()) conditions.push(contactFound(who.companyId, ask.q))
    const anew = ask.q?.trim() ? sql.raw(PLANNED_ANEW) : sql``
    if (ask.cursor) {
      const [name, id] = fromCursor(LIST, textAndId, ask.cursor)
      conditions.push(sql`(c.name_search, c.id) > (${name}, ${id}::uuid)`)
    }
    const { rows } = await sql<ContactRow>`select ${anew} c.* from ${table('contact_row')} c
      where ${sql.join(conditions, sql` and `)} order by c.name_search, c.id limit ${ask.limit + 1}`.execute(
      db,
    )
    return pageOf(LIST, rows, ask.limit, row => [row.name_search, row.id], contactView)
  },

  contact: async (who, contactId) => {
    if (!isUuid(contactId) || !mayReadPersonal(who)) return null
    const { rows } = await sql<ContactRow>`select c.* from ${table('contact_row')} c
      where c.company_id = ${who.companyId} and c.id = ${contactId}`.execute(db)
    return rows[0] ? contactView(rows[0]) : null
  },

  contactViews: async asked => {
    const { rows } = await sql<ContactRow>`select c.* from ${table('contact_row')} c
      join ${askedRows(asked)} on k.company_id = c.company_id and k.id = c.id`.execute(db)
    return new Map(rows.map(row => [row.id, { companyId: row.company_id, contact: contactView(row) }]))
  },
})
