import { sql } from 'kysely'
import type { CompanyId, QueueId, UserId } from '../shared/ids.ts'
import { providerKey, type MediaColumn } from './message-row.ts'
import type { DueTimer, Lookups, UnfetchedMedia } from './read-models.ts'
import { table, type Db } from './tables.ts'
import { isUuid } from './asked.ts'
import type { UserRow } from './user-row.ts'

/** One sweep takes no more than this; what is left comes with the next. */
const UNSENT_MAX = 10_000
const UNFETCHED_MAX = 1_000
const UNSETTLED_MAX = 1_000
const DUE_MAX = 1_000

export const createLookups = (db: Db): Lookups => ({
  unsentMessages: async () => {
    const { rows } = await sql<Awaited<ReturnType<Lookups['unsentMessages']>>[number]>`
      select company_id as "companyId", session_id as "sessionId", conversation_id as "conversationId", stream,
        id as "messageId"
      from ${table('message_row')}
      where (ack in ('queued', 'sending') or acting) and session_id is not null and conversation_id is not null
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

  conversationsOf: async (companyId, contactId) => {
    const { rows } = await sql<{ id: string }>`select id from ${table('conversation_row')}
      where company_id = ${companyId} and (contact_id = ${contactId} or origin_contact_id = ${contactId})
      order by id`.execute(db)
    return rows.map(row => row.id)
  },

  streamsAbout: async (companyId, contactId) => {
    const { rows } = await sql<{ stream: string }>`select distinct stream from ${table('message_row')}
      where company_id = ${companyId} and subject_id = ${contactId} order by stream`.execute(db)
    return rows.map(row => row.stream)
  },

  mediaOfOthers: async (companyId, contactId, keys) => {
    const { rows } = await sql<{
      key: string
    }>`select distinct media->>'key' as key from ${table('message_row')}
      where company_id = ${companyId} and subject_id is distinct from ${contactId}
        and media is not null and media->>'key' = any(${[...keys]}::text[])`.execute(db)
    return rows.map(row => row.key)
  },

  sharedFile: async (companyId, messageId) => {
    if (!isUuid(companyId) || !isUuid(messageId)) return null
    const { rows } = await sql<{ media: MediaColumn | null }>`select m.media from ${table('message_row')} m
      where m.company_id = ${companyId} and m.id = ${messageId} and m.deleted_at is null
        and m.media->>'linkUntil' is not null`.execute(db)
    const media = rows[0]?.media
    return media?.key ? { key: media.key, mime: media.mime, name: media.name } : null
  },

  isMediaUsed: async (companyId, key) => {
    const { rows } = await sql`select 1 from ${table('message_row')}
      where company_id = ${companyId} and media is not null and media->>'key' = ${key} limit 1`.execute(db)
    return rows.length > 0
  },

  deadLettersAbout: async (companyId, aliasIds) => {
    const { rows } = await sql<{ id: string; rawKey: string | null }>`select id, raw_key as "rawKey"
      from ${table('deadletter_row')} d where company_id = ${companyId}
        and exists (select 1 from jsonb_array_elements_text(d.alias_ids) a where a = any(${[...aliasIds]}::text[]))
      order by id`.execute(db)
    return rows
  },

  erasedSubjectOf: async (companyId, messageId) => {
    const { rows } = await sql<{ id: string }>`select c.id from ${table('message_row')} m
      join ${table('contact_row')} c on c.company_id = m.company_id and c.id = m.subject_id
      where m.company_id = ${companyId} and m.id = ${messageId} and c.erased_at is not null`.execute(db)
    return rows[0]?.id ?? null
  },

  openTicketsOf: async (companyId, userId) => {
    const { rows } = await sql<{ id: string }>`
      select id from ${table('ticket_row')}
      where company_id = ${companyId} and user_id = ${userId} and status in ('open', 'snoozed') order by id`.execute(
      db,
    )
    return rows.map(row => row.id)
  },

  dueTimers: async now => {
    const { rows } = await sql<DueTimer>`
      select company_id as "companyId", kind, actor_id as "actorId", timer_id as "timerId", due_at as "dueAt"
      from ${table('timer_row')} where due_at <= ${now} order by due_at, id limit ${DUE_MAX}`.execute(db)
    return rows
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

  ticketOfMessage: async (companyId, messageId) => {
    if (!isUuid(companyId) || !isUuid(messageId)) return null
    const { rows } = await sql<{ ticketId: string | null }>`
      select ticket_id as "ticketId" from ${table('message_row')}
      where company_id = ${companyId} and id = ${messageId}`.execute(db)
    return rows[0]?.ticketId ?? null
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
