import type { RecordedEvent } from '../events/all.ts'
import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import type { ChannelAddress } from '../events/conversation.ts'
import { messageEvents } from '../events/message.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ERASURES, ignored, ignoring, inSql, instant, later, type Projection } from './define.ts'
import { idIn, idOf } from './place.ts'
import { isOfMerged, mergeHandlers, MERGES, ofMerged } from './person.ts'

/** One contact (or group) on one session, and its live ticket. */
export type ConversationRow = {
  readonly company_id: string
  readonly id: string
  readonly session_id: string
  /** The contact that stands for the person. */
  readonly contact_id: string
  /** The contact with whom it began. */
  readonly origin_contact_id: string
  readonly live_ticket_id: string | null
  /** When the live ticket was claimed. */
  readonly live_since: string | null
  readonly is_group: boolean
  readonly addresses: readonly ChannelAddress[]
  /** When the customer last wrote something that went into no ticket, by the sender's clock. */
  readonly last_inbound_at: string | null
  readonly redirected_to: string | null
  readonly revision: number
  readonly created_at: string
}

export const conversationRow: Projection<ConversationRow> = {
  table: 'conversation_row',
  version: 5,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    session_id: 'uuid not null',
    contact_id: 'uuid not null',
    origin_contact_id: 'uuid not null',
    live_ticket_id: 'uuid',
    live_since: 'text collate "C"',
    is_group: 'boolean not null',
    addresses: 'jsonb not null',
    last_inbound_at: 'text collate "C"',
    redirected_to: 'uuid',
    revision: 'integer not null',
    created_at: 'text collate "C" not null',
  },
  indexes: [
    '(company_id, contact_id)',
    '(company_id, origin_contact_id)',
    '(live_since) where live_ticket_id is not null',
  ],
  creates: ['conversation.started'],
  keyOf: fact => idIn('conversation', fact),
  always: (row, fact: RecordedEvent) =>
    idIn('conversation', fact) ? { ...row, revision: fact.revision } : row,
  spread: {
    types: [...ERASURES, ...MERGES],
    matches: (row, fact) =>
      MERGES.includes(fact.type)
        ? isOfMerged(row, fact)
        : row.contact_id === idOf(fact.stream) || row.origin_contact_id === idOf(fact.stream),
    where: fact =>
      MERGES.includes(fact.type)
        ? ofMerged(fact)
        : `(t.contact_id = ${inSql(idOf(fact.stream))} or t.origin_contact_id = ${inSql(idOf(fact.stream))})`,
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
    'contact.erased': row => row && { ...row, addresses: [] },
    'contact.erasureCompleted': row => row && { ...row, addresses: [] },
    'conversation.contactReplaced': (row, { data }) =>
      row && {
        ...row,
        contact_id: data.contactId,
        origin_contact_id: data.contactId,
        addresses: data.personal?.addresses ?? [],
      },
    ...ignoring(sessionEvents),
    ...ignoring(ticketEvents),
    ...ignoring(messageEvents),
    'message.received': (row, { data }) =>
      row && { ...row, last_inbound_at: later(instant(data.sentAt), row.last_inbound_at ?? '') },
    'conversation.started': (_, fact) => ({
      company_id: fact.meta.companyId,
      id: idIn('conversation', fact) ?? '',
      session_id: fact.data.sessionId,
      contact_id: fact.data.contactId,
      origin_contact_id: fact.data.contactId,
      live_ticket_id: null,
      live_since: null,
      is_group: fact.data.isGroup,
      addresses: fact.data.personal?.addresses ?? [],
      last_inbound_at: null,
      redirected_to: null,
      revision: fact.revision,
      created_at: instant(fact.meta.at),
    }),
    'conversation.addressesChanged': (row, { data }) =>
      row && { ...row, addresses: data.personal?.addresses ?? [] },
    'conversation.ticketClaimed': (row, { data, meta }) =>
      row && { ...row, live_ticket_id: data.ticketId, live_since: instant(meta.at) },
    'conversation.ticketReleased': (row, { data }) =>
      row?.live_ticket_id === data.ticketId ? { ...row, live_ticket_id: null, live_since: null } : row,
    'conversation.claimDropped': (row, { data }) =>
      row?.live_ticket_id === data.ticketId ? { ...row, live_ticket_id: null, live_since: null } : row,
    'conversation.messagesRemembered': ignored,
    'conversation.absorbed': (row, { data }) =>
      row && data.lastInboundAt !== null
        ? { ...row, last_inbound_at: later(instant(data.lastInboundAt), row.last_inbound_at ?? '') }
        : row,
    // Its live ticket, if any, lives on there.
    'conversation.redirected': (row, { data }) =>
      row && { ...row, redirected_to: data.to, live_ticket_id: null, live_since: null },
    'conversation.parted': ignored,
    'conversation.restored': row => row && { ...row, redirected_to: null },
  },
}
