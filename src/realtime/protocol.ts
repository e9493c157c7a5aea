import { z } from 'zod'
import { ackSchema, HELD_BY, messageAction, messageKind, pricingSchema } from '../events/message.ts'
import { roleSchema } from '../events/company.ts'
import { PACING, providerKind, sessionSettings, sessionStatus } from '../events/session.ts'
import { ticketStatus } from '../events/ticket.ts'

/**
 * What goes over the wire to the UI: the rows that the API answers with and the events that the socket pushes. One
 * union, versioned. Everything is plain JSON; times are ISO 8601 UTC; ids are UUIDs.
 */
export const PROTOCOL_VERSION = 1

const id = z.uuid()
const time = z.iso.datetime()

export const contactRefSchema = z.object({
  id,
  name: z.string().nullable(),
  /** E.164 without plus, as looked up (Brazil with the ninth digit); null for people without one. */
  phone: z.string().nullable(),
  isGroup: z.boolean(),
  /** There, and true, once the person was erased. */
  erased: z.literal(true).optional(),
})

export const ticketSchema = z.object({
  id,
  number: z.int(),
  status: ticketStatus,
  /** Of the ticket's stream; goes into `If-Match`. */
  revision: z.int(),
  contact: contactRefSchema,
  session: z.object({ id, name: z.string(), provider: providerKind }),
  queue: z.object({ id, name: z.string(), color: z.string() }).nullable(),
  user: z.object({ id, name: z.string() }).nullable(),
  tags: z.array(z.object({ id, name: z.string(), color: z.string() })),
  priority: z.int(),
  subject: z.string().optional(),
  lastMessage: z
    .object({ preview: z.string(), at: time, fromMe: z.boolean(), kind: messageKind, ack: ackSchema })
    .nullable(),
  unreadCount: z.int(),
  isGroup: z.boolean(),
  openedAt: time,
  acceptedAt: time.nullable(),
  /** Since when it waits for a person; null while nobody has to come. `sort=oldest` goes by it. */
  waitingSince: time.nullable().optional(),
  closedAt: time.nullable(),
  /** While `snoozed`: when it comes back by itself; null: when the customer writes. */
  snoozedUntil: time.nullable().optional(),
  /**
   * On channels that take free words only for some hours after the customer wrote: until when (null: never wrote). A
   * ticket read by itself has it on every such channel; in lists and pushes it is absent where the ticket's row does not
   * know it, and then what was known before goes on.
   */
  window: z.object({ closesAt: time.nullable() }).optional(),
  updatedAt: time,
})
export type Ticket = z.output<typeof ticketSchema>

