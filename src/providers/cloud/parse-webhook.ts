import { z } from 'zod'
import type { Malformed } from '../meta/receive-delivery.ts'
import type { DeliveryStatus, InboundItem, Pricing } from '../provider.ts'
import { verdictOf } from './error-codes.ts'
import { parseMessage } from './parse-message.ts'
import { callItem, systemItem, userIdItem } from './parse-person.ts'
import {
  webhookBody,
  webhookChange,
  webhookContact,
  webhookMessage,
  webhookStatus,
  type WebhookContact,
  type WebhookValue,
} from './webhook-schema.ts'

/** What one change of a delivery brought for one business number, in Meta's order. */
export type CloudChange = {
  /** Which number it is for: this routes it, never the URL. `null` where the change names none. */
  readonly phoneNumberId: string | null
  readonly items: readonly InboundItem[]
  readonly malformed: readonly Malformed[]
}

/**
 * Meta's webhook body in the engine's words. Never throws: what cannot be read is said as `malformed`.
 * `now` (milliseconds) lets messages be marked that waited at Meta.
 */
export const parseWebhook = (body: unknown, now?: number): CloudChange[] => {
  const outer = webhookBody.safeParse(body)
  if (!outer.success) return [broken(outer.error, body, body)]
  return outer.data.entry.flatMap(entry =>
    entry.changes.map(raw => {
      const change = webhookChange.safeParse(raw)
      return change.success
        ? parseChange(change.data.field, change.data.value, now)
        : broken(change.error, raw, deliveryOf(raw))
    }),
  )
}

const deliveryOf = (change: unknown): unknown => ({
  object: 'whatsapp_business_account',
  entry: [{ changes: [change] }],
})

const broken = (error: unknown, raw: unknown, delivery: unknown): CloudChange => ({
  phoneNumberId: null,
  items: [],
  malformed: [{ reason: reasonOf(error), raw, delivery }],
})

const reasonOf = (error: unknown): string =>
  error instanceof z.ZodError
    ? z.prettifyError(error)
    : error instanceof Error
      ? error.message
      : String(error)

/** Fields of which each entry means something to us; the others are counted. */
const CARRYING = ['messages', 'smb_message_echoes', 'user_id_update', 'calls'] as const
const LISTS = ['messages', 'message_echoes', 'statuses', 'errors', 'user_id_update', 'calls'] as const

/** The change with one entry of one list, and everything that is in no list. */
const only = (field: string, value: WebhookValue, name: (typeof LISTS)[number], raw: unknown): unknown => {
  const around = Object.fromEntries(
    Object.entries(value).filter(([key]) => !(LISTS as readonly string[]).includes(key)),
  )
  return { field, value: { ...around, [name]: [raw] } }
}

const parseChange = (field: string, value: WebhookValue, now: number | undefined): CloudChange => {
  const items: InboundItem[] = []
  const malformed: Malformed[] = []
  const each = (name: (typeof LISTS)[number], parse: (raw: unknown) => InboundItem) => {
    for (const raw of value[name] ?? []) {
      try {
        items.push(parse(raw))
      } catch (error) {
        malformed.push({ reason: reasonOf(error), raw, delivery: deliveryOf(only(field, value, name, raw)) })
      }
    }
  }
  const contacts = (value.contacts ?? []).flatMap((raw): WebhookContact[] => {
    const contact = webhookContact.safeParse(raw)
    return contact.success ? [contact.data] : []
  })
  const carries = (CARRYING as readonly string[]).includes(field)
  if (carries && !value.metadata) {
    const raw = { field, value }
    return broken(new Error('names no phone number id'), raw, deliveryOf(raw))
  }
  if (carries) {
    each('user_id_update', raw => userIdItem(raw, contacts))
    each('calls', raw => callItem(raw, contacts))
    each('messages', raw => messageItem(raw, { value, contacts, echo: false, now }))
    each('message_echoes', raw => messageItem(raw, { value, contacts, echo: true, now }))
    each('statuses', statusItem)
    each('errors', raw => ({
      item: 'ignored',
      kind: `error:${z.looseObject({ code: z.coerce.number() }).parse(raw).code}`,
    }))
  } else items.push({ item: 'ignored', kind: `field:${field}` })
  return { phoneNumberId: value.metadata?.phone_number_id ?? null, items, malformed }
}

type Around = {
  value: WebhookValue
  contacts: readonly WebhookContact[]
  echo: boolean
  now: number | undefined
}

const messageItem = (raw: unknown, { value, contacts, echo, now }: Around): InboundItem => {
  const message = webhookMessage.parse(raw)
  if (message.type === 'system') return systemItem(message)
  // Somebody opened the chat for the first time, and wrote nothing.
  if (message.type === 'request_welcome') return { item: 'ignored', kind: message.type }
  const waId = echo ? message.to : message.from
  const userId = echo ? message.to_user_id : message.from_user_id
  const contact =
    contacts.find(
      c => (waId !== undefined && c.wa_id === waId) || (userId !== undefined && c.user_id === userId),
    ) ?? (contacts.length === 1 && !echo ? contacts[0] : undefined)
  return { item: 'message', message: parseMessage(message, { value, contact, echo, now }) }
}

const STATUS_ACKS = ['sent', 'delivered', 'read', 'played', 'failed'] as const

const statusItem = (raw: unknown): InboundItem => {
  const said = webhookStatus.parse(raw)
  const ack = STATUS_ACKS.find(known => known === said.status)
  if (!ack) return { item: 'ignored', kind: `status:${said.status}` }
  const error = said.errors?.[0]
  const pricing = pricingOf(said)
  const status: DeliveryStatus = {
    providerMessageId: said.id,
    ack,
    at: new Date(said.timestamp * 1000).toISOString(),
    ...(said.biz_opaque_callback_data === undefined ? {} : { ref: said.biz_opaque_callback_data }),
    ...(error
      ? {
          error: {
            code: verdictOf(error.code).code ?? String(error.code),
            reason: error.error_data?.details ?? error.message ?? error.title ?? verdictOf(error.code).reason,
            retryable: verdictOf(error.code).retryable,
          },
        }
      : {}),
    ...(pricing ? { pricing } : {}),
  }
  return { item: 'status', status }
}

const pricingOf = ({ pricing, conversation }: z.output<typeof webhookStatus>): Pricing | null => {
  if (!pricing && !conversation) return null
  const { billable, pricing_model: model, type, category } = pricing ?? {}
  const until = conversation?.expiration_timestamp
  return {
    ...(billable === undefined ? {} : { billable }),
    ...(model === undefined ? {} : { model }),
    ...(type === undefined ? {} : { type }),
    ...(category === undefined ? {} : { category }),
    ...(conversation ? { conversationId: conversation.id } : {}),
    ...(until === undefined ? {} : { conversationUntil: new Date(until * 1000).toISOString() }),
  }
}
