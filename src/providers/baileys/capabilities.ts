import type { Capabilities } from '../provider.ts'

const MIB = 1024 * 1024

/** What a linked device of WhatsApp can. Buttons and lists are taken from official accounts only: others' are not shown. */
export const BAILEYS_CAPABILITIES: Capabilities = {
  kinds: [
    'text',
    'image',
    'video',
    'audio',
    'voice',
    'document',
    'sticker',
    'location',
    'contacts',
    'reaction',
    'edit',
    'revoke',
  ],
  captions: ['image', 'video', 'document'],
  quotes: true,
  readReceipts: true,
  typing: true,
  groups: true,
  pairing: ['qr', 'code'],
  keepsKeys: true,
  deduplicatesSends: false,
  textLengthMax: 65_536,
  mediaBytesMax: {
    image: 16 * MIB,
    video: 100 * MIB,
    audio: 16 * MIB,
    voice: 16 * MIB,
    document: 2_000 * MIB,
    sticker: MIB,
  },
  mediaTypes: {
    image: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
    video: ['video/mp4', 'video/3gpp', 'video/quicktime'],
    audio: ['audio/*'],
    voice: ['audio/ogg', 'audio/opus'],
    sticker: ['image/webp'],
  },
  windowHours: null,
}
