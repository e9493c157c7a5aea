import { deflateSync } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import { messageOf, type Content } from './content.ts'
import { deliver } from './deliver.ts'
import { sealMedia } from './media-cipher.ts'
import { node, seconds } from './nodes.ts'
import type { Person } from './person.ts'
import type { World } from './world.ts'
import { ensureSession, messageId } from './write.ts'

export type HistoryWish = {
  account: string
  /** What was said before the device was linked, oldest first. */
  chats: {
    with: string
    messages: {
      id?: string
      fromMe?: boolean
      content: Content
      at: number
      /** What was set under it since, each under an id of its own. */
      reactions?: { id: string; fromMe?: boolean; emoji: string; at: number }[]
    }[]
  }[]
  /** The last part says 100, and lets the client finish. */
  progress?: number
  /** It lies sealed in WhatsApp's store, as a long past does, instead of in the notification itself. */
  stored?: boolean
}

/** The owner's phone shares its past with its linked devices, as it does once after linking. */
export const sendHistory = async (world: World, wish: HistoryWish): Promise<void> => {
  const owner = world.person(wish.account)
  const { HistorySyncType } = proto.HistorySync
  const history = proto.HistorySync.encode({
    syncType: HistorySyncType.RECENT,
    progress: wish.progress ?? 100,
    chunkOrder: 1,
    conversations: wish.chats.map(chat => conversationOf(world, owner.number, chat)),
    pushnames: wish.chats.map(chat => {
      const person = world.person(chat.with)
      return { id: person.jid, pushname: person.name }
    }),
    phoneNumberToLidMappings: wish.chats.map(chat => {
      const person = world.person(chat.with)
      return { pnJid: person.jid, lidJid: person.lid }
    }),
  }).finish()
  const notification = {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: {
        syncType: proto.Message.HistorySyncType.RECENT,
        progress: wish.progress ?? 100,
        chunkOrder: 1,
        ...(wish.stored ? storedAt(world, deflateSync(history)) : inline(deflateSync(history))),
      },
    },
  }
  await sayToDevices(world, owner, notification)
}

/** The owner's phone says something to its linked devices, that nobody is to read. */
export const sayToDevices = async (world: World, owner: Person, message: proto.IMessage): Promise<void> => {
  for (const device of world.account(owner.number))
    await world.inOrder(owner.number, async () => {
      await ensureSession(owner, device)
      const { type, ciphertext } = await owner.signal.seal(device.lid, message)
      const attrs = { from: owner.lid, sender_pn: owner.jid, addressing_mode: 'lid', category: 'peer' }
      deliver(
        device,
        node('message', { ...attrs, id: messageId(), type: 'text', t: seconds() }, [
          node('enc', { v: '2', type }, ciphertext),
        ]),
      )
    })
}

const inline = (packed: Buffer) => ({
  fileLength: packed.length,
  initialHistBootstrapInlinePayload: packed,
})

const storedAt = (world: World, packed: Buffer) => {
  const { blob, ...sealed } = sealMedia(packed, 'md-msg-hist')
  return { ...sealed, directPath: new URL(world.media.keep(blob, 'history')).pathname }
}

const conversationOf = (
  world: World,
  account: string,
  chat: HistoryWish['chats'][number],
): proto.IConversation => {
  const other = world.person(chat.with)
  return {
    id: other.lid,
    pnJid: other.jid,
    name: other.name,
    // The newest first, as phones send them.
    messages: chat.messages
      .toReversed()
      .map(({ id = messageId(), fromMe = false, content, at, reactions = [] }) => ({
        message: {
          key: { remoteJid: other.lid, fromMe, id },
          messageTimestamp: Math.floor(at / 1000),
          pushName: fromMe ? null : other.name,
          message: messageOf(world, world.person(fromMe ? account : chat.with), content, {}),
          reactions: reactions.map(one => ({
            key: { remoteJid: other.lid, fromMe: one.fromMe ?? false, id: one.id },
            text: one.emoji,
            senderTimestampMs: one.at,
          })),
        },
      })),
  }
}
