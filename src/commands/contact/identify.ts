import { z } from 'zod'
import { contactKind } from '../../actors/contact/chart.ts'
import { channelAddress } from '../../events/conversation.ts'
import { command } from '../command.ts'
import { refused } from '../define.ts'
import { aliasIdOf, canonicalAddresses } from './addresses.ts'
import { noteName, ownerOf, resolveContact } from './identity.ts'

/** A channel says that these addresses are one person's: a changed number, a number learnt for a hidden id. */
export const identifyContact = command({
  name: 'contact.identify',
  summary: 'Note further addresses of a person who is known by one of them',
  roles: ['system'],
  input: z.object({
    addresses: z.array(channelAddress).min(1).max(8),
    name: z.string().max(512).optional(),
    /** They are to be a contact even if they never wrote: they stand in the company's address book. */
    keep: z.literal(true).optional(),
  }),
  run: async (act, { keep, ...party }) => {
    const key = await act.tools.tenantKey(act.principal.companyId)
    const owners = await Promise.all(
      canonicalAddresses(party.addresses).map(address => ownerOf(act, aliasIdOf(key, address))),
    )
    // Whoever never wrote becomes a contact when they do; an erased person not by standing in an address book.
    const isNew = owners.every(({ contactId }) => contactId === null)
    if (isNew && (!keep || owners.some(({ released }) => released > 0)))
      return refused('not-found', 'Nobody is known by these addresses.')
    const namedBy = keep ? 'address-book' : 'channel'
    const id = await resolveContact(act, { ...party, namedBy }, false)
    await noteName(act, id, party.name, namedBy)
    const { revision } = await act.state(contactKind, id)
    return { id, revision, position: null, duplicate: false }
  },
})
