import { sql } from 'kysely'
import {
  DAY_MS,
  freeAt,
  momentsInDay,
  newChatLimit,
  pacingOf,
  profileOf,
  type PaceProfile,
} from '../events/pacing.ts'
import type { SessionActivity } from '../realtime/protocol.ts'
import { isUuid } from './asked.ts'
import type { ReadModels } from './read-models.ts'
import { GAP_DAYS, gapTotals } from './session-gaps.ts'
import type { SessionRow } from './session-row.ts'
import { table, type Db } from './tables.ts'
import { mayReadSessionHistory } from './visibility.ts'

const HOUR_MS = 60 * 60_000

type Row = Pick<
  SessionRow,
  'provider' | 'settings' | 'status' | 'since' | 'linked_at' | 'chats_begun' | 'gaps'
> & {
  readonly hour_in: string
  readonly hour_out: string
  readonly day_in: string
  readonly day_out: string
  readonly held: string
  readonly held_until: string | null
}

const iso = (at: number): string => new Date(at).toISOString()

/** What of a day's budget of chats is used. */
const chatsView = (row: Row, profile: PaceProfile, now: number) => {
  const begun = momentsInDay(row.chats_begun, now).map(at => Date.parse(at))
  const limit = newChatLimit(profile, row.linked_at, now)
  const next = freeAt(begun, limit, DAY_MS, now)
  return { used: begun.length, limit, nextAt: next > now ? iso(next) : null }
}

const pacingView = (row: Row, now: number): SessionActivity['pacing'] => {
  const mode = pacingOf(row.provider, row.settings)
  const profile = profileOf(mode)
  return {
    mode,
    linkedAt: row.linked_at,
    perMinute: profile?.perMinute ?? null,
    newChats: profile && chatsView(row, profile, now),
    held: { count: Number(row.held), nextAt: row.held_until },
  }
}

const activityView = (row: Row, now: number): SessionActivity => ({
  pacing: pacingView(row, now),
  messages: {
    hour: { in: Number(row.hour_in), out: Number(row.hour_out) },
    day: { in: Number(row.day_in), out: Number(row.day_out) },
  },
  gaps: {
    days: GAP_DAYS,
    ...gapTotals(row.gaps, now),
    since: row.status === 'reconnecting' ? row.since : null,
  },
})

/** How busy a session is, how much of its budgets it used, and how often it was away: one statement. */
export const createSessionActivity = (db: Db): Pick<ReadModels, 'sessionActivity'> => ({
  sessionActivity: async (who, sessionId, at) => {
    if (!mayReadSessionHistory(who) || !isUuid(sessionId)) return null
    const now = Date.parse(at)
    const hour = iso(now - HOUR_MS)
    const { rows } = await sql<Row>`
      select s.provider, s.settings, s.status, s.since, s.linked_at, s.chats_begun, s.gaps, n.*, h.*
      from ${table('session_row')} s
      cross join lateral (
        select count(*) filter (where not m.from_me) as day_in, count(*) filter (where m.from_me) as day_out,
          count(*) filter (where not m.from_me and m.created_at > ${hour}) as hour_in,
          count(*) filter (where m.from_me and m.created_at > ${hour}) as hour_out
        from ${table('message_row')} m
        where m.session_id = s.id and m.created_at > ${iso(now - DAY_MS)} and m.created_at <= ${iso(now)}) n
      cross join lateral (
        select count(*) as held, min(m.waits->>'until') as held_until from ${table('message_row')} m
        where m.ack = 'queued' and m.session_id = s.id and m.waits->>'by' <> 'retry') h
      where s.company_id = ${who.companyId} and s.id = ${sessionId} and s.status <> 'removed'`.execute(db)
    return rows[0] ? activityView(rows[0], now) : null
  },
})
