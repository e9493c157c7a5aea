import type { InboundKind, InboundMedia, InboundMessage, Party } from '../provider.ts'
import { partyOf } from './parse-party.ts'
import { contents, type WebhookContact, type WebhookMessage, type WebhookValue } from './webhook-schema.ts'

/** Older than this when it reaches us: it waited at Meta because we did not answer. */
const LATE_AFTER_MS = 120_000

type Content = { kind: InboundKind; text: string; media?: InboundMedia; details?: unknown }
type Surroundings = {
  value: WebhookValue
  contact: WebhookContact | undefined
  echo: boolean
  now: number | undefined
}

/**
 * One message of a delivery in the engine's words. A type that we do not know is kept as `unsupported` with all that
 * Meta sent. @throws Error (or ZodError) for a message that is not what Meta documents; only that one is malformed then.
 */
export const parseMessage = (message: WebhookMessage, around: Surroundings): InboundMessage => {
  const sentAt = message.timestamp * 1000
  const base = {
    providerMessageId: message.id,
    ...partiesOf(message, around),
    sentAt: new Date(sentAt).toISOString(),
    late: around.now !== undefined && around.now - sentAt > LATE_AFTER_MS,
    fromMe: around.echo,
  }
  if (message.type === 'reaction') {
    const { message_id: target, emoji = '' } = contents.reaction.parse(message['reaction'])
    return { type: 'reaction', ...base, target, emoji }
  }
  if (message.type === 'revoke') {
    return { type: 'revoke', ...base, target: contents.revoke.parse(message['revoke']).original_message_id }
  }
  if (message.type === 'edit') {
    const edit = contents.edit.parse(message['edit'])
    return { type: 'edit', ...base, target: edit.original_message_id, text: editedText(edit.message) }
  }
  const quoted = message.context?.id
  return {
    type: 'message',
    ...base,
    ...contentOf(message),
    ...(quoted === undefined ? {} : { quotedProviderMessageId: quoted }),
    raw: around.contact ? { message, contact: around.contact } : { message },
  }
}

const partiesOf = (message: WebhookMessage, { value, contact, echo }: Surroundings) => {
  const number = value.metadata?.display_phone_number?.replace(/\D/g, '')
  // An echo of the company's own phone: where the delivery hides the number, its id stands for it.
  const own: Party = partyOf({ waId: number }) ?? {
    addresses: [{ kind: 'username', value: value.metadata?.phone_number_id ?? 'own' }],
  }
  const other = echo
    ? partyOf({ waId: message.to, userId: message.to_user_id, contact })
    : partyOf({ waId: message.from, userId: message.from_user_id, contact })
  if (message.group_id !== undefined) {
    const chat = { addresses: [{ kind: 'group' as const, value: message.group_id }], group: true }
    return { chat, author: echo ? own : present(other) }
  }
  return { chat: { ...present(other), group: false }, author: echo ? own : present(other) }
}

const present = (party: Party | null): Party => {
  if (!party) throw new Error('names no sender: neither from nor from_user_id')
  return party
}

const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const

const contentOf = (message: WebhookMessage): Content => {
  const part = message[message.type]
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
    default:
      return {
        kind: 'unsupported',
        text: `unsupported: ${contents.unsupported.safeParse(part).data?.type ?? message.type}`,
      }
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

const editedText = (message: { type?: string | undefined; [field: string]: unknown } | undefined): string => {
  const part = message?.[message.type ?? 'text']
  return contents.text.safeParse(part).data?.body ?? contents.media.safeParse(part).data?.caption ?? ''
}
