import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import type { RecordedEvent } from '../events/all.ts'
import type { ProviderKind, SessionSettings, SessionStatus } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ignored, ignoring, instant, type Projection } from './define.ts'
import { idIn } from './place.ts'

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
  /** Somebody wants it connected. */
  readonly wanted: boolean
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

export const sessionRow: Projection<SessionRow> = {
  table: 'session_row',
  version: 1,
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
    wanted: 'boolean not null',
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
      wanted: false,
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
    'session.awaitingScan': (row, fact) => became(row, fact, 'awaiting-scan'),
    'session.syncing': (row, fact) => became(row, fact, 'syncing'),
    'session.connected': (row, fact) => became(row, fact, 'connected', { account: fact.data.account }),
    'session.disconnected': (row, fact) => became(row, fact, 'reconnecting', { reason: fact.data.reason }),
    'session.gapRecorded': ignored,
    'session.stopped': ended('stopped'),
    'session.loggedOut': ended('logged-out'),
    'session.replaced': ended('replaced'),
    'session.restricted': ended('restricted'),
    'session.failed': ended('failed'),
    // Its tickets still name it, so the row stays.
    'session.removed': (row, fact) => became(row, fact, 'removed', { wanted: false, is_default: false }),
  },
}
