import { ADDRESS_KINDS, channelAddress, type ChannelAddress } from '../../events/conversation.ts'
import { ADDRESSES_MAX } from '../dead-letter.ts'

const NUMBER = /^\+?\d{8,15}$/
/** Ids of people on Messenger and Instagram. */
const SCOPED_ID = /^\d{15,20}$/
const KINDS: ReadonlySet<unknown> = new Set(ADDRESS_KINDS)

/**
 * Whose addresses may stand in something that nobody could read: what looks like an address of ours, and every text that
 * could be a phone number. A number too many costs a hash; one too few would survive its person's erasure.
 */
export const addressesIn = (payload: unknown): ChannelAddress[] => {
  const found = new Map<string, ChannelAddress>()
  const waiting: unknown[] = [payload]
  const note = (address: ChannelAddress): void => void found.set(`${address.kind}:${address.value}`, address)
  while (waiting.length > 0 && found.size < ADDRESSES_MAX) {
    const value = waiting.pop()
    if (typeof value === 'string' && NUMBER.test(value))
      note({ kind: 'phone', value: value.replace('+', '') })
    if (typeof value === 'string' && SCOPED_ID.test(value)) note({ kind: 'psid', value })
    if (typeof value !== 'object' || value === null) continue
    const kind: unknown = 'kind' in value ? value.kind : undefined
    const address = KINDS.has(kind) ? channelAddress.safeParse(value) : null
    if (address?.success) note(address.data)
    waiting.push(...(Object.values(value) as unknown[]))
  }
  return [...found.values()]
}
