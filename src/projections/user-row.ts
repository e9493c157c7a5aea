import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, type Role } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ignored, ignoring, instant, type Projection } from './define.ts'
import { idIn } from './place.ts'

export type UserRow = {
  readonly company_id: string
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: Role
  readonly queue_ids: readonly string[]
  readonly active: boolean
  readonly locale: string
  readonly revision: number
  readonly created_at: string
}

export const userRow: Projection<UserRow> = {
  table: 'user_row',
  version: 1,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    name: 'text collate "C" not null',
    email: 'text not null',
    role: 'text not null',
    queue_ids: 'jsonb not null',
    active: 'boolean not null',
    locale: 'text not null',
    revision: 'integer not null',
    created_at: 'text collate "C" not null',
  },
  indexes: ['(company_id, name, id)'],
  creates: ['user.created'],
  keyOf: fact => idIn('user', fact),
  always: (row, fact) => ({ ...row, revision: fact.revision }),
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'user.created': (_, fact) => ({
      company_id: fact.meta.companyId,
      id: idIn('user', fact) ?? '',
      name: fact.data.personal?.name ?? '',
      email: fact.data.personal?.email ?? '',
      role: fact.data.role,
      queue_ids: fact.data.queueIds,
      active: true,
      locale: fact.data.locale,
      revision: fact.revision,
      created_at: instant(fact.meta.at),
    }),
    'user.changed': (row, { data }) =>
      row && {
        ...row,
        role: data.role ?? row.role,
        queue_ids: data.queueIds ?? row.queue_ids,
        locale: data.locale ?? row.locale,
        name: data.personal?.name ?? row.name,
        email: data.personal?.email ?? row.email,
      },
    'user.passwordChanged': ignored,
    'user.uploadRefused': ignored,
    'user.deactivated': row => row && { ...row, active: false },
    'user.reactivated': row => row && { ...row, active: true },
  },
}
