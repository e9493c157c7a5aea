import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ignoring, instant, type Projection } from './define.ts'
import { idIn } from './place.ts'

export type QueueRow = {
  readonly company_id: string
  readonly id: string
  readonly name: string
  readonly color: string
  /** Kept for the tickets that were in it. */
  readonly removed: boolean
  readonly revision: number
  readonly created_at: string
}

export const queueRow: Projection<QueueRow> = {
  table: 'queue_row',
  version: 1,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    name: 'text collate "C" not null',
    color: 'text not null',
    removed: 'boolean not null',
    revision: 'integer not null',
    created_at: 'text collate "C" not null',
  },
  indexes: ['(company_id, name, id)'],
  creates: ['queue.created'],
  keyOf: fact => idIn('queue', fact),
  always: (row, fact) => ({ ...row, revision: fact.revision }),
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'queue.created': (_, fact) => ({
      company_id: fact.meta.companyId,
      id: idIn('queue', fact) ?? '',
      name: fact.data.name,
      color: fact.data.color,
      removed: false,
      revision: fact.revision,
      created_at: instant(fact.meta.at),
    }),
    'queue.changed': (row, { data }) =>
      row && { ...row, name: data.name ?? row.name, color: data.color ?? row.color },
    'queue.removed': row => row && { ...row, removed: true },
  },
}
