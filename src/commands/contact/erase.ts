import { z } from 'zod'
import { contactKind } from '../../actors/contact/chart.ts'
import { ERASURE_REASONS } from '../../events/contact.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf, type Act } from '../act.ts'
import { ADMINS, command } from '../command.ts'
import { closeLive } from '../conversation/close-live.ts'
import { partConversations } from '../conversation/join.ts'
import { refused } from '../define.ts'
import { aliasIdOf, canonicalAddresses, releaseAlias } from './identity.ts'
import { personOf } from './person.ts'

/**
 * Erases a person: from this fact on nobody is that contact, and what the law wants gone is being removed by a reaction
 * that is repeated until it is done. There is no way back.
 */
export const eraseContact = command({
  name: 'contact.erase',
  summary: 'Erase a person for good; tickets, counts and times stay',
  roles: [...ADMINS, 'system'],
  input: z.object({ id: z.uuid(), reason: z.enum(ERASURE_REASONS).default('requested') }),
  run: async (act, { id: contactId, reason }) => {
    // A person is erased as all contacts that they were: the others by what follows. One that was erased already is repeated as
    // itself, whoever it was merged into: after a restore each is erased again.
    const { id } = reason === 'restored' ? { id: contactId } : await personOf(act, contactId, 0)
    return answerOf(id, await eraseOne(act, id, reason))
  },
})

const eraseOne = async (act: Act, id: string, reason: (typeof ERASURE_REASONS)[number]) => {
  const { companyId } = act.principal
  const key = await act.tools.tenantKey(companyId)
  // What the contact began with never changes; addresses learnt later are known by their alias ids.
  const addresses = (await act.tools.contactAddresses(companyId, id)) ?? []
  const first = canonicalAddresses(addresses).map(address => aliasIdOf(key, address))
  const outcome = await act.transact(contactKind, id, contact => {
    if (contact.matches('absent')) return refused('not-found', 'There is no such contact.')
    if (contact.matches('erased')) return []
    const userId = act.principal.kind === 'user' ? act.principal.userId : null
    const aliasIds = [...new Set([...first, ...contact.context.aliasIds])]
    return [{ type: 'contact.erased', data: { userId, reason, aliasIds } }]
  })
  failPoint('erase.decided')
  return outcome
}

/** Lets go of what an erased contact still holds: its aliases and its live tickets. Repeated, it finds nothing to do. */
export const forgetContact = command({
  name: 'contact.forget',
  summary: 'Let go of what an erased contact holds',
  roles: ['system'],
  input: z.object({
    id: z.uuid(),
    reason: z.enum(ERASURE_REASONS).default('requested'),
    aliasIds: z.array(z.uuid()),
    conversationIds: z.array(z.uuid()),
  }),
  run: async (act, { id, reason, aliasIds, conversationIds }) => {
    const { state, revision } = await act.state(contactKind, id)
    if (!state.matches('erased')) return refused('not-found', 'There is no such erased contact.')
    // The same person under other addresses: each has a key of its own, and is forgotten in its turn.
    for (const one of state.context.absorbed) await eraseOne(act, one, reason)
    await partConversations(act, conversationIds)
    for (const aliasId of aliasIds) await releaseAlias(act, aliasId, id)
    let ticketsClosed = 0
    for (const conversationId of conversationIds) if (await closeLive(act, conversationId)) ticketsClosed++
    return { id, revision, position: null, duplicate: ticketsClosed === 0, data: { ticketsClosed } }
  },
})

/** Says that all of it is done. Said once. */
export const completeErasure = command({
  name: 'contact.completeErasure',
  summary: 'Record that an erasure is complete',
  roles: ['system'],
  input: z.object({
    id: z.uuid(),
    filesRemoved: z.int().nonnegative(),
    lettersErased: z.int().nonnegative(),
    ticketsClosed: z.int().nonnegative(),
  }),
  run: async (act, { id, ...done }) => {
    const outcome = await act.transact(contactKind, id, contact => {
      if (contact.matches({ erased: 'pending' }))
        return [{ type: 'contact.erasureCompleted', data: { ...done } }]
      return contact.matches('erased') ? [] : refused('not-found', 'There is no such erased contact.')
    })
    failPoint('erase.completed')
    return answerOf(id, outcome)
  },
})
