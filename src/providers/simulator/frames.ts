import { z } from 'zod'
import type { InboundItem, PeerPresence } from '../provider.ts'
import { simulatedOutbound } from './outbound-frame.ts'

/**
 * What travels between the simulated network and its two kinds of clients: a *link* (one per session, the engine's side)
 * and *phones* (the customers' side, by the API). JSON over WebSocket; every WebSocket message is an array of frames.
 */

/** Media bytes travel as base64 inside a frame, so a file is at most this big. */
export const SIMULATED_MEDIA_BYTES_MAX = 16 * 1024 * 1024
/** The biggest WebSocket message either side takes. */
export const WIRE_BYTES_MAX = 48 * 1024 * 1024

const address = z.object({
  kind: z.enum(['phone', 'lid', 'bsuid', 'username', 'psid', 'group']),
  value: z.string().min(1).max(256),
})

/** How a session's connection may be set from the phone side. */
export const CONNECTION_CHANGES = ['drop', 'logout', 'replace', 'restrict', 'restore'] as const
export type ConnectionChange = (typeof CONNECTION_CHANGES)[number]

export const simulatedInbound = z
  .object({
    /** A phone number, `bsuid:…` or `lid:…`. */
    from: z.string().min(1).max(256),
    name: z.string().max(200).optional(),
    text: z.string().max(65_536).optional(),
    media: z
      .object({ mime: z.string().max(200), name: z.string().max(255).optional(), base64: z.base64() })
      .optional(),
    /** The provider's id of the message; made up when absent. */
    id: z.string().min(1).max(200).optional(),
    group: z.object({ id: z.string().min(1).max(200), name: z.string().max(200).optional() }).optional(),
    quotedId: z.string().max(200).optional(),
    at: z.iso.datetime().optional(),
    kind: z
      .enum([
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
        'unsupported',
      ])
      .optional(),
    details: z.json().optional(),
    reaction: z.object({ target: z.string().min(1), emoji: z.string().max(32) }).optional(),
    edit: z.object({ target: z.string().min(1), text: z.string().max(65_536) }).optional(),
    revoke: z.object({ target: z.string().min(1) }).optional(),
    /** Written by the company itself on its own phone; `from` is then the chat. */
    fromMe: z.boolean().optional(),
  })
  .refine(
    i =>
      i.text !== undefined ||
      i.media ||
      i.reaction ||
      i.edit ||
      i.revoke ||
      i.details !== undefined ||
      i.kind === 'unsupported',
    'one of text, media, details, reaction, edit or revoke is needed',
  )
export type SimulatedInbound = z.input<typeof simulatedInbound>

/** Switches that make the network misbehave for one session, so that exactly-once and order are really tried. */
export const misbehaviour = z.object({
  /** Every item is delivered twice. */
  duplicate: z.boolean().optional(),
  /** Neighbours change places. */
  reorder: z.boolean().optional(),
  /** Each item waits this long before it is delivered. */
  delayMs: z.int().min(0).max(60_000).optional(),
  /** The first push of each delivery gets lost on the way; it comes again after `redeliverMs`, or on reconnect. */
  drop: z.boolean().optional(),
  redeliverMs: z.int().min(1).max(60_000).optional(),
  /** What the engine sends is accepted, and the answer never comes. */
  loseAnswer: z.boolean().optional(),
  /** Everything that the engine sends is refused like this. */
  refuse: z.object({ code: z.string(), reason: z.string(), retryable: z.boolean() }).nullable().optional(),
  /** Whether customers' phones are on and say *delivered* by themselves. On by default. */
  autoDeliver: z.boolean().optional(),
})
export type Misbehaviour = z.output<typeof misbehaviour>

export const SIMULATED_ACKS = ['sent', 'delivered', 'read', 'played', 'failed'] as const
export type SimulatedAck = (typeof SIMULATED_ACKS)[number]

/** What a customer may be seen doing. */
const DOINGS = ['typing', 'recording', 'nothing'] as const
export type Doing = (typeof DOINGS)[number]

const id = z.int().nonnegative()
const sessionId = z.string().min(1).max(64)

