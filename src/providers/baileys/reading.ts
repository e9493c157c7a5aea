import type { WAMessageKey } from '@whiskeysockets/baileys'
import type { InboundItem } from '../provider.ts'
import { jidOf } from './jids.ts'

/** Who wrote what in groups, lately: receipts there have to say it. */
const AUTHORS_MAX = 5_000

export const createReading = () => {
  const authors = new Map<string, string>()
  return {
    note: (items: readonly InboundItem[]): void => {
      for (const one of items) {
        if (one.item !== 'message' || !one.message.chat.group || one.message.fromMe) continue
        const author = jidOf(one.message.author.addresses)
        if (author) authors.set(one.message.providerMessageId, author)
        const oldest = authors.keys().next()
        if (authors.size > AUTHORS_MAX && !oldest.done) authors.delete(oldest.value)
      }
    },
    keysOf: (jid: string, ids: readonly string[]): WAMessageKey[] =>
      ids.map(id => {
        const participant = authors.get(id)
        return { remoteJid: jid, id, fromMe: false, ...(participant ? { participant } : {}) }
      }),
  }
}
