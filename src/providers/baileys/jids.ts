import { isJidGroup, isLidUser, isPnUser, jidDecode, jidNormalizedUser } from '@whiskeysockets/baileys'
import type { Address } from '../provider.ts'

/** WhatsApp's ids and ours. A group is named whole (`…@g.us`), people by their number or their hidden id. */
export const addressOf = (jid: string): Address | null => {
  const plain = jidNormalizedUser(jid)
  const user = jidDecode(plain)?.user
  if (!user) return null
  if (isJidGroup(plain)) return { kind: 'group', value: plain }
  if (isLidUser(plain)) return { kind: 'lid', value: user }
  if (isPnUser(plain)) return { kind: 'phone', value: user }
  return null
}

export const jidOf = (addresses: readonly Address[]): string | null => {
  const of = (kind: Address['kind']) => addresses.find(address => address.kind === kind)?.value
  const group = of('group')
  if (group) return group
  // By the hidden id where it is known: that is how v7 keeps its keys.
  const lid = of('lid')
  if (lid) return `${lid}@lid`
  const phone = of('phone')
  return phone ? `${phone}@s.whatsapp.net` : null
}

/** What is neither a person nor a group: status, channels, broadcast lists, bots. Named for counting. */
export const ignoredChat = (jid: string): string | null => {
  if (jid === 'status@broadcast') return 'status'
  if (jid.endsWith('@newsletter')) return 'newsletter'
  if (jid.endsWith('@broadcast')) return 'broadcast'
  if (jid.endsWith('@bot')) return 'bot'
  return null
}

/** The same person's addresses, phone first, each once. */
export const partyAddresses = (...jids: readonly (string | null | undefined)[]): Address[] => {
  const found = new Map<string, Address>()
  for (const jid of jids) {
    const address = jid ? addressOf(jid) : null
    if (address) found.set(`${address.kind}:${address.value}`, address)
  }
  return [...found.values()].sort((a, b) => (a.kind === 'phone' ? -1 : b.kind === 'phone' ? 1 : 0))
}
