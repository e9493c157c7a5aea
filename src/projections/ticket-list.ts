import { sql, type RawBuilder } from 'kysely'
import type { UserPrincipal } from '../events/principal.ts'
import { TICKET_STATUSES, type TicketStatus } from '../events/ticket.ts'
import { contactFound } from './contacts.ts'
import { fromCursor, textAndId } from './cursor.ts'
import type { TicketFilter } from './read-models.ts'
import { PLANNED_ANEW } from '../database/named.ts'
import { searchTerms } from './search.ts'
import { table } from './tables.ts'
import { isUuid } from './asked.ts'
import { mayReadPersonal, visibleTicket } from './visibility.ts'

/**
 * The list of tickets reads what it shows and hardly more, whatever the filter and whoever asks.
 *
 * One statement with all conditions makes the planner guess: it walks the newest tickets until enough of them fit, and
 * where few fit, it walks them all. So we take the list apart into ways that an index answers in order (the tickets of
 * one user, queue or contact, status by status), read at most a page of each, and sort these few:
 *
 *     own ────────┬ open ────▶ 41 ┐
 *                 └ closed ──▶ 41 ├─▶ sort ─▶ 41 ─▶ names
 *     own queues ── pending ─▶ 41 ┘
 *
 * All filters and who may see what are conditions of every part; the ways only say where to look.
 */

type Condition = RawBuilder<unknown>

/** Where to look: a condition that begins an index, and the statuses that can be there. */
type Way = {
  readonly where: Condition
  /** The queues that it goes through one by one. */
  readonly queueIds?: readonly string[]
  readonly statuses: readonly TicketStatus[]
}

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

const WAITING: readonly TicketStatus[] = ['pending', 'bot']
const both = (a: readonly TicketStatus[], b: readonly TicketStatus[]): TicketStatus[] =>
  a.filter(status => b.includes(status))

const sameId = (column: string, id: string): Condition => {
  if (id === 'none') return sql`${sql.ref(column)} is null`
  return isUuid(id) ? sql`${sql.ref(column)} = ${id}` : sql`false`
}

/** Tickets of contacts that are found, and those whose number begins like that. */
const searched = (who: UserPrincipal, q: string): Condition => {
  const { companyId } = who
  const ways = mayReadPersonal(who)
    ? [
        sql`select f.id from ${table('contact_row')} c
          join ${table('ticket_row')} f on f.company_id = c.company_id and f.contact_id = c.id
          where c.company_id = ${companyId} and ${contactFound(companyId, q)}`,
      ]
    : []
  // Written out, as the words are: how many numbers lie between two is what the plan depends on.
  for (const [from, to] of searchTerms(companyId, q).numbers)
    ways.push(sql`select n.id from ${table('ticket_row')} n
      where n.company_id = ${companyId} and n.number between ${sql.lit(from)} and ${sql.lit(to)}`)
  return ways.length > 0 ? sql`t.id in (${sql.join(ways, sql` union `)})` : sql`false`
}

const conditionsOf = (who: UserPrincipal, filter: TicketFilter): Condition[] => [
  sql`t.company_id = ${who.companyId}`,
  // `is true` says nothing more: it only keeps the planner from looking for the tickets by this, which no order has.
  sql`(${visibleTicket(who)}) is true`,
  ...(filter.queueId ? [sameId('t.queue_id', filter.queueId)] : []),
  ...(filter.userId ? [sameId('t.user_id', filter.userId)] : []),
  ...(filter.contactId ? [sameId('t.contact_id', filter.contactId)] : []),
  ...(filter.sessionId ? [sameId('t.session_id', filter.sessionId)] : []),
  ...(filter.unread === undefined ? [] : [filter.unread ? sql`t.unread_count > 0` : sql`t.unread_count = 0`]),
]

