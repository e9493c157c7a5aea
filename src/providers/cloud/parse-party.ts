import type { Address, Party } from '../provider.ts'
import type { WebhookContact } from './webhook-schema.ts'

/** Country code, a full stop, an optional `ENT.` and up to 128 letters and digits: `BR.1502576394655843`. */
const BSUID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/

/** Meta's user id as an address: the phone number (`wa_id`), or a business-scoped id where that stands in its place. */
const waAddress = (id: string): Address =>
  BSUID.test(id) ? { kind: 'bsuid', value: id } : { kind: 'phone', value: id.replace(/^\+/, '') }

/** Everything that a delivery says about one person, phone number first; `null` when it names nobody. */
export const partyOf = (ids: {
  waId?: string | undefined
  userId?: string | undefined
  contact?: WebhookContact | undefined
}): Party | null => {
  const { contact } = ids
  const username = contact?.profile?.username ?? contact?.username
  const found: Address[] = [
    ...[ids.waId, contact?.wa_id].filter(id => id !== undefined && id !== '').map(id => waAddress(id!)),
    ...[ids.userId, contact?.user_id]
      .filter(id => id !== undefined && id !== '')
      .map(id => ({ kind: 'bsuid' as const, value: id! })),
    ...(username ? [{ kind: 'username' as const, value: username }] : []),
  ]
  const addresses = found.filter(
    (a, i) => found.findIndex(b => b.kind === a.kind && b.value === a.value) === i,
  )
  if (addresses.length === 0) return null
  const name = contact?.profile?.name ?? username
  return { addresses, ...(name === undefined ? {} : { name }) }
}
