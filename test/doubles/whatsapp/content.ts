import { randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import { sealMedia, type MediaType } from './media-cipher.ts'
import type { Person } from './person.ts'
import type { World } from './world.ts'

type FileContent = { bytes: Uint8Array; mime?: string; caption?: string; fileName?: string; seconds?: number }

/** What a phone can say. */
export type Content =
  | { kind: 'text'; text: string }
  | ({ kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' } & FileContent)
  | { kind: 'location'; latitude: number; longitude: number; name?: string; address?: string }
  | { kind: 'contacts'; contacts: { name: string; number: string }[] }
  | { kind: 'reaction'; about: string; emoji: string }
  | { kind: 'edit'; about: string; text: string }
  | { kind: 'revoke'; about: string }
  | { kind: 'poll'; question: string; options: string[] }
  /** Any `proto.Message` in its JSON form. */
  | { kind: 'raw'; message: { [name: string]: unknown } }

export type Wrap = 'view-once' | 'ephemeral'

/** The message as a phone of this author builds it, with its media sealed and stored. */
export const messageOf = (
  world: World,
  author: Person,
  content: Content,
  options: { quoting?: string | undefined; wrap?: Wrap | undefined; forwarded?: boolean | undefined },
): proto.IMessage => {
  const contextInfo = contextOf(world, options)
  const plain = plainOf(world, author, content, contextInfo)
  if (options.wrap === 'view-once') return { viewOnceMessageV2: { message: plain } }
  if (options.wrap === 'ephemeral') return { ephemeralMessage: { message: plain } }
  return plain
}

const plainOf = (
  world: World,
  author: Person,
  content: Content,
  contextInfo: proto.IContextInfo | null,
): proto.IMessage => {
  switch (content.kind) {
    case 'text':
      return contextInfo
        ? { extendedTextMessage: { text: content.text, contextInfo } }
        : { conversation: content.text }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
    case 'sticker':
      return fileOf(world, content, contextInfo)
    case 'location':
      return {
        locationMessage: {
          degreesLatitude: content.latitude,
          degreesLongitude: content.longitude,
          name: content.name ?? null,
          address: content.address ?? null,
          contextInfo,
        },
      }
    case 'contacts':
      return contactsOf(content.contacts, contextInfo)
    case 'reaction':
      return {
        reactionMessage: {
          key: keyOf(world, author, content.about),
          text: content.emoji,
          senderTimestampMs: Date.now(),
        },
      }
    case 'edit':
      return {
        editedMessage: {
          message: {
            protocolMessage: {
              type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
              key: keyOf(world, author, content.about),
              editedMessage: { conversation: content.text },
              timestampMs: Date.now(),
            },
          },
        },
      }
    case 'revoke':
      return {
        protocolMessage: {
          type: proto.Message.ProtocolMessage.Type.REVOKE,
          key: keyOf(world, author, content.about),
        },
      }
    case 'poll':
      return {
        pollCreationMessageV3: {
          name: content.question,
          options: content.options.map(optionName => ({ optionName })),
          selectableOptionsCount: 1,
        },
        messageContextInfo: { messageSecret: randomBytes(32) },
      }
    case 'raw':
      return proto.Message.fromObject(content.message)
  }
}

const MIMES = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/mpeg',
  voice: 'audio/ogg; codecs=opus',
  document: 'application/pdf',
  sticker: 'image/webp',
} as const
const CIPHERS = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'ptt',
  document: 'document',
  sticker: 'sticker',
} as const satisfies Record<keyof typeof MIMES, MediaType>

const fileOf = (
  world: World,
  content: Extract<Content, FileContent>,
  contextInfo: proto.IContextInfo | null,
): proto.IMessage => {
  const { blob, ...sealed } = sealMedia(Buffer.from(content.bytes), CIPHERS[content.kind])
  const file = {
    ...sealed,
    url: world.media.keep(blob),
    mimetype: content.mime ?? MIMES[content.kind],
    mediaKeyTimestamp: Math.floor(Date.now() / 1000),
    contextInfo,
  }
  const caption = content.caption ?? null
  const length = content.seconds ?? null
  switch (content.kind) {
    case 'image':
      return { imageMessage: { ...file, caption } }
    case 'video':
      return { videoMessage: { ...file, caption, seconds: length } }
    case 'audio':
    case 'voice':
      return { audioMessage: { ...file, ptt: content.kind === 'voice', seconds: length } }
    case 'sticker':
      return { stickerMessage: file }
    case 'document': {
      const document = {
        ...file,
        fileName: content.fileName ?? 'document.pdf',
        title: content.fileName ?? null,
      }
      return caption === null
        ? { documentMessage: document }
        : { documentWithCaptionMessage: { message: { documentMessage: { ...document, caption } } } }
    }
  }
}

const contactsOf = (
  contacts: { name: string; number: string }[],
  contextInfo: proto.IContextInfo | null,
): proto.IMessage => {
  const cards = contacts.map(({ name, number }) => ({
    displayName: name,
    vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${number}:+${number}\nEND:VCARD`,
  }))
  const [only] = cards
  return cards.length === 1 && only
    ? { contactMessage: { ...only, contextInfo } }
    : { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards, contextInfo } }
}

const contextOf = (
  world: World,
  options: { quoting?: string | undefined; forwarded?: boolean | undefined },
): proto.IContextInfo | null => {
  if (options.quoting === undefined && !options.forwarded) return null
  const quoted = options.quoting === undefined ? null : knownOf(world, options.quoting)
  return {
    ...(quoted && {
      stanzaId: options.quoting ?? null,
      participant: quoted.author.lid,
      quotedMessage: quoted.message,
    }),
    ...(options.forwarded && { isForwarded: true, forwardingScore: 1 }),
  }
}

/** The key of a message as seen from this author's own phone. */
const keyOf = (world: World, author: Person, id: string): proto.IMessageKey => {
  const { author: writer, chat } = knownOf(world, id)
  const inGroup = world.groups.has(chat)
  const fromMe = writer === author
  return {
    id,
    fromMe,
    remoteJid: inGroup ? chat : fromMe ? (world.personOf(chat)?.lid ?? chat) : writer.lid,
    ...(inGroup && !fromMe && { participant: writer.lid }),
  }
}

const knownOf = (world: World, id: string) => {
  const known = world.known.get(id)
  if (!known) throw new Error(`no message ${id} was ever seen here`)
  return known
}
