import type { proto } from '@whiskeysockets/baileys'
import type { InboundKind } from '../provider.ts'
import { readVcard } from './vcard.ts'

/** Where a file lies with WhatsApp, and with what it is opened. */
export type SealedMedia = {
  readonly type: 'image' | 'video' | 'audio' | 'document' | 'sticker' | 'md-msg-hist'
  readonly mime: string
  readonly name?: string
  readonly size?: number
  /** Base64. */
  readonly key: string
  readonly sha256?: string
  readonly path?: string
  readonly url?: string
}

export type ParsedContent = {
  readonly kind: InboundKind
  readonly text: string
  readonly media?: SealedMedia
  readonly details?: unknown
  readonly quoted?: string
}

type File = {
  mimetype?: string | null
  mediaKey?: Uint8Array | null
  fileSha256?: Uint8Array | null
  /** A number, or the Long of protobuf. */
  fileLength?: number | { toString(): string } | null
  directPath?: string | null
  url?: string | null
  fileName?: string | null
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const sealed = (type: SealedMedia['type'], file: File): { media?: SealedMedia } => {
  if (!file.mediaKey?.length) return {}
  const size = Number(String(file.fileLength ?? ''))
  return {
    media: {
      type,
      mime: (file.mimetype ?? 'application/octet-stream').slice(0, 256),
      key: base64(file.mediaKey),
      ...(file.fileName ? { name: file.fileName.slice(0, 1024) } : {}),
      ...(Number.isSafeInteger(size) && size > 0 ? { size } : {}),
      ...(file.fileSha256?.length ? { sha256: Buffer.from(file.fileSha256).toString('hex') } : {}),
      ...(file.directPath ? { path: file.directPath } : {}),
      ...(file.url ? { url: file.url } : {}),
    },
  }
}

const mapLink = (latitude: number, longitude: number): string =>
  `https://maps.google.com/?q=${latitude},${longitude}`

const location = (part: proto.Message.ILocationMessage): ParsedContent => {
  const { degreesLatitude, degreesLongitude, name, address, url } = part
  const [latitude, longitude] = [degreesLatitude ?? 0, degreesLongitude ?? 0]
  const text = [name, address, mapLink(latitude, longitude)].filter(Boolean).join('\n')
  const named = { ...(name ? { name } : {}), ...(address ? { address } : {}), ...(url ? { url } : {}) }
  return { kind: 'location', text, details: { latitude, longitude, ...named } }
}

const contacts = (parts: readonly proto.Message.IContactMessage[]): ParsedContent => {
  const cards = parts.map(({ vcard, displayName }) => readVcard(vcard ?? '', displayName ?? ''))
  const text = cards.map(({ name, phones }) => [name, ...phones].filter(Boolean).join(' ')).join('\n')
  return { kind: 'contacts', text, details: cards }
}

const chosen = (
  type: string,
  id: string | null | undefined,
  title: string | null | undefined,
): ParsedContent => ({
  kind: 'interactive',
  text: title || id || '',
  details: { type, id: id ?? title ?? '', title: title ?? id ?? '' },
})

const files = (content: proto.IMessage): ParsedContent | null => {
  const { imageMessage: image, audioMessage: audio, documentMessage: document } = content
  const video = content.videoMessage ?? content.ptvMessage
  const sticker = content.stickerMessage ?? content.lottieStickerMessage?.message?.stickerMessage
  if (image) return { kind: 'image', text: image.caption ?? '', ...sealed('image', image) }
  if (video) return { kind: 'video', text: video.caption ?? '', ...sealed('video', video) }
  if (audio) return { kind: audio.ptt ? 'voice' : 'audio', text: '', ...sealed('audio', audio) }
  if (document) return { kind: 'document', text: document.caption ?? '', ...sealed('document', document) }
  if (sticker) return { kind: 'sticker', text: '', ...sealed('sticker', sticker) }
  return null
}

const choices = (content: proto.IMessage): ParsedContent | null => {
  const { buttonsResponseMessage: button, listResponseMessage: list } = content
  const { templateButtonReplyMessage: template, interactiveResponseMessage: interactive } = content
  if (button) return chosen('button_reply', button.selectedButtonId, button.selectedDisplayText)
  if (list) return chosen('list_reply', list.singleSelectReply?.selectedRowId, list.title)
  if (template) return chosen('button', template.selectedId, template.selectedDisplayText)
  if (interactive)
    return chosen('nfm_reply', interactive.nativeFlowResponseMessage?.name, interactive.body?.text)
  return null
}

/** What has no text of its own and yet a name by which people know it. */
const named = (content: proto.IMessage): ParsedContent | null => {
  const poll = content.pollCreationMessage ?? content.pollCreationMessageV2 ?? content.pollCreationMessageV3
  if (poll) return { kind: 'unsupported', text: `unsupported: poll: ${poll.name ?? ''}`.trim() }
  if (content.eventMessage)
    return { kind: 'unsupported', text: `unsupported: event: ${content.eventMessage.name ?? ''}`.trim() }
  if (content.orderMessage) return { kind: 'unsupported', text: 'unsupported: order' }
  if (content.productMessage)
    return {
      kind: 'unsupported',
      text: `unsupported: product: ${content.productMessage.product?.title ?? ''}`.trim(),
    }
  if (content.groupInviteMessage)
    return {
      kind: 'unsupported',
      text: `unsupported: group invitation: ${content.groupInviteMessage.groupName ?? ''}`.trim(),
    }
  return null
}

const quotedIn = (content: proto.IMessage): { quoted?: string } => {
  for (const part of Object.values(content) as unknown[]) {
    if (!part || typeof part !== 'object' || !('contextInfo' in part)) continue
    const context = part.contextInfo as proto.IContextInfo | null | undefined
    if (context?.stanzaId) return { quoted: context.stanzaId }
  }
  return {}
}

const plainContent = (content: proto.IMessage): ParsedContent => {
  const text = content.conversation ?? content.extendedTextMessage?.text
  if (text !== null && text !== undefined && text !== '') return { kind: 'text', text }
  const { locationMessage, liveLocationMessage, contactMessage, contactsArrayMessage } = content
  if (locationMessage) return location(locationMessage)
  if (liveLocationMessage)
    return location({ ...liveLocationMessage, name: liveLocationMessage.caption ?? null })
  if (contactMessage) return contacts([contactMessage])
  if (contactsArrayMessage) return contacts(contactsArrayMessage.contacts ?? [])
  const known = files(content) ?? choices(content) ?? named(content)
  if (known) return known
  const name = Object.keys(content).find(
    key => key !== 'messageContextInfo' && key !== 'senderKeyDistributionMessage',
  )
  return { kind: 'unsupported', text: `unsupported: ${(name ?? 'message').replace(/Message(V\d)?$/, '')}` }
}

/** What a message says, unwrapped already. A kind that we do not know is kept as `unsupported`, by its name. */
export const parseContent = (content: proto.IMessage): ParsedContent => ({
  ...plainContent(content),
  ...quotedIn(content),
})
