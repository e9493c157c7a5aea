import { auditEvents } from '../events/audit.ts'
import { deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ignored, ignoring, instant, type Projection } from './define.ts'
import { idIn } from './place.ts'

export type CompanyRow = {
  readonly company_id: string
  readonly id: string
  readonly name: string
  readonly locale: string
  readonly time_zone: string
  /** Bytes of one file; `null`: what the installation takes. */
  readonly inbound_media_bytes_max: number | null
  readonly outbound_media_bytes_max: number | null
  readonly tell_too_large: boolean
  readonly large_files_as_links: boolean
  readonly revision: number
  readonly created_at: string
}

export const companyRow: Projection<CompanyRow> = {
  table: 'company_row',
  version: 3,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    name: 'text not null',
    locale: 'text not null',
    time_zone: 'text not null',
    inbound_media_bytes_max: 'integer',
    outbound_media_bytes_max: 'integer',
    tell_too_large: 'boolean not null',
    large_files_as_links: 'boolean not null',
    revision: 'integer not null',
    created_at: 'text collate "C" not null',
  },
  indexes: [],
  creates: ['company.created'],
  keyOf: fact => idIn('company', fact),
  always: (row, fact) => ({ ...row, revision: fact.revision }),
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'company.created': (_, fact) => ({
      company_id: fact.meta.companyId,
      id: idIn('company', fact) ?? '',
      name: fact.data.name,
      locale: fact.data.locale,
      time_zone: fact.data.timeZone,
      inbound_media_bytes_max: null,
      outbound_media_bytes_max: null,
      tell_too_large: true,
      large_files_as_links: true,
      revision: fact.revision,
      created_at: instant(fact.meta.at),
    }),
    'company.ticketNumbersReserved': ignored,
    'company.settingsChanged': (row, { data }) =>
      row && {
        ...row,
        ...(data.inboundMediaBytesMax === undefined
          ? {}
          : { inbound_media_bytes_max: data.inboundMediaBytesMax }),
        ...(data.outboundMediaBytesMax === undefined
          ? {}
          : { outbound_media_bytes_max: data.outboundMediaBytesMax }),
        ...(data.tellTooLarge === undefined ? {} : { tell_too_large: data.tellTooLarge }),
        ...(data.largeFilesAsLinks === undefined ? {} : { large_files_as_links: data.largeFilesAsLinks }),
      },
  },
}