/** What a client says to the network. */
export const toNetwork = z.discriminatedUnion('t', [
  z.object({ t: z.literal('link'), sessionId }),
  z.object({ t: z.literal('phone') }),
  // a link's
  z.object({ t: z.literal('ack'), delivery: id }),
  z.object({ t: z.literal('nack'), delivery: id }),
  z.object({
    t: z.literal('send'),
    id,
    ref: z.string(),
    to: z.array(address).min(1),
    content: simulatedOutbound,
    quoted: z.string().optional(),
  }),
  /** A piece of a file that the next message carries. */
  z.object({ t: z.literal('part'), upload: id, base64: z.base64() }),
  z.object({ t: z.literal('typing'), to: z.array(address).min(1), on: z.boolean() }),
  z.object({ t: z.literal('read'), ids: z.array(z.string()) }),
  z.object({ t: z.literal('media'), id, mediaId: z.string() }),
  // a phone's
  z.object({ t: z.literal('inbound'), id, sessionId, waitMs: z.int().positive(), message: simulatedInbound }),
  z.object({
    t: z.literal('outbound'),
    id,
    sessionId,
    after: z.string().nullable(),
    limit: z.int().min(1).max(1000),
  }),
  z.object({ t: z.literal('status'), id, sessionId, messageId: z.string(), ack: z.enum(SIMULATED_ACKS) }),
  z.object({ t: z.literal('connection'), id, sessionId, change: z.enum(CONNECTION_CHANGES) }),
  z.object({ t: z.literal('misbehave'), id, sessionId, misbehaviour }),
  z.object({
    t: z.literal('presence'),
    id,
    sessionId,
    from: z.string().min(1).max(256),
    doing: z.enum(DOINGS),
  }),
  z.object({ t: z.literal('file'), id, sessionId, mediaId: z.string() }),
  z.object({ t: z.literal('look'), id, sessionId }),
])
export type ToNetwork = z.output<typeof toNetwork>
export type LinkFrame = Extract<
  ToNetwork,
  { t: 'ack' | 'nack' | 'send' | 'part' | 'typing' | 'read' | 'media' }
>
export type PhoneCall = Extract<
  ToNetwork,
  { t: 'inbound' | 'outbound' | 'status' | 'connection' | 'misbehave' | 'presence' | 'file' | 'look' }
>

const item = z.custom<InboundItem>(
  v =>
    typeof v === 'object' &&
    v !== null &&
    ['message', 'status', 'ignored', 'identity', 'call'].includes((v as { item?: string }).item ?? ''),
)

/** What the network says to a link. */
export const toLink = z.discriminatedUnion('t', [
  z.object({ t: z.literal('welcome'), account: z.string() }),
  z.object({
    t: z.literal('bye'),
    state: z.enum(['logged-out', 'replaced', 'restricted']),
    reason: z.string(),
    code: z.string(),
  }),
  z.object({ t: z.literal('deliver'), delivery: id, items: z.array(item) }),
  z.object({ t: z.literal('sent'), id, providerMessageId: z.string() }),
  z.object({ t: z.literal('refused'), id, reason: z.string(), code: z.string(), retryable: z.boolean() }),
  z.object({ t: z.literal('media'), id, mime: z.string(), base64: z.string() }),
  z.object({ t: z.literal('no-media'), id }),
  z.object({
    t: z.literal('presence'),
    presence: z.custom<PeerPresence>(v => typeof v === 'object' && v !== null && 'doing' in v),
  }),
])
export type ToLink = z.output<typeof toLink>

export const FAULTS = [
  'invalid',
  'queue-full',
  'session-offline',
  'not-acknowledged',
  'logged-out',
  'unknown-message',
  'network-unreachable',
] as const
export type Fault = (typeof FAULTS)[number]

/** What the network says to a phone. */
export const toPhone = z.discriminatedUnion('t', [
  z.object({ t: z.literal('result'), id, value: z.unknown() }),
  z.object({ t: z.literal('fault'), id, code: z.enum(FAULTS), reason: z.string() }),
])
export type ToPhone = z.output<typeof toPhone>
