import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, outranks, type NameSource } from '../events/contact.ts'
import { conversationEvents, type ChannelAddress } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { canonicalPhone, phoneVariants } from '../shared/phone.ts'
import { ignoring, instant, later, type Handler, type Projection } from './define.ts'
import { idIn } from './place.ts'
import { partVector, searchable } from './search.ts'

/** A person, or a group, with whatever is known to reach them by. */
export type ContactRow = {
  readonly company_id: string
  readonly id: string
  readonly name: string | null
  readonly name_source: NameSource
  /** The name without accents and capitals; empty without a name, so that it sorts. */
  readonly name_search: string
  readonly phone: string | null
  /** Finds it by any part of its name, and of its number in every form in which people type it. */
  readonly search: string
  readonly email: string | null
  readonly is_group: boolean
  readonly blocked: boolean
  readonly addresses: readonly ChannelAddress[]
  /** Nobody is this contact any more since then. */
  readonly erased_at: string | null
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

const named = (name: string | null) => ({ name, name_search: searchable(name ?? '') })

const phoned = (phone: string | null | undefined) => ({ phone: phone ? canonicalPhone(phone) : null })

const found = (row: ContactRow): ContactRow => ({
  ...row,
  search: partVector(row.company_id, [row.name ?? '', ...(row.phone ? phoneVariants(row.phone) : [])]),
})

const phoneIn = (addresses: readonly ChannelAddress[]): string | undefined =>
  addresses.find(address => address.kind === 'phone')?.value

const created: Handler<ContactRow, 'contact.created'> = (_, fact) => {
  const personal = fact.data.personal
  return {
    company_id: fact.meta.companyId,
    id: idIn('contact', fact) ?? '',
    ...named(personal?.name ?? null),
    name_source: fact.data.source,
    ...phoned(personal?.phone ?? phoneIn(personal?.addresses ?? [])),
    search: '',
    email: personal?.email ?? null,
    is_group: fact.data.isGroup,
    blocked: false,
    addresses: personal?.addresses ?? [],
    erased_at: null,
    revision: fact.revision,
    created_at: instant(fact.meta.at),
    updated_at: instant(fact.meta.at),
  }
}

const aliasAdded: Handler<ContactRow, 'contact.aliasAdded'> = (row, { data: { personal } }) => {
  if (!row || !personal) return row
  const { address } = personal
  const known = row.addresses.some(one => one.kind === address.kind && one.value === address.value)
  return {
    ...row,
    addresses: known ? row.addresses : [...row.addresses, address],
    ...(row.phone === null && address.kind === 'phone' ? phoned(address.value) : {}),
  }
}

/** Only that there was somebody stays. */
const erased = (row: ContactRow | undefined, at: string): ContactRow | undefined =>
  row && {
    ...row,
    ...named(null),
    name_source: 'channel',
    ...phoned(null),
    email: null,
    blocked: false,
    addresses: [],
    erased_at: row.erased_at ?? instant(at),
  }

export const contactRow: Projection<ContactRow> = {
  table: 'contact_row',
  version: 3,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    name: 'text',
    name_source: 'text not null',
    name_search: 'text collate "C" not null',
    phone: 'text',
    search: 'tsvector not null',
    email: 'text',
    is_group: 'boolean not null',
    blocked: 'boolean not null',
    addresses: 'jsonb not null',
    erased_at: 'text collate "C"',
    revision: 'integer not null',
    created_at: 'text collate "C" not null',
    updated_at: 'text collate "C" not null',
  },
  indexes: ['(company_id, name_search, id)', '(company_id, phone)', 'using gin (search)'],
  creates: ['contact.created'],
  keyOf: fact => idIn('contact', fact),
  always: (row, fact) => ({
    ...found(row),
    revision: fact.revision,
    updated_at: later(instant(fact.meta.at), row.updated_at),
  }),
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'contact.created': created,
    'contact.aliasAdded': aliasAdded,
    // A name that a user gave stays, whatever the address book or the channel calls the person.
    'contact.renamed': (row, { data }) =>
      !row || (row.name !== null && !outranks(data.source, row.name_source))
        ? row
        : { ...row, ...named(data.personal?.name ?? null), name_source: data.source },
    'contact.changed': (row, { data }) =>
      row && data.personal?.email !== undefined ? { ...row, email: data.personal.email } : row,
    'contact.blocked': row => row && { ...row, blocked: true },
    'contact.unblocked': row => row && { ...row, blocked: false },
    'contact.erased': (row, { meta }) => erased(row, meta.at),
    'contact.erasureCompleted': (row, { meta }) => erased(row, meta.at),
  },
}
