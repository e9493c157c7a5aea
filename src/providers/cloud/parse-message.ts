import type { InboundMessage, Party } from '../provider.ts'
import { contentOf, type Content } from './parse-content.ts'
import { partyOf } from './parse-party.ts'
import { contents, type WebhookContact, type WebhookMessage, type WebhookValue } from './webhook-schema.ts'

/** Older than this when it reaches us: it waited at Meta because we did not answer. */
const LATE_AFTER_MS = 120_000

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
    ...withReferral(contentOf(message), message['referral']),
    ...(quoted === undefined ? {} : { quotedProviderMessageId: quoted }),
    raw: around.contact ? { message, contact: around.contact } : { message },
  }
}

/** The advertisement or post that the customer came from. */
const withReferral = (content: Content, referral: unknown): Content => {
  if (typeof referral !== 'object' || referral === null || Array.isArray(content.details)) return content
  const { details } = content
  return { ...content, details: { ...(typeof details === 'object' ? details : undefined), referral } }
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

const editedText = (message: { type?: string | undefined; [field: string]: unknown } | undefined): string => {
  const part = message?.[message.type ?? 'text']
  return contents.text.safeParse(part).data?.body ?? contents.media.safeParse(part).data?.caption ?? ''
}