export const messageSchema = z.object({
  id,
  ticketId: id.nullable(),
  fromMe: z.boolean(),
  kind: messageKind,
  body: z.string(),
  media: z
    .object({
      /** Null until the bytes were fetched from the channel. */
      url: z.string().nullable(),
      mime: z.string(),
      size: z.int().nullable(),
      name: z.string().nullable(),
      thumbnailUrl: z.string().nullable(),
      tooLarge: z.boolean(),
      error: z.string().nullable(),
      /** Of pictures, in pixels, as they are seen: room is made before the bytes are there. */
      width: z.int().optional(),
      height: z.int().optional(),
      /** Of what plays. */
      seconds: z.number().optional(),
      /** The channel could not carry it: the customer got a link instead, which ends then. */
      linkUntil: z.iso.datetime().optional(),
    })
    .optional(),
  /** Structured part: location, contact cards, chosen button. */
  details: z.json().optional(),
  ack: ackSchema,
  sentBy: z
    .object({
      kind: z.enum(['user', 'contact', 'bot', 'system', 'device']),
      id: z.string().nullable(),
      name: z.string().nullable(),
    })
    .optional(),
  quoted: z.object({ id, body: z.string(), kind: messageKind, fromMe: z.boolean() }).optional(),
  reactions: z.array(z.object({ emoji: z.string(), fromMe: z.boolean(), authorId: z.string().nullable() })),
  /** What we did to it that is not done yet (`pending`), or was not done (`failed`). What was done is in the fields above and below. */
  actions: z
    .array(
      z.object({
        id,
        action: messageAction,
        state: z.enum(['pending', 'failed']),
        emoji: z.string().optional(),
        body: z.string().optional(),
        error: z.object({ code: z.string(), reason: z.string() }).optional(),
      }),
    )
    .optional(),
  /** Place in the ticket, or without one in its conversation: the revision of the fact that made it. */
  revision: z.int(),
  late: z.boolean(),
  /** Said before the number was linked, and taken over to be read; `timestamp` is when it was said. */
  history: z.literal(true).optional(),
  editedAt: time.optional(),
  /** What it said before each edit, oldest first; for those who may read what was deleted. */
  edits: z.array(z.object({ body: z.string(), at: time })).optional(),
  deletedAt: time.optional(),
  /** When it was received here, or written here. */
  timestamp: time,
  /** The sender's time, where it differs from ours. */
  sentAt: time,
  error: z.object({ code: z.string(), reason: z.string(), retryable: z.boolean() }).optional(),
  /**
   * Why a `queued` message of ours has not left, and when it is tried. `pace`, `new-chats`: held back by the session's
   * pacing; `retry`: the channel refused it for now, or was not there.
   */
  waiting: z.object({ by: z.enum([...HELD_BY, 'retry']), until: time }).optional(),
  /** What the channel counts it as (WhatsApp's `pricing`); for admins, auditors and analysts, and never pushed. */
  pricing: pricingSchema.optional(),
})
export type Message = z.output<typeof messageSchema>

export const contactSchema = z.object({
  id,
  name: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  isGroup: z.boolean(),
  blocked: z.boolean(),
  /** There, and true, once the person was erased: everything else about them is empty. */
  erased: z.literal(true).optional(),
  addresses: z.array(z.object({ kind: z.string(), value: z.string() })),
  /** There while it is the same person as that contact, which stands for both. */
  mergedInto: id.optional(),
  /** Contacts for whom it stands, as they were called; there if there are any. */
  merged: z.array(z.object({ id, name: z.string().nullable(), phone: z.string().nullable() })).optional(),
  revision: z.int(),
  createdAt: time,
  updatedAt: time,
})
export type Contact = z.output<typeof contactSchema>

export const sessionSchema = z.object({
  id,
  name: z.string(),
  provider: providerKind,
  status: sessionStatus,
  isDefault: z.boolean(),
  queueIds: z.array(id),
  settings: sessionSettings,
  account: z.string().nullable(),
  /** Why it is in this state, and since when. */
  reason: z.string().nullable(),
  since: time,
  /** When and why it was last lost, whatever came after. */
  lastLoss: z.object({ at: time, reason: z.string() }).nullable().optional(),
  revision: z.int(),
  createdAt: time,
})
export type Session = z.output<typeof sessionSchema>

const traffic = z.object({ in: z.int(), out: z.int() })

/** How busy a session is, how much of what it may send is used, and how often it was away. */
export const sessionActivitySchema = z.object({
  pacing: z.object({
    /** The pacing in force: the setting, or the channel's default. */
    mode: z.enum(PACING),
    /** Since when it is linked to its account: the budget of new chats grows from there. */
    linkedAt: time.nullable(),
    /** Messages that it hands over in any minute at most; null: not paced. */
    perMinute: z.int().nullable(),
    /** Chats that it began with strangers in the last 24 hours. `nextAt`: when the next may be begun; null: now. */
    newChats: z.object({ used: z.int(), limit: z.int(), nextAt: time.nullable() }).nullable(),
    /** Messages that are held back by the pacing, and when the first of them goes. */
    held: z.object({ count: z.int(), nextAt: time.nullable() }),
  }),
  /** Messages in the last hour and in the last 24, both ways. */
  messages: z.object({ hour: traffic, day: traffic }),
  /** Times in which nothing came in although it should have, in the last `days` days. `since`: it is away now. */
  gaps: z.object({ days: z.int(), count: z.int(), seconds: z.int(), since: time.nullable() }),
})
export type SessionActivity = z.output<typeof sessionActivitySchema>

