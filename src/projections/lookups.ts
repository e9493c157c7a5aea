import { sql } from 'kysely'
import type { CompanyId, QueueId, UserId } from '../shared/ids.ts'
import { providerKey } from './message-row.ts'
import type { Lookups, UnfetchedMedia } from './read-models.ts'
import { table, type Db } from './tables.ts'
import { isUuid } from './tickets.ts'
import type { UserRow } from './user-row.ts'

/** One sweep takes no more than this; what is left comes with the next. */
const UNSENT_MAX = 10_000
const UNFETCHED_MAX = 1_000
const UNSETTLED_MAX = 1_000

export const createLookups = (db: Db): Lookups => ({
  unsentMessages: async () => {
    const { rows } = await sql<Awaited<ReturnType<Lookups['unsentMessages']>>[number]>`
      select company_id as "companyId", session_id as "sessionId", conversation_id as "conversationId", stream,
        id as "messageId"
      from ${table('message_row')}
      where ack in ('queued', 'sending') and session_id is not null and conversation_id is not null
      order by created_at, revision limit ${UNSENT_MAX}`.execute(db)
    return rows
  },

  unfetchedMedia: async () => {
    const { rows } = await sql<UnfetchedMedia>`
      select company_id as "companyId", session_id as "sessionId", ticket_id as "ticketId", id as "messageId", revision
      from ${table('message_row')}
      where unfetched and session_id is not null and ticket_id is not null
      order by created_at, id limit ${UNFETCHED_MAX}`.execute(db)
    return rows
  },

  unsettledConversations: async before => {
    const { rows } = await sql<{ companyId: string; conversationId: string }>`
      select c.company_id as "companyId", c.id as "conversationId"
      from ${table('conversation_row')} c
      left join ${table('ticket_row')} t on t.company_id = c.company_id and t.id = c.live_ticket_id
      where c.live_ticket_id is not null and c.live_since < ${before}
        and (t.id is null or (t.status = 'closed' and t.closed_at < ${before}))
      order by c.live_since, c.id limit ${UNSETTLED_MAX}`.execute(db)
    return rows
  },

  openTicketsOf: async (companyId, userId) => {
    const { rows } = await sql<{ id: string }>`
      select id from ${table('ticket_row')}
      where company_id = ${companyId} and user_id = ${userId} and status = 'open' order by id`.execute(db)
    return rows.map(row => row.id)
  },

  wantedSessions: async () => {
    const { rows } = await sql<{ companyId: string; sessionId: string }>`
      select company_id as "companyId", id as "sessionId" from ${table('session_row')}
      where wanted order by created_at, id`.execute(db)
    return rows
  },

  messageByProviderId: async (companyId, sessionId, providerMessageId) => {
    if (!isUuid(companyId)) return null
    const { rows } = await sql<{ stream: string; messageId: string; fromMe: boolean }>`
      select stream, id as "messageId", from_me as "fromMe" from ${table('message_row')}
      where company_id = ${companyId} and provider_key = ${providerKey(sessionId, providerMessageId)}
      order by created_at limit 1`.execute(db)
    return rows[0] ?? null
  },

  principal: async (companyId, userId) => {
    if (!isUuid(companyId) || !isUuid(userId)) return null
    const { rows } = await sql<UserRow>`select u.* from ${table('user_row')} u
      where u.company_id = ${companyId} and u.id = ${userId} and u.active`.execute(db)
    const user = rows[0]
    return user
      ? {
          kind: 'user',
          companyId: user.company_id as CompanyId,
          userId: user.id as UserId,
          role: user.role,
          queueIds: user.queue_ids as readonly QueueId[],
        }
      : null
  },
})
