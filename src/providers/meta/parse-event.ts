import { createHash } from 'node:crypto'
import { partId } from '../../shared/message-parts.ts'
import type { Address, InboundItem, InboundMessage } from '../provider.ts'
import { contentsOf } from './message-contents.ts'
import { messagingEvent, parts, type MessagePart, type MessagingEvent } from './messaging-schema.ts'
import { refOf } from './metadata.ts'

/** Older than this when it reaches us: it waited at Meta because we did not answer. */
const LATE_AFTER_MS = 120_000

/** Known, and nothing that a person said: only counted. */
const IGNORED = [
  'optin',
  'referral',
  'account_linking',
  'policy_enforcement',
  'pass_thread_control',
  'take_thread_control',
  'request_thread_control',
  'app_roles',
  'game_play',
] as const

export type Surroundings = {
  /** The page or account that the entry is for. */
  readonly accountId: string
  /** The app by which we send, where it is known: what it sent comes back without being news. */
  readonly appId?: string | undefined
  readonly now?: number | undefined
}

/**
 * One event of Messenger or Instagram in the engine's words; several items where a message has several files.
 * @throws Error (or ZodError) for an event that is not what Meta documents; only that one is malformed then.
 */
export const parseEvent = (raw: unknown, around: Surroundings): readonly InboundItem[] => {
  const event = messagingEvent.parse(raw)
  const has = (name: string): boolean => event[name] !== undefined && event[name] !== null
  if (has('message')) return messageItems(event, parts.message.parse(event['message']), around, raw)
  if (has('message_edit')) return [said(editOf(event, around))]
  if (has('postback')) return [said(postbackOf(event, around, raw))]
  if (has('reaction')) return [said(reactionOf(event, around))]
  if (has('delivery')) return deliveredItems(event)
  if (has('read')) return readItems(event)
  const ignored = IGNORED.find(has)
  if (ignored) return [{ item: 'ignored', kind: ignored }]
  return [said(unknownOf(event, around, raw))]
}

const said = (message: InboundMessage): InboundItem => ({ item: 'message', message })
const person = (value: string): { readonly addresses: readonly Address[] } => ({
  addresses: [{ kind: 'psid', value }],
})
const iso = (at: number): string => new Date(at).toISOString()

const baseOf = (event: MessagingEvent, around: Surroundings, fromMe: boolean, providerMessageId: string) => {
  const { now } = around
  return {
    providerMessageId,
    chat: { ...person(fromMe ? event.recipient.id : event.sender.id), group: false },
    author: person(event.sender.id),
    sentAt: iso(event.timestamp),
    late: now !== undefined && now - event.timestamp > LATE_AFTER_MS,
    fromMe,
  }
}

const isOwn = (event: MessagingEvent, { accountId }: Surroundings): boolean => event.sender.id === accountId

const messageItems = (
  event: MessagingEvent,
  message: MessagePart,
  around: Surroundings,
  raw: unknown,
): readonly InboundItem[] => {
  const { mid } = message
  const fromMe = message.is_echo === true || isOwn(event, around)
  if (message.is_deleted === true) {
    const base = baseOf(event, around, fromMe, `revoke:${mid}`)
    return [said({ type: 'revoke', ...base, target: mid })]
  }
  const ref = fromMe ? refOf(message.metadata) : null
  if (fromMe && ref === null && around.appId !== undefined && message.app_id === around.appId)
    // Ours by its app, though the channel did not carry our reference: it says that it was sent, and is no news.
    return [{ item: 'status', status: { providerMessageId: mid, ack: 'sent', at: iso(event.timestamp) } }]
  const contents = contentsOf(message)
  const quoted = message.reply_to?.mid
  const heard = ref === null ? contents : contents.slice(0, 1)
  return heard.map((content, i) =>
    said({
      type: 'message',
      ...baseOf(event, around, fromMe, i === 0 ? mid : partId(mid, i)),
      ...content,
      ...(ref === null ? {} : { ref }),
      ...(quoted === undefined ? {} : { quotedProviderMessageId: quoted }),
      raw: i === 0 ? raw : { partOf: mid, index: i },
    }),
  )
}

const editOf = (event: MessagingEvent, around: Surroundings): InboundMessage => {
  const { mid, text, num_edit: nth } = parts.message_edit.parse(event['message_edit'])
  const base = baseOf(event, around, isOwn(event, around), `edit:${mid}:${nth ?? event.timestamp}`)
  return { type: 'edit', ...base, target: mid, text }
}

const postbackOf = (event: MessagingEvent, around: Surroundings, raw: unknown): InboundMessage => {
  const { mid, title, payload, referral } = parts.postback.parse(event['postback'])
  const text = title ?? payload ?? ''
  return {
    type: 'message',
    ...baseOf(event, around, false, mid ?? `postback:${event.timestamp}`),
    kind: 'interactive',
    text,
    details: { type: 'postback', id: payload ?? text, title: text, ...(referral ? { referral } : {}) },
    raw,
  }
}

/** What Meta calls reactions where it does not give the emoji itself. */
const EMOJIS: Readonly<Record<string, string>> = {
  smile: '😆',
  laugh: '😆',
  angry: '😠',
  sad: '😢',
  wow: '😮',
  love: '❤️',
  like: '👍',
  dislike: '👎',
}

const reactionOf = (event: MessagingEvent, around: Surroundings): InboundMessage => {
  const { mid, action, reaction, emoji } = parts.reaction.parse(event['reaction'])
  const base = baseOf(event, around, isOwn(event, around), `reaction:${mid}:${event.timestamp}:${action}`)
  const shown = action === 'unreact' ? '' : (emoji ?? EMOJIS[reaction ?? ''] ?? '👍')
  return { type: 'reaction', ...base, target: mid, emoji: shown }
}

const chatOf = (event: MessagingEvent) => ({ ...person(event.sender.id), group: false })

const deliveredItems = (event: MessagingEvent): readonly InboundItem[] => {
  const { mids = [], watermark } = parts.delivery.parse(event['delivery'])
  const at = iso(watermark)
  return [
    ...mids.map((mid): InboundItem => ({
      item: 'status',
      status: { providerMessageId: mid, ack: 'delivered', at },
    })),
    { item: 'watermark', watermark: { chat: chatOf(event), ack: 'delivered', at } },
  ]
}

const readItems = (event: MessagingEvent): readonly InboundItem[] => {
  const { watermark, mid } = parts.read.parse(event['read'])
  const at = iso(watermark ?? event.timestamp)
  if (mid === undefined) return [{ item: 'watermark', watermark: { chat: chatOf(event), ack: 'read', at } }]
  return [
    { item: 'status', status: { providerMessageId: mid, ack: 'read', at } },
    { item: 'watermark', watermark: { chat: chatOf(event), ack: 'read', at, providerMessageId: mid } },
  ]
}

/** Something that Meta sends of a person and that we cannot show yet: kept whole, never dropped. */
const unknownOf = (event: MessagingEvent, around: Surroundings, raw: unknown): InboundMessage => {
  const known = new Set(['sender', 'recipient', 'timestamp'])
  const what = Object.keys(event).find(name => !known.has(name)) ?? 'event'
  const id = createHash('sha256').update(JSON.stringify(raw)).digest('hex').slice(0, 32)
  return {
    type: 'message',
    ...baseOf(event, around, isOwn(event, around), `${what}:${id}`),
    kind: 'unsupported',
    text: `unsupported: ${what}`,
    raw,
  }
}
