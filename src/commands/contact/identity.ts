import { aliasKind, contactKind, type ContactState } from '../../actors/contact/chart.ts'
import type { NameSource } from '../../events/contact.ts'
import type { ChannelAddress } from '../../events/conversation.ts'
import { derivedId, keyedId, type ContactId } from '../../shared/ids.ts'
import { failPoint } from '../../shared/fail-point.ts'
import type { Act } from '../act.ts'
import { aliasIdOf, canonicalAddresses } from './addresses.ts'
import { mergeKnown } from './merge.ts'
import { personOf, type Person } from './person.ts'

/**
 * Who someone is. A person is known by any of several addresses; each address is an alias with a stream of its own, and
 * whoever appends first to that stream has claimed it for one contact. Claiming goes from the most lasting address
 * (phone) to the least, so that two first messages at once meet at the same first alias and one of them wins.
 */
export type Party = {
  readonly addresses: readonly ChannelAddress[]
  readonly name?: string | undefined
  /** Who calls them so. Default: they themselves, on the channel. */
  readonly namedBy?: NameSource
}

export const nameHashOf = (key: Buffer, name: string): string => keyedId(key, 'name', name)

type Alias = {
  readonly id: string
  readonly address: ChannelAddress
  readonly contactId: string | null
  /** How many erased contacts it belonged to before. */
  readonly released: number
}

/** Whether this person was erased. For ever, once it is so: what is remembered here is refreshed where a key is refused. */
export const isErased = async (act: Act, contactId: string): Promise<boolean> =>
  (await personOf(act, contactId)).state.matches('erased')

/** Frees an alias of an erased contact. Answers whose it is then. */
export const releaseAlias = async (act: Act, id: string, contactId: string) => {
  const outcome = await act.transact(aliasKind, id, alias =>
    alias.context.contactId === contactId ? [{ type: 'alias.released', data: { contactId } }] : [],
  )
  if (outcome.outcome !== 'done') throw new Error(`alias ${id} could not be released`)
  failPoint('erase.alias-released')
  return outcome.state.context
}

/** Whose an address is, merges followed; one that an erased contact still holds is freed first. */
export const ownerOf = async (act: Act, id: string): Promise<Pick<Alias, 'contactId' | 'released'>> => {
  // A claim lasts: only one that seems free is read afresh.
  const known = (await act.state(aliasKind, id, Number.POSITIVE_INFINITY)).state.context
  const context = known.contactId ? known : (await act.state(aliasKind, id)).state.context
  const { contactId, released } = context
  if (contactId === null) return context
  const person = await personOf(act, contactId)
  return person.state.matches('erased')
    ? releaseAlias(act, id, contactId)
    : { contactId: person.id, released }
}

/** The contact that claimed the most lasting of these addresses, merged or not. */
export const holderOf = async (
  act: Act,
  addresses: readonly ChannelAddress[],
  otherwise: string,
): Promise<string> => {
  const [first] = canonicalAddresses(addresses)
  if (!first) return otherwise
  const key = await act.tools.tenantKey(act.principal.companyId)
  const { state } = await act.state(aliasKind, aliasIdOf(key, first), Number.POSITIVE_INFINITY)
  return state.context.contactId ?? otherwise
}

/** Whether one of these addresses belonged to somebody who was erased. */
export const wasErased = async (act: Act, addresses: readonly ChannelAddress[]): Promise<boolean> => {
  const key = await act.tools.tenantKey(act.principal.companyId)
  const owners = canonicalAddresses(addresses).map(address => ownerOf(act, aliasIdOf(key, address)))
  return (await Promise.all(owners)).some(({ released }) => released > 0)
}

const lookUp = async (act: Act, key: Buffer, addresses: readonly ChannelAddress[]): Promise<Alias[]> =>
  Promise.all(
    canonicalAddresses(addresses).map(async address => {
      const id = aliasIdOf(key, address)
      const { contactId, released } = await ownerOf(act, id)
      return { id, address, contactId, released }
    }),
  )

/** Claims an alias; answers whose it is, which may be somebody else's who was first. */
const claim = async (act: Act, alias: Alias, contactId: string): Promise<string> => {
  const outcome = await act.transact(aliasKind, alias.id, state =>
    state.context.contactId ? [] : [{ type: 'alias.claimed', data: { contactId } }],
  )
  failPoint('intake.alias-claimed')
  return outcome.outcome === 'done' ? (outcome.state.context.contactId ?? contactId) : contactId
}

