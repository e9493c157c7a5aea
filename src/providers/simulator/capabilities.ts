import type { Capabilities, ChannelHealth, ChannelTemplate } from '../provider.ts'
import { WHATSAPP_CHOICES } from '../choice-limits.ts'
import { SIMULATED_MEDIA_BYTES_MAX } from './frames.ts'

const MEDIA = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const

/** Everything that any channel can, so that all of it can be tried and trained without one. */
export const SIMULATOR_CAPABILITIES: Capabilities = {
  kinds: ['text', ...MEDIA, 'location', 'contacts', 'interactive', 'template', 'reaction', 'edit', 'revoke'],
  captions: ['image', 'video', 'document'],
  quotes: true,
  readReceipts: true,
  typing: true,
  groups: true,
  pairing: [],
  keepsKeys: false,
  deduplicatesSends: false,
  textLengthMax: 65_536,
  mediaBytesMax: Object.fromEntries(MEDIA.map(kind => [kind, SIMULATED_MEDIA_BYTES_MAX])),
  mediaTypes: {},
  choices: WHATSAPP_CHOICES,
  windowHours: null,
}

export const SIMULATED_HEALTH: ChannelHealth = {
  displayName: 'Simulator',
  quality: 'green',
  dailyLimit: null,
}

export const SIMULATED_TEMPLATES: readonly ChannelTemplate[] = [
  {
    name: 'order_ready',
    language: 'pt_BR',
    category: 'utility',
    status: 'approved',
    body: 'Oi {{1}}, o pedido {{2}} está pronto',
    places: 2,
  },
  {
    name: 'order_ready',
    language: 'en',
    category: 'utility',
    status: 'approved',
    body: 'Hi {{1}}, your order {{2}} is ready',
    places: 2,
  },
  {
    name: 'order_shipped',
    language: 'pt_BR',
    category: 'utility',
    status: 'approved',
    header: { type: 'image' },
    body: 'Oi {{1}}, seu pedido saiu para entrega.',
    places: 1,
    footer: 'Equipe Fio',
    buttons: [
      { type: 'url', text: 'Acompanhar', value: 'https://example.com/pedidos/{{1}}' },
      { type: 'quick-reply', text: 'Obrigado' },
    ],
  },
  {
    name: 'winter_sale',
    language: 'en',
    category: 'marketing',
    status: 'approved',
    header: { type: 'text', text: 'Only for you, {{1}}' },
    body: 'Take {{1}} off everything until {{2}}.',
    places: 2,
    buttons: [{ type: 'copy-code', text: 'Copy offer code' }],
  },
  {
    name: 'pickup_point',
    language: 'es',
    category: 'utility',
    status: 'approved',
    header: { type: 'location' },
    body: 'Hola {{1}}, retira tu pedido aquí.',
    places: 1,
    buttons: [{ type: 'phone', text: 'Llamar', value: '+5491155550100' }],
  },
]
