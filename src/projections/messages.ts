import { sql } from 'kysely'
import { z } from 'zod'
import type { UserPrincipal } from '../events/principal.ts'
import { fromCursor, toCursor } from './cursor.ts'
import type { MediaColumn } from './message-row.ts'
import {
  messageColumns,
  messageNames,
  messageView,
  pushedMessage,
  type MessageWithNames,
  type Reading,
} from './message-view.ts'
import type { PushViews, ReadModels } from './read-models.ts'
import { table, type Db } from './tables.ts'
import { askedRows, isUuid } from './asked.ts'
import { mayReadDeleted, mayReadPersonal, mayReadPricing, visibleTicket } from './visibility.ts'

const LIST = 'messages'

/**
 * A ticket's messages stand by their revision. What its conversation holds beside all tickets (history of before the link, a
 * sticker that opened none) has none there, and stands where its time puts it: two lists, each read from where it was left.
 */
type Place = { readonly revision: number; readonly besideAt: string; readonly besideRevision: number }
const placeKey = z.tuple([z.int32(), z.string(), z.int32()])
const REVISION_MAX = 2 ** 31 - 1
/** After every time. */
const NEVER = '~'
const NEWEST: Place = { revision: REVISION_MAX, besideAt: NEVER, besideRevision: REVISION_MAX }

const placeOf = ([revision, besideAt, besideRevision]: z.output<typeof placeKey>): Place => ({
  revision,
  besideAt,
  besideRevision,
})

type Placed = Pick<MessageWithNames, 'ticket_id' | 'created_at' | 'revision'>

const backwards = (a: string | number, b: string | number): number => (a < b ? 1 : a > b ? -1 : 0)

/** Each of the two lists keeps its own order, whatever the clocks said. */
const newestFirst = <M extends Placed>(rows: readonly M[]): M[] => {
  const own = rows.filter(row => row.ticket_id !== null).sort((a, b) => b.revision - a.revision)
  const beside = rows
    .filter(row => row.ticket_id === null)
    .sort((a, b) => backwards(a.created_at, b.created_at) || b.revision - a.revision)
  const merged: M[] = []
  for (;;) {
    const [mine, other] = [own[0], beside[0]]
    const next = mine && (!other || mine.created_at >= other.created_at) ? own.shift() : beside.shift()
    if (!next) return merged
    merged.push(next)
  }
}

const keyAfter = (before: Place, shown: readonly Placed[]): [number, string, number] => {
  const own = shown.findLast(row => row.ticket_id !== null)
  const beside = shown.findLast(row => row.ticket_id === null)
  return [
    own?.revision ?? before.revision,
    beside?.created_at ?? before.besideAt,
    beside?.revision ?? before.besideRevision,
  ]
}

export const readingOf = (who: UserPrincipal): Reading => ({
  personal: mayReadPersonal(who),
  deleted: mayReadDeleted(who),
  pricing: mayReadPricing(who),
})

export const createMessageQueries = (
  db: Db,
): Pick<ReadModels, 'messages' | 'media'> & Pick<PushViews, 'messageViews'> => ({
  messages: async (who, ticketId, ask) => {
    if (!isUuid(ticketId)) return null
    const before = ask.before ? placeOf(fromCursor(LIST, placeKey, ask.before)) : NEWEST
    const wanted = ask.limit + 1
    // The ticket stands to the left, so that a visible ticket without messages differs from a hidden one.
    const { rows } = await sql<MessageWithNames & { id: string | null }>`
      select ${messageColumns} from ${table('ticket_row')} t
      left join lateral (
        (select * from ${table('message_row')} one
          where one.company_id = t.company_id and one.ticket_id = t.id and one.revision < ${before.revision}
          order by one.revision desc limit ${wanted})
        union all
        (select * from ${table('message_row')} one
          where one.company_id = t.company_id and one.conversation_id = t.conversation_id
            and one.ticket_id is null and (t.closed_at is null or one.created_at <= t.closed_at)
            and (one.created_at, one.revision) < (${before.besideAt}, ${before.besideRevision})
          order by one.created_at desc, one.revision desc limit ${wanted})
      ) m on true ${messageNames}
      where t.id = ${ticketId} and ${visibleTicket(who)}`.execute(db)
    if (rows.length === 0) return null
    const found = newestFirst(rows.filter(row => row.id !== null))
    const shown = found.slice(0, ask.limit)
    const nextCursor = found.length > ask.limit ? toCursor(LIST, keyAfter(before, shown)) : null
    return { items: shown.reverse().map(row => messageView(row, readingOf(who))), nextCursor }
  },

  media: async (who, messageId) => {
    if (!isUuid(messageId) || !mayReadPersonal(who)) return null
    // Messages outside tickets are for those who see the whole company, or a ticket of the conversation.
    const whole = mayReadDeleted(who)
    const { rows } = await sql<{ media: MediaColumn | null }>`select m.media from ${table('message_row')} m
      where m.company_id = ${who.companyId} and m.id = ${messageId}
        and ((m.ticket_id is null and ${whole})
          or exists (select 1 from ${table('ticket_row')} t
            where t.company_id = m.company_id and t.id = m.ticket_id and ${visibleTicket(who)})
          or (m.ticket_id is null and exists (select 1 from ${table('conversation_row')} v
            join ${table('ticket_row')} t on t.company_id = v.company_id and t.contact_id = v.contact_id
              and t.conversation_id in (v.id, v.redirected_to)
            where v.company_id = m.company_id and v.id = m.conversation_id and ${visibleTicket(who)})))
        and (m.deleted_at is null or ${whole})`.execute(db)
    const media = rows[0]?.media
    return media?.key ? { key: media.key, mime: media.mime, name: media.name } : null
  },

  messageViews: async asked => {
    const { rows } = await sql<MessageWithNames>`select ${messageColumns} from ${table('message_row')} m
      join ${askedRows(asked)} on k.company_id = m.company_id and k.id = m.id ${messageNames}`.execute(db)
    return new Map(rows.map(row => [row.id, pushedMessage(row)]))
  },
})
