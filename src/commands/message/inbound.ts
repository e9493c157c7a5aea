import { z } from 'zod'
import { channelAddress } from '../../events/conversation.ts'
import { inboundKind, pricingSchema } from '../../events/message.ts'

/** What a session hands in: the provider port's `InboundMessage` and `DeliveryStatus`, checked at the door. */
const party = z.object({
  addresses: z.array(channelAddress).min(1).max(8),
  name: z.string().max(512).optional(),
})

const base = {
  providerMessageId: z.string().min(1).max(512),
  chat: party.extend({ group: z.boolean() }),
  author: party,
  sentAt: z.iso.datetime(),
  late: z.boolean(),
  history: z.literal(true).optional(),
  fromMe: z.boolean(),
}

export const inboundMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    ...base,
    ref: z.string().optional(),
    kind: inboundKind,
    text: z.string(),
    media: z
      .object({
        mime: z.string().max(256),
        name: z.string().max(1024).optional(),
        size: z.int().nonnegative().optional(),
        sha256: z.string().max(128).optional(),
        /** Some channels name a file by its whole address. */
        providerMediaId: z.string().max(4096),
      })
      .optional(),
    details: z.json().optional(),
    quotedProviderMessageId: z.string().max(512).optional(),
    deciphered: z.literal(true).optional(),
    raw: z.json(),
  }),
  z.object({ type: z.literal('reaction'), ...base, target: z.string().max(512), emoji: z.string().max(64) }),
  z.object({ type: z.literal('edit'), ...base, target: z.string().max(512), text: z.string() }),
  z.object({ type: z.literal('revoke'), ...base, target: z.string().max(512) }),
])
export type Inbound = z.output<typeof inboundMessage>
export type InboundContent = Extract<Inbound, { type: 'message' }>

export const receiveInput = z.object({ sessionId: z.uuid(), message: inboundMessage })

export const watermarkInput = z.object({
  sessionId: z.uuid(),
  watermark: z.object({
    chat: party.extend({ group: z.boolean() }),
    ack: z.enum(['delivered', 'read']),
    at: z.iso.datetime(),
    providerMessageId: z.string().min(1).max(512).optional(),
  }),
})

export const statusInput = z.object({
  sessionId: z.uuid(),
  status: z.object({
    providerMessageId: z.string().min(1).max(512),
    ref: z.string().max(512).optional(),
    ack: z.enum(['sent', 'delivered', 'read', 'played', 'failed']),
    at: z.iso.datetime(),
    error: z.object({ code: z.string(), reason: z.string(), retryable: z.boolean() }).optional(),
    pricing: pricingSchema.exactOptional(),
  }),
})
