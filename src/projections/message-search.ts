import { sql, type RawBuilder } from 'kysely'
import { PLANNED_ANEW } from '../database/named.ts'
import type { MessageKind } from '../events/message.ts'
import type { UserPrincipal } from '../events/principal.ts'
import { isUuid } from './asked.ts'
import { fromCursor, pageOf, textAndId } from './cursor.ts'
import { besideSorted, besideTickets, inTicket, SORTED_NEWEST } from './hit-places.ts'
import type { FoundMessage, MessageSearch, ReadModels } from './read-models.ts'
import { wordQuery } from './search.ts'
import { snippetOf } from './snippet.ts'
import { table, type Db } from './tables.ts'
import { ticketColumns, ticketNames, ticketView, type TicketWithNames } from './ticket-view.ts'
import { mayReadDeleted, mayReadPersonal } from './visibility.ts'

/**
 * Messages by their words, newest first.
 *
 * An index of words answers all messages with a word, in no order: for a rare word that is quick, for `que` it is half
 * the company's messages, to be sorted for one page. A common word, though, stands in every few of the newest messages.
 * So we look through the newest ones first, and ask the index of words only when these do not fill the page: whatever
 * was asked, little is read. Within one ticket, or the tickets of one contact, we just read these.
 *
 * What stands beside all tickets is looked for in the same way, in words of its own, and put among the others by its time.
 */

const LIST = 'message-search'
/** Messages that are looked through before the index of words is asked. */
export const LOOKED_THROUGH_MAX = 4_000

type Condition = RawBuilder<unknown>
type Found = TicketWithNames & {
  readonly message_id: string
  readonly message_revision: number
  readonly message_beside: boolean
  readonly message_kind: MessageKind
  readonly message_from_me: boolean
  readonly message_body: string
  readonly message_at: string
}

const view = (row: Found, q: string): FoundMessage => ({
  messageId: row.message_id,
  revision: row.message_revision,
  ...(row.message_beside ? { beside: true as const } : {}),
  kind: row.message_kind,
  fromMe: row.message_from_me,
  timestamp: row.message_at,
  snippet: snippetOf(row.message_body, q),
  ticket: ticketView(row, true),
})

const newestFirst = (a: Found, b: Found): number => {
  const [one, other] = [a.message_at + a.message_id, b.message_at + b.message_id]
  return one < other ? 1 : one > other ? -1 : 0
}

const between = (ask: MessageSearch): Condition[] => [
  ...(ask.from ? [sql`w.created_at >= ${new Date(ask.from).toISOString()}`] : []),
  ...(ask.to ? [sql`w.created_at < ${new Date(ask.to).toISOString()}`] : []),
]

const beyond = (cursor: string | undefined): Condition[] => {
  if (!cursor) return []
  const [at, id] = fromCursor(LIST, textAndId, cursor)
  return [sql`(w.created_at, w.id) < (${at}, ${id}::uuid)`]
}

const places = (ask: MessageSearch): Condition[] => [
  ...(ask.ticketId ? [isUuid(ask.ticketId) ? sql`t.id = ${ask.ticketId}` : sql`false`] : []),
  ...(ask.contactId ? [isUuid(ask.contactId) ? sql`t.contact_id = ${ask.contactId}` : sql`false`] : []),
]

export const createMessageSearch = (db: Db): Pick<ReadModels, 'searchMessages'> => {
  const NEWEST = sql`order by w.created_at desc, w.id desc`
  // The planner takes a word that it has never seen for a common one, and would walk all messages in order to find it:
  // an order that no index has leaves it the index of words, or the tickets of whoever asks.
  const FOUND_NEWEST = sql`order by w.created_at || '' desc, w.id desc`

  /** `source`: words `w` to choose from. Hidden tickets and messages are no hits, wherever they are looked for. */
  const search = async (
    who: UserPrincipal,
    source: Condition,
    ticket: Condition,
    conditions: readonly Condition[],
    rows: number,
    order: Condition,
  ): Promise<Found[]> => {
    const hits = sql`select w.id, t.id as ticket_id, w.created_at from ${source} w ${ticket}
      join ${table('message_row')} m on m.company_id = w.company_id and m.id = w.id
      where ${sql.join([sql`w.company_id = ${who.companyId}`, ...conditions], sql` and `)}
        ${mayReadDeleted(who) ? sql`` : sql`and m.deleted_at is null`} ${order} limit ${rows}`
    const found =
      await sql<Found>`select ${sql.raw(PLANNED_ANEW)} ${ticketColumns}, w.id as message_id, m.revision as message_revision,
        m.ticket_id is null as message_beside, m.kind as message_kind, m.from_me as message_from_me,
        m.body as message_body, w.created_at as message_at
      from (${hits}) w
      join ${table('message_row')} m on m.company_id = ${who.companyId} and m.id = w.id
      join ${table('ticket_row')} t on t.company_id = ${who.companyId} and t.id = w.ticket_id
      ${ticketNames} ${NEWEST}`.execute(db)
    return found.rows
  }

  return {
    searchMessages: async (who, ask) => {
      const query = wordQuery(who.companyId, ask.q)
      const bounds = [...between(ask), ...beyond(ask.cursor)]
      if (!query || !mayReadPersonal(who)) return { items: [], nextCursor: null }
      // Written out, not handed in: how a word is best looked for depends on the word.
      const matches = sql`w.words @@ ${sql.lit(query)}::tsquery`
      const wanted = ask.limit + 1
      const place = places(ask)
      const hits = [matches, ...bounds]
      const find = async (
        words: 'message_words' | 'beside_words',
        ticket: Condition,
        all: () => Promise<Found[]>,
      ): Promise<Found[]> => {
        if (place.length > 0) return all()
        const inBounds = [sql`w.company_id = ${who.companyId}`, ...bounds]
        const newest = sql`(select w.* from ${table(words)} w where ${sql.join(inBounds, sql` and `)} ${NEWEST}
          limit ${LOOKED_THROUGH_MAX})`
        const rows = await search(who, newest, ticket, [matches], wanted, NEWEST)
        return rows.length < wanted ? all() : rows
      }
      const ticket = inTicket(who, place)
      const own = await find('message_words', ticket, () =>
        search(who, table('message_words'), ticket, hits, wanted, FOUND_NEWEST),
      )
      const conversation = besideTickets(who, place)
      const beside = await find('beside_words', conversation, () =>
        search(who, besideSorted(who, place, hits), conversation, [], wanted, SORTED_NEWEST),
      )
      const rows = beside.length === 0 ? own : [...own, ...beside].sort(newestFirst).slice(0, wanted)
      return pageOf(
        LIST,
        rows,
        ask.limit,
        row => [row.message_at, row.message_id],
        row => view(row, ask.q),
      )
    },
  }
}
