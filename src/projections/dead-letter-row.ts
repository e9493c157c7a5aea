import { auditEvents } from '../events/audit.ts'
import { companyEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ignoring, instant, type Projection } from './define.ts'
import { idIn } from './place.ts'

export const DEAD_LETTER_STATUSES = ['waiting', 'processed', 'dropped', 'erased'] as const
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number]

/** Something that could not be processed. Its payload stays in the log: it is large, and read one at a time. */
export type DeadLetterRow = {
  readonly company_id: string
  readonly id: string
  readonly source: string
  readonly reason: string
  readonly session_id: string | null
  readonly status: DeadLetterStatus
  /** How often it was tried again. */
  readonly attempts: number
  /** Why the latest try failed. */
  readonly last_error: string | null
  /** Keyed hashes of the addresses that stand in it. */
  readonly alias_ids: readonly string[]
  /** Where its payload is kept if it is too large for a fact. */
  readonly raw_key: string | null
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

export const deadLetterRow: Projection<DeadLetterRow> = {
  table: 'deadletter_row',
  version: 2,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    source: 'text not null',
    reason: 'text not null',
    session_id: 'uuid',
    status: 'text not null',
    attempts: 'integer not null',
    last_error: 'text',
    alias_ids: 'jsonb not null',
    raw_key: 'text',
    revision: 'integer not null',
    created_at: 'text collate "C" not null',
    updated_at: 'text collate "C" not null',
  },
  indexes: ['(company_id, created_at desc, id desc)', '(company_id, status, created_at desc, id desc)'],
  creates: ['deadLetter.recorded'],
  keyOf: fact => idIn('deadletter', fact),
  always: (row, fact) => ({ ...row, revision: fact.revision, updated_at: instant(fact.meta.at) }),
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'deadLetter.recorded': (_, fact) => ({
      company_id: fact.meta.companyId,
      id: idIn('deadletter', fact) ?? '',
      source: fact.data.source,
      reason: fact.data.reason,
      session_id: fact.data.sessionId,
      status: 'waiting',
      attempts: 0,
      last_error: null,
      alias_ids: fact.data.aliasIds,
      raw_key: fact.data.rawKey,
      revision: fact.revision,
      created_at: instant(fact.meta.at),
      updated_at: instant(fact.meta.at),
    }),
    'deadLetter.retried': (row, { data }) =>
      row && {
        ...row,
        status: data.outcome === 'processed' ? 'processed' : row.status,
        attempts: row.attempts + 1,
        last_error: data.outcome === 'processed' ? null : (data.reason ?? null),
      },
    'deadLetter.dropped': row => row && { ...row, status: 'dropped' },
    // What a parser complained of may be somebody's words.
    'deadLetter.erased': row => row && { ...row, status: 'erased', reason: '', last_error: null },
  },
}
