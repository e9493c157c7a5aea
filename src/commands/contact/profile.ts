import { z } from 'zod'
import { contactKind } from '../../actors/contact/chart.ts'
import { channelAddress } from '../../events/conversation.ts'
import { command } from '../command.ts'
import { refused } from '../define.ts'
import { aliasIdOf, canonicalAddresses } from './addresses.ts'
import { noteName, ownerOf } from './identity.ts'

/** What a channel says a known person is called, where it does not say so with each message. */
export const noteProfile = command({
  name: 'contact.noteProfile',
  summary: 'Note how a channel calls a person who wrote',
  roles: ['system'],
  input: z.object({ addresses: z.array(channelAddress).min(1).max(8), name: z.string().max(512) }),
  run: async (act, { addresses, name }) => {
    const key = await act.tools.tenantKey(act.principal.companyId)
    for (const address of canonicalAddresses(addresses)) {
      const { contactId } = await ownerOf(act, aliasIdOf(key, address))
      if (contactId === null) continue
      await noteName(act, contactId, name)
      const { revision } = await act.state(contactKind, contactId)
      return { id: contactId, revision, position: null, duplicate: false }
    }
    return refused('not-found', 'Nobody is known by these addresses.')
  },
})