/** Somebody who calls themselves by blanks and marks that nobody can see has no name: they are shown by their number. */
const SEEN = /[^\s\u2800\p{Default_Ignorable_Code_Point}]/u
const seenName = (name: string | undefined): string | null => (name && SEEN.test(name) ? name : null)

const phoneOf = (addresses: readonly ChannelAddress[]): string | null =>
  addresses.find(({ kind }) => kind === 'phone')?.value ?? null

/** Writes the contact's first fact if it is missing: also completes a claim that a crash left without its contact. */
const ensureContact = (act: Act, key: Buffer, contactId: string, party: Party, group: boolean) =>
  act.transact(contactKind, contactId, contact => {
    if (!contact.matches('absent')) return []
    // As the channel gave them: that is how they are written to, old Brazilian numbers without their ninth digit.
    const addresses = [...party.addresses]
    const name = seenName(party.name)
    return [
      {
        type: 'contact.created',
        subject: contactId,
        data: {
          isGroup: group,
          nameHash: name ? nameHashOf(key, name) : null,
          source: party.namedBy ?? 'channel',
          personal: { name, phone: phoneOf(canonicalAddresses(addresses)), email: null, addresses },
        },
      },
    ]
  })

/** Notes another address of a known contact. */
const addAlias = (act: Act, contactId: string, alias: Alias) =>
  act.transact(contactKind, contactId, contact =>
    !contact.matches('known') || contact.context.aliasIds.includes(alias.id)
      ? []
      : [
          {
            type: 'contact.aliasAdded',
            subject: contactId,
            data: { aliasId: alias.id, personal: { address: alias.address } },
          },
        ],
  )

/** The same for everybody who finds the address free; another after each contact that it outlived. */
const contactIdOf = ({ id, released }: Alias): ContactId =>
  released === 0 ? derivedId('contact', id) : derivedId('contact', id, released)

/**
 * Whose these addresses are, if anybody's. Several contacts turn out to be one person when a channel names what each was known
 * by: the one with the most lasting address stays.
 */
const onePerson = async (act: Act, aliases: readonly Alias[], group: boolean): Promise<string | null> => {
  const ids = [...new Set(aliases.flatMap(({ contactId }) => contactId ?? []))]
  const [first, ...others] = ids
  if (first === undefined || others.length === 0 || group) return first ?? null
  const people: Person[] = []
  for (const id of ids) people.push(await personOf(act, id, 0))
  return mergeKnown(act, people)
}

/** The contact that these addresses belong to; made, with its aliases, if nobody has them yet. */
export const resolveContact = async (act: Act, party: Party, group: boolean): Promise<ContactId> => {
  const key = await act.tools.tenantKey(act.principal.companyId)
  const aliases = await lookUp(act, key, party.addresses)
  const known = await onePerson(act, aliases, group)
  const [first] = aliases
  if (!first) throw new Error('a party without an address')
  let contactId = known ?? contactIdOf(first)
  if (!known) contactId = await claim(act, first, contactId)
  await ensureContact(act, key, contactId, party, group)
  failPoint('intake.contact-created')
  for (const alias of aliases) {
    if (alias.contactId !== null || (alias === first && !known)) continue
    if ((await claim(act, alias, contactId)) === contactId) await addAlias(act, contactId, alias)
  }
  return contactId as ContactId
}

/** Notes how somebody is called by a source; whether it is shown is a matter of what the others say. */
export const noteName = async (
  act: Act,
  contactId: string,
  given: string | undefined,
  source: NameSource = 'channel',
): Promise<void> => {
  const name = seenName(given)
  if (name === null) return
  const key = await act.tools.tenantKey(act.principal.companyId)
  const nameHash = nameHashOf(key, name)
  const isNew = (contact: ContactState): boolean =>
    contact.matches('known') && contact.context.nameHashes[source] !== nameHash
  if (!isNew((await act.state(contactKind, contactId, Number.POSITIVE_INFINITY)).state)) return
  await act.transact(contactKind, contactId, contact =>
    isNew(contact)
      ? [{ type: 'contact.renamed', subject: contactId, data: { nameHash, source, personal: { name } } }]
      : [],
  )
  failPoint('intake.name-noted')
}
