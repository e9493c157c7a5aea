import type { InboundKind, InboundMedia } from '../provider.ts'
import { contents, type WebhookMessage } from './webhook-schema.ts'

export type Content = { kind: InboundKind; text: string; media?: InboundMedia; details?: unknown }

const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const

const label = (type: string): Content => ({ kind: 'unsupported', text: `unsupported: ${type}` })

/**
 * What one message says. A type that we do not know, or a part that Meta itself could not get, is kept as `unsupported`.
 * @throws ZodError for a part that is not what Meta documents.
 */
export const contentOf = (message: WebhookMessage): Content => {
  const part = message[message.type]
  if (part === undefined && (message.errors ?? []).length > 0) return label(message.type)
  const mediaKind = MEDIA_KINDS.find(kind => kind === message.type)
  if (mediaKind) return mediaContent(mediaKind, part)
  switch (message.type) {
    case 'text':
      return { kind: 'text', text: contents.text.parse(part).body }
    case 'location':
      return locationContent(part)
    case 'contacts':
      return contactsContent(part)
    case 'interactive':
      return interactiveContent(part)
    case 'button': {
      const { text, payload } = contents.button.parse(part)
      return { kind: 'interactive', text, details: { type: 'button', id: payload ?? text, title: text } }
    }
    case 'order':
      return orderContent(part)
    default:
      return label(contents.unsupported.safeParse(part).data?.type ?? message.type)
  }
}

const mediaContent = (kind: (typeof MEDIA_KINDS)[number], part: unknown): Content => {
  const file = contents.media.parse(part)
  return {
    kind: kind === 'audio' && file.voice ? 'voice' : kind,
    text: file.caption ?? '',
    media: {
      mime: file.mime_type,
      providerMediaId: file.id,
      ...(file.filename === undefined ? {} : { name: file.filename }),
      ...(file.file_size === undefined ? {} : { size: file.file_size }),
      ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
    },
  }
}

const locationContent = (part: unknown): Content => {
  const { latitude, longitude, name, address, url } = contents.location.parse(part)
  const map = `https://maps.google.com/?q=${latitude},${longitude}`
  const text = [name, address, map].filter(Boolean).join('\n')
  return {
    kind: 'location',
    text,
    details: {
      latitude,
      longitude,
      ...(name ? { name } : {}),
      ...(address ? { address } : {}),
      ...(url ? { url } : {}),
    },
  }
}

const contactsContent = (part: unknown): Content => {
  const cards = contents.contacts.parse(part)
  const line = (card: (typeof cards)[number]) =>
    [card.name?.formatted_name ?? card.name?.first_name, ...(card.phones ?? []).map(p => p.phone ?? p.wa_id)]
      .filter(Boolean)
      .join(' ')
  return { kind: 'contacts', text: cards.map(line).join('\n'), details: cards }
}

/** What somebody put into the cart, a line each; the prices are in the catalog's currency. */
const orderContent = (part: unknown): Content => {
  const { text, catalog_id, product_items } = contents.order.parse(part)
  const line = ({ product_retailer_id, quantity, item_price, currency }: (typeof product_items)[number]) =>
    `${quantity} × ${product_retailer_id}${item_price === undefined ? '' : ` — ${item_price} ${currency ?? ''}`.trimEnd()}`
  return {
    kind: 'interactive',
    text: [text, ...product_items.map(line)].filter(Boolean).join('\n'),
    details: { type: 'order', catalogId: catalog_id, items: product_items },
  }
}

const interactiveContent = (part: unknown): Content => {
  const { type, button_reply, list_reply, nfm_reply } = contents.interactive.parse(part)
  const chosen = button_reply ?? list_reply
  if (chosen) return { kind: 'interactive', text: chosen.title, details: { type, ...chosen } }
  return {
    kind: 'interactive',
    text: nfm_reply?.body ?? nfm_reply?.name ?? `unsupported: ${type}`,
    details: nfm_reply ? { type, ...nfm_reply } : { type },
  }
}
