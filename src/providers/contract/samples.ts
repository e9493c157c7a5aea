import { createHash } from 'node:crypto'
import type { InboundKind, MessageKey, OutboundContent, OutboundKind, OutboundMedia } from '../provider.ts'
import type { Seen, Written, WrittenKind } from './stage.ts'

/** One of each kind, as sent and as received. */
export const ALL_KINDS = [
  'text',
  'image',
  'video',
  'audio',
  'voice',
  'document',
  'sticker',
  'location',
  'contacts',
  'interactive',
  'template',
  'reaction',
  'edit',
  'revoke',
] as const satisfies readonly OutboundKind[]
export const MEDIA_KINDS = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export const MIME: Record<MediaKind, string> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/mpeg',
  voice: 'audio/ogg; codecs=opus',
  document: 'application/pdf',
  sticker: 'image/webp',
}
/** Bigger than one chunk of any socket, smaller than any channel's limit. */
const FILE_BYTES = 70_000

/** The same bytes for the same kind, with no pattern that a lost or doubled chunk would hide in. */
export const fileOf = (kind: MediaKind): Buffer => {
  const bytes = Buffer.alloc(FILE_BYTES)
  for (let at = 0; at < FILE_BYTES; at += 32)
    createHash('sha256').update(`${kind} ${at}`).digest().copy(bytes, at)
  return bytes
}

/** Handed out in pieces, as a store reads them. */
export const mediaOf = (kind: MediaKind, bytes = fileOf(kind), mime = MIME[kind]): OutboundMedia => ({
  mime,
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  ...(kind === 'document' ? { name: 'nota fiscal.pdf' } : {}),
  ...(kind === 'voice' ? { seconds: 3 } : {}),
  async open() {
    return pieces(bytes)
  },
})

async function* pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384)
}

const CARD = { name: 'Carla Lima', phones: ['+55 21 99876-5432'], emails: ['carla@example.com'] }
const PLACE = { latitude: -23.5503, longitude: -46.6339, name: 'Praça da Sé' }

/** Something to send, and what the customer has to see of it. `target`: a message to react to, edit or revoke. */
export const outboundOf = (
  kind: OutboundKind,
  target: MessageKey,
  mime?: string,
): { content: OutboundContent; seen: Partial<Seen> } => {
  switch (kind) {
    case 'text':
      return { content: { kind, body: 'olá ☀️' }, seen: { kind, body: 'olá ☀️' } }
    case 'location':
      return {
        content: { kind, ...PLACE, address: 'Centro, São Paulo' },
        seen: { kind, latitude: PLACE.latitude, longitude: PLACE.longitude },
      }
    case 'contacts':
      return { content: { kind, cards: [CARD] }, seen: { kind, cards: [CARD.name] } }
    case 'interactive':
      return {
        content: {
          kind,
          body: 'Resolvido?',
          choices: {
            type: 'buttons',
            buttons: [
              { id: 'yes', title: 'Sim' },
              { id: 'no', title: 'Não' },
            ],
          },
        },
        seen: { kind, choices: ['Sim', 'Não'] },
      }
    case 'template':
      return {
        content: {
          kind,
          name: 'order_ready',
          language: 'pt_BR',
          parameters: ['Ana', '4711'],
          body: 'Oi Ana, o pedido 4711 está pronto',
        },
        seen: { kind, template: ['order_ready', 'Ana', '4711'] },
      }
    case 'reaction':
      return {
        content: { kind, target, emoji: '👍' },
        seen: { kind, target: target.providerMessageId, emoji: '👍' },
      }
    case 'edit':
      return {
        content: { kind, target, body: 'olá de novo' },
        seen: { kind, target: target.providerMessageId, body: 'olá de novo' },
      }
    case 'revoke':
      return { content: { kind, target }, seen: { kind, target: target.providerMessageId } }
    case 'audio':
    case 'document':
    case 'image':
    case 'sticker':
    case 'video':
    case 'voice':
      return {
        content: { kind, media: mediaOf(kind, fileOf(kind), mime), body: '' },
        seen: { kind, file: fileOf(kind) },
      }
  }
}

/** Something that the customer does, and what has to come of it. */
export const writtenOf = (
  kind: WrittenKind,
  target: string,
): { written: Written; item: Record<string, unknown> } => {
  const message = (more: Record<string, unknown>) => ({ type: 'message', kind: kind as InboundKind, ...more })
  switch (kind) {
    case 'text':
      return { written: { kind, text: 'oi' }, item: message({ text: 'oi' }) }
    case 'location':
      return {
        written: { kind, ...PLACE },
        item: message({ details: { latitude: PLACE.latitude, longitude: PLACE.longitude } }),
      }
    case 'contacts':
      return { written: { kind, card: CARD }, item: message({}) }
    case 'interactive':
      return {
        written: { kind, id: 'no', title: 'Não' },
        item: message({ text: 'Não', details: { id: 'no' } }),
      }
    case 'unsupported':
      return { written: { kind }, item: message({}) }
    case 'reaction':
      return { written: { kind, target, emoji: '❤️' }, item: { type: kind, target, emoji: '❤️' } }
    case 'edit':
      return { written: { kind, target, text: 'corrigido' }, item: { type: kind, target, text: 'corrigido' } }
    case 'revoke':
      return { written: { kind, target }, item: { type: kind, target } }
    case 'audio':
    case 'document':
    case 'image':
    case 'sticker':
    case 'video':
    case 'voice':
      return { written: { kind, mime: MIME[kind], bytes: fileOf(kind) }, item: message({ text: '' }) }
  }
}
