import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { AnyMessageContent, proto, WAMessageKey } from '@whiskeysockets/baileys'
import type { MessageKey, OutboundContent, OutboundMedia } from '../provider.ts'
import { jidOf } from './jids.ts'
import { writeVcard } from './vcard.ts'

/**
 * The id under which WhatsApp knows a message of ours: fixed before it is sent, so that a receipt or an echo finds it whatever
 * became of the answer. It looks like those of WhatsApp Web.
 */
export const providerIdOf = (messageId: string): string =>
  `3EB0${createHash('sha256').update(messageId).digest('hex').slice(0, 18).toUpperCase()}`

export const keyOf = (jid: string, { providerMessageId, fromMe, author }: MessageKey): WAMessageKey => {
  const participant = author && jid.endsWith('@g.us') ? jidOf(author) : null
  return { remoteJid: jid, id: providerMessageId, fromMe, ...(participant ? { participant } : {}) }
}

const streamOf = async (media: OutboundMedia) => ({ stream: Readable.from(await media.open()) })

/** A line of so many bars is drawn for a voice note; without one phones show none. */
const WAVEFORM_BARS = 64

const captioned = (body: string) => (body ? { caption: body } : {})

type MediaContent = Extract<OutboundContent, { media: OutboundMedia }>

const mediaContent = async ({ kind, media, body }: MediaContent): Promise<AnyMessageContent> => {
  const file = await streamOf(media)
  const { mime: mimetype, seconds = 0 } = media
  switch (kind) {
    case 'image':
      return { image: file, mimetype, ...captioned(body) }
    case 'video':
      // An empty picture: making one would take a program that may not be there.
      return { video: file, mimetype, seconds, jpegThumbnail: '', ...captioned(body) }
    case 'audio':
      return { audio: file, mimetype, seconds, ptt: false }
    case 'voice': {
      // Baileys knows the waveform only under another name of the type; it is passed on as it is.
      const voice = {
        audio: file,
        mimetype,
        seconds,
        ptt: true,
        waveform: new Uint8Array(WAVEFORM_BARS).fill(30),
      }
      return voice
    }
    case 'document':
      return { document: file, mimetype, fileName: media.name ?? 'file', ...captioned(body) }
    case 'sticker':
      return { sticker: file, mimetype }
  }
}

/** What is said in Baileys' words; `null` for what this channel has no word for. */
export const contentFor = async (
  jid: string,
  content: OutboundContent,
): Promise<AnyMessageContent | null> => {
  switch (content.kind) {
    case 'text':
      return { text: content.body, linkPreview: null }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
    case 'sticker':
      return mediaContent(content)
    case 'location': {
      const { latitude: degreesLatitude, longitude: degreesLongitude, name, address } = content
      return {
        location: {
          degreesLatitude,
          degreesLongitude,
          ...(name ? { name } : {}),
          ...(address ? { address } : {}),
        },
      }
    }
    case 'contacts': {
      const contacts = content.cards.map(card => ({ displayName: card.name, vcard: writeVcard(card) }))
      return { contacts: { displayName: contacts[0]?.displayName ?? '', contacts } }
    }
    case 'reaction':
      return { react: { text: content.emoji, key: keyOf(jid, content.target) } }
    case 'edit':
      return { text: content.body, linkPreview: null, edit: keyOf(jid, content.target) }
    case 'revoke':
      return { delete: keyOf(jid, content.target) }
    case 'interactive':
    case 'template':
      return null
  }
}

/** What a quote shows of the quoted message, where its words are known. */
export const quotedContent = (content: OutboundContent | null): proto.IMessage => ({
  conversation: content && 'body' in content ? content.body : '',
})
