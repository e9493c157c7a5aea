import type { ChannelAddress } from '../../events/conversation.ts'
import { keyedId } from '../../shared/ids.ts'
import { canonicalPhone } from '../../shared/phone.ts'

const LASTING: readonly ChannelAddress['kind'][] = ['group', 'phone', 'bsuid', 'lid', 'psid', 'username']

/** The addresses in the order in which they are claimed, phone numbers in their canonical form. */
export const canonicalAddresses = (addresses: readonly ChannelAddress[]): ChannelAddress[] =>
  addresses
    .map(({ kind, value }) => ({ kind, value: kind === 'phone' ? canonicalPhone(value) : value }))
    .sort((a, b) => LASTING.indexOf(a.kind) - LASTING.indexOf(b.kind))

export const aliasIdOf = (key: Buffer, { kind, value }: ChannelAddress): string =>
  keyedId(key, 'alias', kind, value)
