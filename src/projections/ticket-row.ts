import type { RecordedEvent } from '../events/all.ts'
import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import type { Ack, MessageKind } from '../events/message.ts'
import { sessionEvents } from '../events/session.ts'
import type { TicketStatus } from '../events/ticket.ts'
import { nextAck, requeuedAck } from './ack.ts'
import {
  ERASURES,
  ignored,
  ignoring,
  inSql,
  instant,
  later,
  type Handler,
  type Projection,
} from './define.ts'
import { idIn, idOf } from './place.ts'
import { isOfMerged, mergeHandlers, MERGES, ofMerged } from './person.ts'

/** One ticket as lists show it. */
export type TicketRow = {
  readonly company_id: string
  readonly id: string
  readonly number: number
  readonly status: TicketStatus
  /** Of the last fact in the ticket's stream, of whatever kind. */
  readonly revision: number
  readonly session_id: string
  readonly conversation_id: string
  /** The contact that stands for the person. */
  readonly contact_id: string
  /** The contact with whom it was opened. */
  readonly origin_contact_id: string
  readonly queue_id: string | null
  readonly user_id: string | null
  readonly is_group: boolean
  readonly priority: number
  readonly unread_count: number
  readonly last_id: string | null
  /** The contact with whose key the last message is sealed. */
  readonly last_subject_id: string | null
  readonly last_preview: string | null
  readonly last_at: string | null
  readonly last_from_me: boolean | null
  readonly last_kind: MessageKind | null
  readonly last_ack: Ack | null
  readonly opened_at: string
  readonly accepted_at: string | null
  readonly closed_at: string | null
  /** Only while it is snoozed, and then null if it waits for a reply. */
  readonly snoozed_until: string | null
  /** Since when it waits for a human; null unless it does. */
  readonly pending_since: string | null
  /** When the customer last wrote in it, by the sender's clock: channels with a window count from there. */
  readonly last_inbound_at: string | null
  /** Its last activity: what a person did or wrote. Acks, reactions and having been seen are none. */
  readonly updated_at: string
}

/** A preview is a line, never the whole text. */
export const PREVIEW_CHARS_MAX = 160

const preview = (body: string): string =>
  [...body.slice(0, PREVIEW_CHARS_MAX * 2)].slice(0, PREVIEW_CHARS_MAX).join('')

const at = (fact: { meta: { at: string } }): string => instant(fact.meta.at)

/** Changes the row, and moves it up as active. */
const active = (
  row: TicketRow | undefined,
  fact: RecordedEvent,
  change: Partial<TicketRow>,
): TicketRow | undefined => row && { ...row, ...change, updated_at: later(at(fact), row.updated_at) }

const wrote = (
  row: TicketRow | undefined,
  fact: Extract<RecordedEvent, { type: 'message.received' | 'message.mirrored' | 'message.queued' }>,
  ack: Ack,
  unread: number,
): TicketRow | undefined =>
  active(row, fact, {
    last_id: fact.data.messageId,
    last_subject_id: fact.meta.subject ?? null,
    last_preview: preview(fact.data.personal?.body ?? ''),
    last_at: at(fact),
    last_from_me: ack !== 'received',
    last_kind: fact.data.kind,
    last_ack: ack,
    unread_count: unread,
  })

/** Changes the line about the last message, if the fact is about that one. */
const ofLast = (
  row: TicketRow | undefined,
  messageId: string,
  change: (row: TicketRow) => Partial<TicketRow>,
): TicketRow | undefined => (row?.last_id === messageId ? { ...row, ...change(row) } : row)

const told =
  (ack: Ack) =>
  (row: TicketRow | undefined, fact: { data: { messageId: string } }): TicketRow | undefined =>
    ofLast(row, fact.data.messageId, last => ({ last_ack: last.last_ack && nextAck(last.last_ack, ack) }))

const requeued = (row: TicketRow | undefined, fact: { data: { messageId: string } }): TicketRow | undefined =>
  ofLast(row, fact.data.messageId, last => ({ last_ack: last.last_ack && requeuedAck(last.last_ack) }))

const lives = (fact: RecordedEvent, userId: string | null): Partial<TicketRow> =>
  userId === null
    ? { status: 'pending', user_id: null, accepted_at: null, closed_at: null, pending_since: at(fact) }
    : { status: 'open', user_id: userId, accepted_at: at(fact), closed_at: null, pending_since: null }

const opened: Handler<TicketRow, 'ticket.opened'> = (_, fact) => ({
  company_id: fact.meta.companyId,
  id: idIn('ticket', fact) ?? '',
  number: fact.data.number,
  status: 'pending',
  revision: fact.revision,
  session_id: fact.data.sessionId,
  conversation_id: fact.data.conversationId,
  contact_id: fact.data.contactId,
  origin_contact_id: fact.data.contactId,
  queue_id: fact.data.queueId,
  user_id: null,
  is_group: fact.data.isGroup,
  priority: 0,
  unread_count: 0,
  last_id: null,
  last_subject_id: null,
  last_preview: null,
  last_at: null,
  last_from_me: null,
  last_kind: null,
  last_ack: null,
  opened_at: at(fact),
  accepted_at: null,
  closed_at: null,
  snoozed_until: null,
  pending_since: null,
  last_inbound_at: null,
  updated_at: at(fact),
  ...lives(fact, fact.data.userId),
})

