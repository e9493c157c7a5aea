import { normalizeMessageContent, proto } from '@whiskeysockets/baileys'
import { unsealMedia, type MediaType } from './media-cipher.ts'
import type { MediaStore } from './media-store.ts'

export type ReceivedKind =
  | 'text'
  | 'image'
  | 'video'
  | 'audio'
  | 'voice'
  | 'document'
  | 'sticker'
  | 'location'
  | 'contacts'
  | 'reaction'
  | 'edit'
  | 'revoke'
  | 'poll'
  | 'other'

/** A message of a client as it stands on the phone that it was written to. */
export type Received = {
  readonly id: string
  /** The number of the account whose device wrote it. */
  readonly from: string
  /** The number, or the group, it was written to; on the owner's own phone that of the customer. */
  readonly chat: string
  /** The address that the client used. */
  readonly to: string
  readonly kind: ReceivedKind
  /** The text, the caption, the new text of an edit, the question of a poll. */
  readonly text: string | null
  readonly media: ReceivedMedia | null
  /** The id that is quoted. */
  readonly quoted: string | null
  /** The id that a reaction, an edit or a revocation is about. */
  readonly about: string | null
  readonly emoji: string | null
  readonly location: { latitude: number; longitude: number; name: string | null } | null
  readonly contacts: { name: string; vcard: string }[]
  /** More than one when the client sent it again. */
  arrivals: number
  readonly raw: { [name: string]: unknown }
}

export type ReceivedMedia = {
  readonly mime: string
  readonly bytes: Buffer
  readonly fileName: string | null
  readonly seconds: number | null
  /** Why the bytes are not there. */
  readonly broken: string | null
}

type Where = { id: string; from: string; chat: string; to: string }
type Described = Partial<Omit<Received, keyof Where | 'raw' | 'arrivals' | 'kind'>> & { kind: ReceivedKind }

export const readMessage = (where: Where, message: proto.IMessage, media: MediaStore): Received => {
  const content = normalizeMessageContent(message) ?? {}
  return {
    ...where,
    text: null,
    media: null,
    quoted: quotedIn(content),
    about: null,
    emoji: null,
    location: null,
    contacts: [],
    ...describe(content, media),
    arrivals: 1,
    raw: proto.Message.create(message).toJSON(),
  }
}

const describe = (content: proto.IMessage, store: MediaStore): Described => {
  const { protocolMessage: order, reactionMessage: reaction, locationMessage: place } = content
  const file = fileIn(content, store)
  if (file) return file
  if (content.conversation) return { kind: 'text', text: content.conversation }
  if (content.extendedTextMessage) return { kind: 'text', text: content.extendedTextMessage.text ?? '' }
  if (reaction) return { kind: 'reaction', about: reaction.key?.id ?? null, emoji: reaction.text ?? '' }
  if (place) {
    const { degreesLatitude: latitude, degreesLongitude: longitude, name } = place
    return {
      kind: 'location',
      location: { latitude: latitude ?? 0, longitude: longitude ?? 0, name: name ?? null },
    }
  }
  const cards =
    content.contactsArrayMessage?.contacts ?? (content.contactMessage ? [content.contactMessage] : [])
  if (cards.length > 0)
    return {
      kind: 'contacts',
      contacts: cards.map(card => ({ name: card.displayName ?? '', vcard: card.vcard ?? '' })),
    }
  if (order?.type === proto.Message.ProtocolMessage.Type.REVOKE)
    return { kind: 'revoke', about: order.key?.id ?? null }
  if (order?.type === proto.Message.ProtocolMessage.Type.MESSAGE_EDIT)
    return { kind: 'edit', about: order.key?.id ?? null, text: textOf(order.editedMessage) }
  const poll = content.pollCreationMessageV3 ?? content.pollCreationMessage
  if (poll) return { kind: 'poll', text: poll.name ?? '' }
  return { kind: 'other' }
}

const textOf = (message: proto.IMessage | null | undefined): string =>
  message?.conversation ??
  message?.extendedTextMessage?.text ??
  message?.imageMessage?.caption ??
  message?.videoMessage?.caption ??
  message?.documentMessage?.caption ??
  ''

const fileIn = (content: proto.IMessage, store: MediaStore): Described | null => {
  const { imageMessage: image, videoMessage: video, audioMessage: audio } = content
  const { documentMessage: document, stickerMessage: sticker } = content
  if (image) return { kind: 'image', text: image.caption || null, media: open(image, 'image', store) }
  if (video) return { kind: 'video', text: video.caption || null, media: open(video, 'video', store) }
  if (audio) return { kind: audio.ptt ? 'voice' : 'audio', media: open(audio, 'audio', store) }
  if (document)
    return { kind: 'document', text: document.caption || null, media: open(document, 'document', store) }
  if (sticker) return { kind: 'sticker', media: open(sticker, 'sticker', store) }
  return null
}

type Sealed = {
  mimetype?: string | null
  mediaKey?: Uint8Array | null
  fileSha256?: Uint8Array | null
  directPath?: string | null
  url?: string | null
  fileName?: string | null
  seconds?: number | null
}

const open = (sealed: Sealed, type: MediaType, store: MediaStore): ReceivedMedia => {
  const said = {
    mime: sealed.mimetype ?? '',
    fileName: sealed.fileName ?? null,
    seconds: sealed.seconds ?? null,
  }
  const blob = store.find(sealed)
  if (!blob || !sealed.mediaKey) return { ...said, bytes: Buffer.alloc(0), broken: 'nothing was uploaded' }
  try {
    return { ...said, bytes: unsealMedia(blob, sealed.mediaKey, type, sealed.fileSha256), broken: null }
  } catch (error) {
    return { ...said, bytes: Buffer.alloc(0), broken: String(error) }
  }
}

const quotedIn = (content: proto.IMessage): string | null => {
  for (const part of Object.values(content)) {
    const context: unknown =
      part && typeof part === 'object' && 'contextInfo' in part ? part.contextInfo : null
    if (
      context &&
      typeof context === 'object' &&
      'stanzaId' in context &&
      typeof context.stanzaId === 'string'
    )
      return context.stanzaId || null
  }
  return null
}
