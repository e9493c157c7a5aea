import { sql } from 'kysely'
import { pageOf } from './cursor.ts'
import type { PushViews, ReadModels } from './read-models.ts'
import { table, type Db } from './tables.ts'
import { askedRows, isUuid } from './asked.ts'
import { ticketList, ticketsWith } from './ticket-list.ts'
import {
  heardAt,
  pushedTicket,
  ticketColumns,
  ticketNames,
  ticketView,
  type TicketWithNames,
} from './ticket-view.ts'
import { mayReadPersonal, visibleTicket } from './visibility.ts'

type Counts = Awaited<ReturnType<ReadModels['ticketCounts']>>

export const createTicketQueries = (
  db: Db,
): Pick<ReadModels, 'tickets' | 'ticketCounts' | 'ticket'> &
  Pick<PushViews, 'ticketViews' | 'ticketsBeside'> => ({
  tickets: async (who, filter) => {
    const list = ticketList(who, filter)
    const { rows } = await sql<TicketWithNames & { sort_key: string }>`
      select ${ticketColumns}, ${list.key} as sort_key from (${list.page}) t ${ticketNames}
      order by ${list.order}`.execute(db)
    return pageOf(
      list.name,
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
        (select count(*) from (${ticketsWith(who, ['closed'])}) closed)::int as "closed"
      from (${ticketsWith(who, ['open', 'pending'])}) t`.execute(db)
    return rows[0] ?? { mine: 0, mineUnread: 0, pending: 0, open: 0, closed: 0 }
  },

  ticket: async (who, ticketId) => {
    if (!isUuid(ticketId)) return null
    const { rows } =
      await sql<TicketWithNames>`select ${ticketColumns}, ${heardAt} from ${table('ticket_row')} t ${ticketNames}
      where t.id = ${ticketId} and ${visibleTicket(who)}`.execute(db)
    return rows[0] ? ticketView(rows[0], mayReadPersonal(who)) : null
  },

  ticketViews: async asked => {
    const { rows } = await sql<TicketWithNames>`select ${ticketColumns} from ${table('ticket_row')} t
      join ${askedRows(asked)} on k.company_id = t.company_id and k.id = t.id ${ticketNames}`.execute(db)
    return new Map(rows.map(row => [row.id, pushedTicket(row)]))
  },

  ticketsBeside: async asked => {
    const { rows } = await sql<{ id: string; conversation_id: string }>`select t.id, t.conversation_id
      from ${table('conversation_row')} v
      join ${askedRows(asked)} on k.company_id = v.company_id and k.id = v.id
      join ${table('ticket_row')} t on t.company_id = v.company_id and t.contact_id = v.contact_id
        and t.conversation_id = v.id`.execute(db)
    const found = new Map<string, string[]>()
    for (const { id, conversation_id: of } of rows) found.set(of, [...(found.get(of) ?? []), id])
    return found
  },
})
