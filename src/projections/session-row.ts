import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import type { RecordedEvent } from '../events/all.ts'
import { momentsInDay } from '../events/pacing.ts'
import type { ProviderKind, SessionSettings, SessionStatus } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ignored, ignoring, instant, type Projection } from './define.ts'
import { idIn } from './place.ts'
import { withGap, type GapHour } from './session-gaps.ts'

/** A connected number (or page, or virtual phone) and how it is doing. */
export type SessionRow = {
  readonly company_id: string
  readonly id: string
  readonly name: string
  readonly provider: ProviderKind
  readonly status: SessionStatus
  readonly is_default: boolean
  readonly queue_ids: readonly string[]
  readonly settings: SessionSettings
  readonly account: string | null
  readonly reason: string | null
  readonly since: string
  /** When and why it was last lost, whatever came after; a stop is no loss. */
  readonly last_loss: { readonly at: string; readonly reason: string } | null
  /** Somebody wants it connected. */
  readonly wanted: boolean
  /** Since when it is linked to its account. */
  readonly linked_at: string | null
  /** When chats were begun from here, within a day before the latest, oldest first. */
  readonly chats_begun: readonly string[]
  /** Times in which nothing came in, by the hour, within a week before the latest. */
  readonly gaps: readonly GapHour[]
  readonly revision: number
  readonly created_at: string
}

const became = (
  row: SessionRow | undefined,
  fact: RecordedEvent,
  status: SessionStatus,
  change: Partial<SessionRow> = {},
): SessionRow | undefined => {
  if (!row) return row
  const since = row.status === status ? row.since : instant(fact.meta.at)
  return { ...row, status, since, reason: null, ...change }
}

const ended =
  (status: SessionStatus) =>
  (row: SessionRow | undefined, fact: RecordedEvent & { data: { reason: string } }): SessionRow | undefined =>
    became(row, fact, status, { reason: fact.data.reason, wanted: false })

type WithReason = RecordedEvent & { data: { reason: string } }
const lossOf = ({ meta, data }: WithReason) => ({ at: instant(meta.at), reason: data.reason })
const lost = (status: SessionStatus) => (row: SessionRow | undefined, fact: WithReason) => {
  const next = ended(status)(row, fact)
  return next && { ...next, last_loss: lossOf(fact) }
}

export const sessionRow: Projection<SessionRow> = {
  table: 'session_row',
  version: 5,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    name: 'text not null',
    provider: 'text not null',
    status: 'text not null',
    is_default: 'boolean not null',
    queue_ids: 'jsonb not null',
    settings: 'jsonb not null',
    account: 'text',
    reason: 'text',
    since: 'text collate "C" not null',
    last_loss: 'jsonb',
    wanted: 'boolean not null',
    linked_at: 'text collate "C"',
    chats_begun: 'jsonb not null',
    gaps: 'jsonb not null',
    revision: 'integer not null',
    created_at: 'text collate "C" not null',
  },
  indexes: ['(company_id, created_at, id)'],
  creates: ['session.created'],
  keyOf: fact => idIn('session', fact),
  always: (row, fact) => ({ ...row, revision: fact.revision }),
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'session.created': (_, fact) => ({
      company_id: fact.meta.companyId,
      id: idIn('session', fact) ?? '',
      name: fact.data.name,
      provider: fact.data.provider,
      status: 'created',
      is_default: fact.data.isDefault,
      queue_ids: fact.data.queueIds,
      settings: fact.data.settings,
      account: null,
      reason: null,
      since: instant(fact.meta.at),
      last_loss: null,
      wanted: false,
      linked_at: null,
      chats_begun: [],
      gaps: [],
      revision: fact.revision,
      created_at: instant(fact.meta.at),
    }),
    'session.changed': (row, { data }) =>
      row && {
        ...row,
        name: data.name ?? row.name,
        queue_ids: data.queueIds ?? row.queue_ids,
        settings: data.settings ?? row.settings,
        is_default: data.isDefault ?? row.is_default,
      },
    'session.startRequested': (row, fact) =>
      row?.status === 'connected'
        ? { ...row, wanted: true }
        : became(row, fact, 'connecting', { wanted: true }),
    'session.owned': ignored,
    'session.awaitingScan': (row, fact) => became(row, fact, 'awaiting-scan', { linked_at: null }),
    'session.syncing': (row, fact) => became(row, fact, 'syncing'),
    'session.connected': (row, fact) =>
      became(row, fact, 'connected', {
        account: fact.data.account,
        linked_at: row?.linked_at ?? instant(fact.meta.at),
      }),
    'session.disconnected': (row, fact) => {
      const { reason, since } = fact.data
      const from = instant(since ?? fact.meta.at)
      return became(row, fact, 'reconnecting', {
        reason,
        last_loss: { at: from, reason },
        ...(row?.status === 'reconnecting' ? {} : { since: from }),
      })
    },
    'session.chatBegun': (row, fact) => {
      const at = instant(fact.meta.at)
      return row && { ...row, chats_begun: [...momentsInDay(row.chats_begun, Date.parse(at)), at] }
    },
    // What is missing of the past is no time in which it was away.
    'session.gapRecorded': (row, { data }) =>
      row && data.of === undefined ? { ...row, gaps: withGap(row.gaps, data) } : row,
    'session.stopped': ended('stopped'),
    'session.loggedOut': (row, fact) => {
      const next = ended('logged-out')(row, fact)
      return next && { ...next, linked_at: null, last_loss: lossOf(fact) }
    },
    'session.replaced': lost('replaced'),
    'session.restricted': lost('restricted'),
    'session.failed': lost('failed'),
    // Its tickets still name it, so the row stays.
    'session.removed': (row, fact) => became(row, fact, 'removed', { wanted: false, is_default: false }),
  },
}