export const userSchema = z.object({
  id,
  companyId: id,
  name: z.string(),
  email: z.string(),
  role: roleSchema,
  queueIds: z.array(id),
  active: z.boolean(),
  locale: z.string(),
  revision: z.int(),
})
export type User = z.output<typeof userSchema>

export const queueSchema = z.object({ id, name: z.string(), color: z.string(), revision: z.int() })
export type Queue = z.output<typeof queueSchema>

/** One line of a ticket's history: what happened, by whom, when and why. */
export const historyEntrySchema = z.object({
  revision: z.int(),
  id,
  type: z.string(),
  at: time,
  actor: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }),
  commandId: z.string(),
  causationId: z.string().nullable(),
  correlationId: z.string(),
  rule: z.string().nullable(),
  /** The fact's open part, and its personal part as far as the reader may see it and the person was not erased. */
  data: z.record(z.string(), z.json()),
})
export type HistoryEntry = z.output<typeof historyEntrySchema>

/** Of the log: opaque, ordered as text within one epoch. */
type At = { position: string }

/**
 * Server → client. Events that come from a fact carry the position of that fact; a client remembers the last one and
 * gives it when it comes back. `ticket` with `drop`: it left what this user may see; `takenBy` names who has it now.
 */
export type ServerEvents = {
  ticket: (
    push: At &
      ({ action: 'create' | 'update'; ticket: Ticket } | { action: 'drop'; id: string; takenBy?: string }),
  ) => void
  'ticket:update': (push: At & { action: 'update'; ticket: Ticket }) => void
  appMessage: (
    push: At & { action: 'create' | 'update' | 'delete'; message: Message; ticket: Ticket | null },
  ) => void
  'message:ack': (
    push: At & { messageId: string; ticketId: string | null; ack: Message['ack']; error?: Message['error'] },
  ) => void
  contact: (push: At & { action: 'create'; contact: Contact }) => void
  'contact:update': (push: At & { action: 'update'; contact: Contact }) => void
  /** `qr`, `pairingCode` and `retry` are ephemeral: they carry no position and are replaced by the next. `update` carries a position. */
  whatsappSession: (
    push:
      | (At & { action: 'update'; session: Session })
      | (At & { action: 'remove'; id: string })
      | { action: 'qr'; sessionId: string; qr: string; expiresAt: string }
      /** Asked for by an admin, to be typed into the phone. */
      | { action: 'pairingCode'; sessionId: string; pairingCode: string; expiresAt: string }
      /** While `reconnecting`, for admins: the next attempt comes at `expiresAt`. Ephemeral like the codes. */
      | { action: 'retry'; sessionId: string; attempt: number; attemptsMax: number; expiresAt: string },
  ) => void
  /** What stands beside the ticket in its conversation is more, or other: told to those who have the ticket open, who read it again. */
  beside: (push: At & { ticketId: string }) => void
  presence: (push: { userId: string; online: boolean }) => void
  /** `userId` null: the customer, told to whoever may see the ticket; a colleague's only to those who have it open. */
  typing: (push: {
    ticketId: string
    userId: string | null
    name: string
    typing: boolean
    /** Of a customer: not writing but speaking. */
    recording?: boolean
  }) => void
  notification: (push: { kind: string; ticketId?: string; text: string }) => void
  /** The client is up to date with everything up to this position; sent after connecting and after a resume. */
  ready: (push: At & { resumed: boolean; protocol: number }) => void
  /** What was missed cannot be given (too old, another epoch, or permissions changed): load everything again. */
  resync: (push: At & { reason: 'too-old' | 'epoch' | 'permissions' }) => void
}

/** Client → server. `auth` of the handshake: `{token, position?}`. */
export type ClientEvents = {
  /** Enter the room of one ticket that the user may see (typing, viewers). Answers whether it worked. */
  join: (ticketId: string, answer: (ok: boolean) => void) => void
  leave: (ticketId: string) => void
  typing: (ticketId: string, typing: boolean) => void
}