/** Where the tickets of this person are, if no filter says so more narrowly. No two ways lead to the same ticket. */
const waysOf = (who: UserPrincipal, filter: TicketFilter, asked: readonly TicketStatus[]): Way[] => {
  if (filter.userId) return [{ where: sameId('t.user_id', filter.userId), statuses: asked }]
  const { queueId } = filter
  // Of the queue's tickets an agent sees the own ones and those that wait: both are looked for below.
  if (queueId && who.role !== 'agent') return [{ where: sameId('t.queue_id', queueId), statuses: asked }]
  const own: Way = { where: sql`t.user_id = ${who.userId}`, statuses: asked }
  const others = sql`t.user_id is distinct from ${who.userId}`
  const inQueues = (some: readonly TicketStatus[]): Way => ({
    where: others,
    queueIds: queueId ? who.queueIds.filter(id => id === queueId) : who.queueIds,
    statuses: some,
  })
  if (who.role === 'agent') return [own, inQueues(both(asked, WAITING))]
  if (who.role !== 'supervisor') return [{ where: sql`true`, statuses: asked }]
  const unrouted = sql`t.queue_id is null and ${others}`
  return [own, inQueues(asked), { where: unrouted, statuses: asked }]
}

export type TicketListQuery = {
  /** The name of the list in its cursors. */
  readonly name: string
  /** What the list is sorted by, and how, for tickets `t`. */
  readonly key: Condition
  readonly order: Condition
  /** At most one more than a page of tickets, in no order. */
  readonly page: Condition
}

/** @throws BadCursor */
export const ticketList = (who: UserPrincipal, filter: TicketFilter): TicketListQuery => {
  const { name, key, order, beyond } = SORTS[filter.sort ?? 'newest']
  const conditions = conditionsOf(who, filter)
  if (filter.cursor) {
    const [at, id] = fromCursor(name, textAndId, filter.cursor)
    conditions.push(sql`(${key}, t.id) ${beyond} (${at}, ${id}::uuid)`)
  }
  const rows = filter.limit + 1
  // Written out: of a limit that it does not know, the planner believes that it is a tenth of the table.
  const first = sql`order by ${order} limit ${sql.lit(rows)}`
  const asked = filter.status?.length ? both(TICKET_STATUSES, filter.status) : TICKET_STATUSES
  // Few tickets are found, or a contact's: all of them are read, and no index could give them in order.
  if (filter.q?.trim() || filter.contactId) {
    if (filter.q?.trim()) conditions.push(searched(who, filter.q))
    if (filter.status?.length) conditions.push(sql`t.status in (${sql.join(asked)})`)
    const anew = filter.q?.trim() ? sql.raw(PLANNED_ANEW) : sql``
    const page = sql`select ${anew} t.* from ${table('ticket_row')} t where ${sql.join(conditions, sql` and `)} ${first}`
    return { name, key, order, page }
  }
  // Nobody has unread messages in a closed ticket: closing it is having read it.
  const possible = filter.unread ? asked.filter(status => status !== 'closed') : asked
  const parts = waysOf(who, filter, possible)
    .filter(way => way.statuses.length > 0)
    .map(
      ({ where, queueIds, statuses }) => sql`
        (select one.* from unnest(${statuses}::text[]) as s(status)
          ${queueIds ? sql`cross join unnest(${[...queueIds]}::uuid[]) as q(id)` : sql``}
          cross join lateral (
            select t.* from ${table('ticket_row')} t
            where t.status = s.status and ${where} ${queueIds ? sql`and t.queue_id = q.id` : sql``}
              and ${sql.join(conditions, sql` and `)} ${first}
          ) one)`,
    )
  const page =
    parts.length > 0
      ? sql`select t.* from (${sql.join(parts, sql` union all `)}) t ${first}`
      : sql`select t.* from ${table('ticket_row')} t where false`
  return { name, key, order, page }
}

/** What may be counted of the tickets with these statuses that the person may see: status, user and unread messages. */
export const ticketsWith = (who: UserPrincipal, statuses: readonly TicketStatus[]): Condition => {
  const ways = waysOf(who, { limit: 0 }, statuses).filter(way => way.statuses.length > 0)
  const parts = ways.map(
    ({ where, queueIds, statuses: some }) => sql`
      select t.status, t.user_id, t.unread_count from ${table('ticket_row')} t
      where t.company_id = ${who.companyId} and t.status in (${sql.join(some.map(status => sql.lit(status)))}) and ${where}
        ${queueIds ? sql`and t.queue_id = any(${[...queueIds]}::uuid[])` : sql``}`,
  )
  return sql.join(parts, sql` union all `)
}
