import { contactKind } from '../../actors/contact/chart.ts'
import type { ERASURE_REASONS } from '../../events/contact.ts'
import { failPoint } from '../../shared/fail-point.ts'
import type { Act } from '../act.ts'
import { refused } from '../define.ts'
import { aliasIdOf, canonicalAddresses } from './addresses.ts'

export type ErasureReason = (typeof ERASURE_REASONS)[number]

/** Erases one contact, whoever else the same person is. Done before, it is nothing to do. `userId`: who decided it; null: it follows. */
export const eraseOne = async (act: Act, id: string, reason: ErasureReason, userId: string | null) => {
  const { companyId } = act.principal
  const key = await act.tools.tenantKey(companyId)
  // What the contact began with never changes; addresses learnt later are known by their alias ids.
  const addresses = (await act.tools.contactAddresses(companyId, id)) ?? []
  const first = canonicalAddresses(addresses).map(address => aliasIdOf(key, address))
  const outcome = await act.transact(contactKind, id, contact => {
    if (contact.matches('absent')) return refused('not-found', 'There is no such contact.')
    if (contact.matches('erased')) return []
    const aliasIds = [...new Set([...first, ...contact.context.aliasIds])]
    return [{ type: 'contact.erased', data: { userId, reason, aliasIds } }]
  })
  failPoint('erase.decided')
  return outcome
}
