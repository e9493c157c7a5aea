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
const revisionKey = z.tuple([z.int32()])

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
    const before = ask.before ? fromCursor(LIST, revisionKey, ask.before)[0] : null
    // The ticket stands to the left, so that a visible ticket without messages differs from a hidden one.
    const { rows } = await sql<MessageWithNames & { id: string | null }>`
      select ${messageColumns} from ${table('ticket_row')} t
      left join lateral (
        select * from ${table('message_row')} one
        where one.company_id = t.company_id and one.ticket_id = t.id
          ${before === null ? sql`` : sql`and one.revision < ${before}`}
        order by one.revision desc limit ${ask.limit + 1}
      ) m on true ${messageNames}
      where t.id = ${ticketId} and ${visibleTicket(who)} order by m.revision desc`.execute(db)
    if (rows.length === 0) return null
    const found = rows.filter(row => row.id !== null)
    const shown = found.slice(0, ask.limit)
    const oldest = shown.at(-1)
    const nextCursor = found.length > ask.limit && oldest ? toCursor(LIST, [oldest.revision]) : null
    return { items: shown.reverse().map(row => messageView(row, readingOf(who))), nextCursor }
  },

  media: async (who, messageId) => {
    if (!isUuid(messageId) || !mayReadPersonal(who)) return null
    // Messages outside tickets are for those who see the whole company.
    const whole = mayReadDeleted(who)
    const { rows } = await sql<{ media: MediaColumn | null }>`select m.media from ${table('message_row')} m
      left join ${table('ticket_row')} t on t.company_id = m.company_id and t.id = m.ticket_id
      where m.company_id = ${who.companyId} and m.id = ${messageId}
        and ((t.id is null and ${whole}) or (t.id is not null and ${visibleTicket(who)}))
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