export const ticketRow: Projection<TicketRow> = {
  table: 'ticket_row',
  version: 5,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    number: 'integer not null',
    status: 'text not null',
    revision: 'integer not null',
    session_id: 'uuid not null',
    conversation_id: 'uuid not null',
    contact_id: 'uuid not null',
    origin_contact_id: 'uuid not null',
    queue_id: 'uuid',
    user_id: 'uuid',
    is_group: 'boolean not null',
    priority: 'integer not null',
    unread_count: 'integer not null',
    last_id: 'uuid',
    last_subject_id: 'uuid',
    last_preview: 'text',
    last_at: 'text collate "C"',
    last_from_me: 'boolean',
    last_kind: 'text',
    last_ack: 'text',
    opened_at: 'text collate "C" not null',
    accepted_at: 'text collate "C"',
    closed_at: 'text collate "C"',
    snoozed_until: 'text collate "C"',
    pending_since: 'text collate "C"',
    last_inbound_at: 'text collate "C"',
    updated_at: 'text collate "C" not null',
  },
  // Lists are read status by status, so that each of these gives them in order: see `ticket-list.ts`.
  indexes: [
    '(company_id, status, updated_at desc, id desc)',
    '(company_id, status, (coalesce(pending_since, updated_at)), id)',
    '(company_id, user_id, status, updated_at desc, id desc)',
    '(company_id, queue_id, status, updated_at desc, id desc)',
    '(company_id, contact_id, updated_at desc, id desc)',
    '(company_id, number)',
  ],
  creates: ['ticket.opened'],
  keyOf: fact => idIn('ticket', fact),
  always: (row, fact) => (idIn('ticket', fact) ? { ...row, revision: fact.revision } : row),
  spread: {
    types: [...ERASURES, ...MERGES],
    matches: (row, fact) =>
      MERGES.includes(fact.type) ? isOfMerged(row, fact) : row.last_subject_id === idOf(fact.stream),
    where: fact =>
      MERGES.includes(fact.type) ? ofMerged(fact) : `t.last_subject_id = ${inSql(idOf(fact.stream))}`,
  },
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    ...mergeHandlers,
    'contact.erased': row => row && { ...row, last_preview: '' },
    'contact.erasureCompleted': row => row && { ...row, last_preview: '' },
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    'ticket.opened': opened,
    'ticket.accepted': (row, fact) =>
      active(row, fact, { ...lives(fact, fact.data.userId), unread_count: 0 }),
    'ticket.returned': (row, fact) => active(row, fact, lives(fact, null)),
    'ticket.takenOver': (row, fact) =>
      active(row, fact, { status: 'open', user_id: fact.data.userId, pending_since: null }),
    'ticket.queueChanged': (row, fact) => active(row, fact, { queue_id: fact.data.queueId }),
    'ticket.closed': (row, fact) =>
      active(row, fact, { status: 'closed', closed_at: at(fact), pending_since: null, unread_count: 0 }),
    'ticket.reopened': (row, fact) => active(row, fact, lives(fact, fact.data.userId)),
    'ticket.snoozed': (row, fact) =>
      active(row, fact, {
        status: 'snoozed',
        snoozed_until: fact.data.until === null ? null : instant(fact.data.until),
      }),
    'ticket.woken': (row, fact) =>
      active(row, fact, {
        ...(fact.data.userId === null ? lives(fact, null) : { status: 'open', user_id: fact.data.userId }),
        snoozed_until: null,
      }),
    'ticket.parted': ignored,
    'ticket.seen': row => row && { ...row, unread_count: 0 },
    'message.received': (row, fact) => {
      const next = wrote(row, fact, 'received', (row?.unread_count ?? 0) + 1)
      return (
        next && { ...next, last_inbound_at: later(instant(fact.data.sentAt), row?.last_inbound_at ?? '') }
      )
    },
    // Whoever wrote from the company's own phone has read what was there.
    'message.mirrored': (row, fact) => wrote(row, fact, 'sent', 0),
    'message.queued': (row, fact) =>
      wrote(row, fact, 'queued', fact.data.userId === undefined ? (row?.unread_count ?? 0) : 0),
    'message.sending': told('sending'),
    'message.sent': told('sent'),
    'message.delivered': told('delivered'),
    'message.read': told('read'),
    'message.played': told('played'),
    'message.failed': told('failed'),
    'message.outcomeUnknown': told('unknown'),
    'message.deferred': requeued,
    'message.requeued': requeued,
    'message.mediaStored': ignored,
    'message.mediaFailed': ignored,
    'message.actionQueued': ignored,
    'message.actionFailed': ignored,
    'message.reacted': ignored,
    'message.deciphered': (row, { data }) =>
      ofLast(row, data.messageId, () => ({
        last_kind: data.kind,
        last_preview: preview(data.personal?.body ?? ''),
      })),
    'message.edited': (row, fact) =>
      ofLast(row, fact.data.messageId, () => ({ last_preview: preview(fact.data.personal?.body ?? '') })),
    'message.revoked': (row, fact) => ofLast(row, fact.data.messageId, () => ({ last_preview: '' })),
  },
}
