import type { Capabilities } from '../provider.ts'
import { WHATSAPP_CHOICES } from '../choice-limits.ts'
import { PLAIN_CAPABILITIES } from '../plain-capabilities.ts'

/** What the Cloud API takes. Source: "Supported media types" and the message references of the WhatsApp Business Platform. */
const MIB = 1024 * 1024
const AUDIO = ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'] as const
const OFFICE = 'application/vnd.openxmlformats-officedocument'

export const CLOUD_CAPABILITIES: Capabilities = {
  ...PLAIN_CAPABILITIES,
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
  ],
  captions: ['image', 'video', 'document'],
  quotes: true,
  readReceipts: true,
  typing: true,
  groups: true,
  pairing: ['token'],
  textLengthMax: 4_096,
  mediaBytesMax: {
    image: 5 * MIB,
    video: 16 * MIB,
    audio: 16 * MIB,
    voice: 16 * MIB,
    document: 100 * MIB,
    // Of an animated one; a still one may have a fifth of that, and Meta says so when it has more.
    sticker: 500 * 1024,
  },
  mediaTypes: {
    image: ['image/jpeg', 'image/png'],
    video: ['video/mp4', 'video/3gpp', 'video/3gp'],
    audio: AUDIO,
    voice: ['audio/ogg'],
    document: [
      'application/pdf',
      'text/plain',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      `${OFFICE}.wordprocessingml.document`,
      `${OFFICE}.spreadsheetml.sheet`,
      `${OFFICE}.presentationml.presentation`,
      // What Meta takes as another kind, it takes as a document too.
      'image/jpeg',
      'image/png',
      'video/mp4',
      'video/3gpp',
      ...AUDIO,
    ],
    sticker: ['image/webp'],
  },
  choices: WHATSAPP_CHOICES,
  windowHours: 24,
}
