import { sql, type RawBuilder } from 'kysely'
import type { UserPrincipal } from '../events/principal.ts'
import { table } from './tables.ts'
import { visibleTicket } from './visibility.ts'

type Condition = RawBuilder<unknown>

/** Where words `w` of a ticket's message are: in their ticket `t`, if it may be seen. `place`: what else is asked of the ticket. */
export const inTicket = (who: UserPrincipal, place: readonly Condition[]): Condition =>
  sql`join ${table('ticket_row')} t on ${sql.join(
    [sql`t.company_id = w.company_id`, sql`t.id = w.ticket_id`, visibleTicket(who), ...place],
    sql` and `,
  )}`

/** Where words `w` beside all tickets are: in a conversation, read above its newest ticket `t` that may be seen. */
export const besideTickets = (who: UserPrincipal, place: readonly Condition[]): Condition =>
  sql`join lateral (select t.id from ${table('conversation_row')} v
    join ${table('ticket_row')} t on t.company_id = v.company_id and t.contact_id = v.contact_id
      and t.conversation_id = v.id
    where v.company_id = w.company_id and v.id = w.conversation_id
      and (t.closed_at is null or w.created_at <= t.closed_at)
      and ${sql.join([visibleTicket(who), ...place], sql` and `)}
    order by t.updated_at desc, t.id desc limit 1) t on true`

/** The order of `besideSorted`. */
export const SORTED_NEWEST = sql`order by w.sorted_at desc, w.id desc`

/**
 * All words beside tickets that meet the conditions, newest first before anything else is asked of them: where each is read is
 * then asked until the page is full. Sorted afterwards it would be asked of every hit; and the planner, who takes a word that it
 * never saw for a two-hundredth of the table, would rather read the whole table by several workers, because what these bring is
 * the only thing that it sorts before a join. Whoever sees few conversations looks in these alone.
 */
export const besideSorted = (
  who: UserPrincipal,
  place: readonly Condition[],
  conditions: readonly Condition[],
): Condition => {
  const few = place.length > 0 || who.role === 'agent'
  const within = sql`w.conversation_id in (select t.conversation_id from ${table('ticket_row')} t
    where ${sql.join([visibleTicket(who), ...place], sql` and `)})`
  const all = [sql`w.company_id = ${who.companyId}`, ...conditions, ...(few ? [within] : [])]
  return sql`(select w.*, w.created_at || '' as sorted_at from ${table('beside_words')} w
    where ${sql.join(all, sql` and `)} order by sorted_at desc, w.id desc)`
}
