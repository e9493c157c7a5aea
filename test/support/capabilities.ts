import { WHATSAPP_CHOICES } from '../../src/providers/choice-limits.ts'
import type { Capabilities } from '../../src/providers/provider.ts'

/** A channel that carries everything that there is. */
export const EVERYTHING: Capabilities = {
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
    'interactive',
    'template',
    'reaction',
    'edit',
    'revoke',
  ],
  captions: ['image', 'video', 'document'],
  quotes: true,
  readReceipts: true,
  typing: true,
  groups: true,
  pairing: ['qr'],
  keepsKeys: false,
  deduplicatesSends: false,
  textLengthMax: 65_536,
  mediaBytesMax: {},
  mediaTypes: {},
  choices: WHATSAPP_CHOICES,
  windowHours: null,
}
