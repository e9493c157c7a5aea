import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, outranks, type NameSource } from '../events/contact.ts'
import { conversationEvents, type ChannelAddress } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { canonicalPhone, phoneVariants } from '../shared/phone.ts'
import { ignored, ignoring, instant, later, type Handler, type Projection } from './define.ts'
import { idIn } from './place.ts'
import { partVector, searchable } from './search.ts'

/** What one contact is called and reached by. */
export type Known = {
  readonly name: string | null
  readonly nameSource: NameSource
  readonly phone: string | null
  readonly email: string | null
  readonly addresses: readonly ChannelAddress[]
}

/** A person, or a group, with whatever is known to reach them by, as this contact or as one that was merged into it. */
export type ContactRow = {
  readonly company_id: string
  readonly id: string
  readonly name: string | null
  readonly name_source: NameSource
  /** What is known of this contact alone. */
  readonly own: Known
  /** What is known of those who were merged into it. */
  readonly joined: readonly (Known & { readonly id: string })[]
  /** The contact that stands for this one. */
  readonly merged_into: string | null
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

const canonical = (phone: string | null | undefined): string | null => (phone ? canonicalPhone(phone) : null)

const NOTHING: Known = { name: null, nameSource: 'channel', phone: null, email: null, addresses: [] }

/** The strongest name; of equals this contact's own. */
const bestNamed = (all: readonly Known[]): Known =>
  all.reduce((best, one) =>
    best.name === null || (one.name !== null && !outranks(best.nameSource, one.nameSource)) ? one : best,
  )

const eachOnce = (addresses: readonly ChannelAddress[]): ChannelAddress[] => [
  ...new Map(addresses.map(address => [`${address.kind}:${address.value}`, address])).values(),
]

/** What is shown follows from what is known of all of them. */
const found = (row: ContactRow): ContactRow => {
  const all = [row.own, ...row.joined]
  const { name, nameSource } = bestNamed(all)
  const words = all.flatMap(one => [one.name ?? '', ...(one.phone ? phoneVariants(one.phone) : [])])
  return {
    ...row,
    name,
    name_source: nameSource,
    name_search: searchable(name ?? ''),
    phone: all.find(({ phone }) => phone !== null)?.phone ?? null,
    email: all.find(({ email }) => email !== null)?.email ?? null,
    addresses: eachOnce(all.flatMap(({ addresses }) => addresses)),
    search: partVector(row.company_id, words),
  }
}

const phoneIn = (addresses: readonly ChannelAddress[]): string | undefined =>
  addresses.find(address => address.kind === 'phone')?.value

const created: Handler<ContactRow, 'contact.created'> = (_, fact) => {
  const personal = fact.data.personal
  return {
    company_id: fact.meta.companyId,
    id: idIn('contact', fact) ?? '',
    own: {
      name: personal?.name ?? null,
      nameSource: fact.data.source,
      phone: canonical(personal?.phone ?? phoneIn(personal?.addresses ?? [])),
      email: personal?.email ?? null,
      addresses: personal?.addresses ?? [],
    },
    joined: [],
    merged_into: null,
    name: null,
    name_source: fact.data.source,
    name_search: '',
    phone: null,
    search: '',
    email: null,
    is_group: fact.data.isGroup,
    blocked: false,
    addresses: [],
    erased_at: null,
    revision: fact.revision,
    created_at: instant(fact.meta.at),
    updated_at: instant(fact.meta.at),
  }
}

const knowing = (
  row: ContactRow | undefined,
  change: (own: Known) => Partial<Known>,
): ContactRow | undefined => row && { ...row, own: { ...row.own, ...change(row.own) } }

const aliasAdded: Handler<ContactRow, 'contact.aliasAdded'> = (row, { data: { personal } }) => {
  if (!personal) return row
  const { address } = personal
  return knowing(row, ({ addresses, phone }) => ({
    addresses: eachOnce([...addresses, address]),
    ...(phone === null && address.kind === 'phone' ? { phone: canonical(address.value) } : {}),
  }))
}

const absorbed: Handler<ContactRow, 'contact.absorbed'> = (row, { data }) => {
  if (!row) return row
  const { contactId: id, nameSource, personal } = data
  const others = row.joined.filter(one => one.id !== id)
  const joined = personal
    ? [
        ...others,
        { id, nameSource, ...personal, phone: canonical(personal.phone ?? phoneIn(personal.addresses)) },
      ]
    : others
  return { ...row, joined, blocked: row.blocked || data.blocked }
}

/** Only that there was somebody stays. */
const erased = (row: ContactRow | undefined, at: string): ContactRow | undefined =>
  row && { ...row, own: NOTHING, joined: [], blocked: false, erased_at: row.erased_at ?? instant(at) }

export const contactRow: Projection<ContactRow> = {
  table: 'contact_row',
  version: 4,
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
    own: 'jsonb not null',
    joined: 'jsonb not null',
    merged_into: 'uuid',
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
      knowing(row, own =>
        own.name !== null && !outranks(data.source, own.nameSource)
          ? {}
          : { name: data.personal?.name ?? null, nameSource: data.source },
      ),
    'contact.changed': (row, { data }) => {
      const email = data.personal?.email
      return email === undefined ? row : knowing(row, () => ({ email }))
    },
    'contact.merged': (row, { data }) => row && { ...row, merged_into: data.intoId },
    'contact.mergeCompleted': ignored,
    'contact.unmerged': (row, { data }) => row && { ...row, merged_into: null, blocked: data.blocked },
    'contact.absorbed': absorbed,
    'contact.parted': (row, { data }) =>
      row && { ...row, joined: row.joined.filter(({ id }) => id !== data.contactId) },
    'contact.blocked': row => row && { ...row, blocked: true },
    'contact.unblocked': row => row && { ...row, blocked: false },
    'contact.erased': (row, { meta }) => erased(row, meta.at),
    'contact.erasureCompleted': (row, { meta }) => erased(row, meta.at),
  },
}
