import { sql, type RawBuilder } from 'kysely'
import type { UserPrincipal } from '../events/principal.ts'
import { fromCursor, pageOf, textAndId } from './cursor.ts'
import type { PushViews, ReadModels, RowKey, TicketFilter } from './read-models.ts'
import { searchTerms } from './search.ts'
import { table, type Db } from './tables.ts'
import { ticketColumns, ticketNames, ticketView, type TicketWithNames } from './ticket-view.ts'
import { mayReadPersonal, visibleTicket } from './visibility.ts'

type Condition = RawBuilder<unknown>

/** Ids come from outside: what is no UUID is found nowhere, and never reaches the database as one. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
export const isUuid = (text: string): boolean => UUID.test(text)

const sameId = (column: string, id: string): Condition => {
  if (id === 'none') return sql`${sql.ref(column)} is null`
  return isUuid(id) ? sql`${sql.ref(column)} = ${id}` : sql`false`
}

const searched = (who: UserPrincipal, q: string): Condition => {
  const { name, phone, number } = searchTerms(q)
  const ways = mayReadPersonal(who) ? [sql`c.name_search like ${name}`] : []
  if (phone && mayReadPersonal(who)) ways.push(sql`c.phone_search like ${phone}`)
  if (number) ways.push(sql`t.number::text like ${number}`)
  return ways.length > 0 ? sql`(${sql.join(ways, sql` or `)})` : sql`false`
}

const filtered = (who: UserPrincipal, filter: TicketFilter): Condition[] => [
  visibleTicket(who),
  ...(filter.status?.length ? [sql`t.status in (${sql.join(filter.status)})`] : []),
  ...(filter.queueId ? [sameId('t.queue_id', filter.queueId)] : []),
  ...(filter.userId ? [sameId('t.user_id', filter.userId)] : []),
  ...(filter.contactId ? [sameId('t.contact_id', filter.contactId)] : []),
  ...(filter.sessionId ? [sameId('t.session_id', filter.sessionId)] : []),
  ...(filter.unread === undefined ? [] : [filter.unread ? sql`t.unread_count > 0` : sql`t.unread_count = 0`]),
  ...(filter.q?.trim() ? [searched(who, filter.q)] : []),
]

/** The two orders of the list, each with its key. */
const SORTS = {
  newest: {
    name: 'tickets',
    key: sql`t.updated_at`,
    order: sql`t.updated_at desc, t.id desc`,
    beyond: sql`<`,
  },
  oldest: {
    name: 'tickets-oldest',
    key: sql`coalesce(t.pending_since, t.updated_at)`,
    order: sql`coalesce(t.pending_since, t.updated_at), t.id`,
    beyond: sql`>`,
  },
} as const

type Counts = Awaited<ReturnType<ReadModels['ticketCounts']>>

export const createTicketQueries = (
  db: Db,
): Pick<ReadModels, 'tickets' | 'ticketCounts' | 'ticket'> & Pick<PushViews, 'ticketViews'> => ({
  tickets: async (who, filter) => {
    const sort = SORTS[filter.sort ?? 'newest']
    const conditions = filtered(who, filter)
    if (filter.cursor) {
      const [at, id] = fromCursor(sort.name, textAndId, filter.cursor)
      conditions.push(sql`(${sort.key}, t.id) ${sort.beyond} (${at}, ${id}::uuid)`)
    }
    const { rows } = await sql<TicketWithNames & { sort_key: string }>`
      select ${ticketColumns}, ${sort.key} as sort_key from ${table('ticket_row')} t ${ticketNames}
      where ${sql.join(conditions, sql` and `)} order by ${sort.order} limit ${filter.limit + 1}`.execute(db)
    return pageOf(
      sort.name,
      rows,
      filter.limit,
      row => [row.sort_key, row.id],
      row => ticketView(row, mayReadPersonal(who)),
    )
  },

  ticketCounts: async who => {
    const { rows } = await sql<Counts>`select
        count(*) filter (where t.status = 'open' and t.user_id = ${who.userId})::int as "mine",
        count(*) filter (where t.status = 'open' and t.user_id = ${who.userId} and t.unread_count > 0)::int as "mineUnread",
        count(*) filter (where t.status = 'pending')::int as "pending",
        count(*) filter (where t.status = 'open')::int as "open",
        count(*) filter (where t.status = 'closed')::int as "closed"
      from ${table('ticket_row')} t where ${visibleTicket(who)}`.execute(db)
    return rows[0] ?? { mine: 0, mineUnread: 0, pending: 0, open: 0, closed: 0 }
  },

  ticket: async (who, ticketId) => {
    if (!isUuid(ticketId)) return null
    const { rows } =
      await sql<TicketWithNames>`select ${ticketColumns} from ${table('ticket_row')} t ${ticketNames}
      where t.id = ${ticketId} and ${visibleTicket(who)}`.execute(db)
    return rows[0] ? ticketView(rows[0], mayReadPersonal(who)) : null
  },

  ticketViews: async asked => {
    const { rows } = await sql<TicketWithNames>`select ${ticketColumns} from ${table('ticket_row')} t
      join ${askedRows(asked)} on k.company_id = t.company_id and k.id = t.id ${ticketNames}`.execute(db)
    return new Map(
      rows.map(row => [
        row.id,
        {
          place: {
            companyId: row.company_id,
            status: row.status,
            queueId: row.queue_id,
            userId: row.user_id,
          },
          ticket: ticketView(row, true),
          lastMessageId: row.last_id,
        },
      ]),
    )
  },
})

/** Rows asked for by tenant and id, as a table `k`. */
export const askedRows = (asked: readonly RowKey[]): Condition => {
  const keys = JSON.stringify(asked.map(({ companyId, id }) => ({ company_id: companyId, id })))
  return sql`json_to_recordset(${keys}::json) as k(company_id uuid, id uuid)`
}
