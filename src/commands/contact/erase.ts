import { z } from 'zod'
import { contactKind } from '../../actors/contact/chart.ts'
import { ERASURE_REASONS } from '../../events/contact.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf } from '../act.ts'
import { ADMINS, command } from '../command.ts'
import { closeLive } from '../conversation/close-live.ts'
import { partConversations } from '../conversation/part.ts'
import { refused } from '../define.ts'
import { eraseOne } from './erase-one.ts'
import { releaseAlias } from './identity.ts'
import { lineOf } from './person.ts'

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
    const userId = act.principal.kind === 'user' ? act.principal.userId : null
    // A person is erased as all contacts that they were: whoever else was merged into these, by what follows. One that was
    // erased already is repeated as itself, whoever it was merged into: after a restore each is erased again.
    const line = reason === 'restored' ? [] : (await lineOf(act, contactId)).reverse()
    const [id = contactId, ...others] = line
    const outcome = await eraseOne(act, id, reason, userId)
    if (outcome.outcome === 'done') for (const one of others) await eraseOne(act, one, reason, userId)
    return answerOf(id, outcome)
  },
})

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
    for (const one of state.context.absorbed) await eraseOne(act, one, reason, null)
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
