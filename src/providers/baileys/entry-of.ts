import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { Entry } from './entry.ts'
import { ignoredChat } from './jids.ts'

/** A message that Baileys gives as one of its own, as the journal keeps it; `null`: it says nothing to anybody. */
export const entryOf = (message: WAMessage, late: boolean): Extract<Entry, { kind: 'message' }> | null => {
  if (!message.message || ignoredChat(message.key.remoteJid ?? '')) return null
  const bytes = proto.Message.encode(proto.Message.create(message.message)).finish()
  return {
    kind: 'message',
    key: message.key,
    at: Number(String(message.messageTimestamp ?? 0)) * 1_000,
    ...(message.pushName ? { name: message.pushName } : {}),
    late,
    message: Buffer.from(bytes).toString('base64'),
  }
}
