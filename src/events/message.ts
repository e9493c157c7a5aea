import { z } from 'zod'
import { fact, personalFact, revised } from './define.ts'
import { messageDetails } from './message-details.ts'

/** What a channel may hand in. */
export const INBOUND_KINDS = [
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
  'undecryptable',
] as const
export const inboundKind = z.enum(INBOUND_KINDS)

/** A template is written by the company only. */
export const MESSAGE_KINDS = [...INBOUND_KINDS, 'template'] as const
export const messageKind = z.enum(MESSAGE_KINDS)
export type MessageKind = z.output<typeof messageKind>

/** Our own names for how far a message got; providers' numbers are mapped to them at the door. */
export const ACKS = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'unknown',
  'received',
] as const
export const ackSchema = z.enum(ACKS)
export type Ack = z.output<typeof ackSchema>

export const mediaFactSchema = z.object({
  /** Where our media store keeps it; absent until it has been fetched. */
  key: z.string().optional(),
  mime: z.string(),
  size: z.int().nonnegative().optional(),
  sha256: z.string().optional(),
  /** Of facts from before it was sealed: the channel's id for it, by which it is fetched. */
  providerMediaId: z.string().optional(),
  tooLarge: z.boolean().optional(),
})

/** A file as a channel tells of it. `atChannel`: it can be fetched there, by the sealed `mediaAddress`. */
const channelMediaSchema = mediaFactSchema.extend({ atChannel: z.boolean().optional() })

/** A file that lies in our store, and what a screen makes room for before its bytes are there. */
const storedMediaSchema = mediaFactSchema.extend({
  /** Of what plays, in seconds. */
  seconds: z.number().nonnegative().optional(),
  /** Of pictures, in pixels, as they are seen. */
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  /** A small picture of it lies beside it in the media store. */
  thumbnail: z.boolean().optional(),
})

/** What an agent does to a message that exists: each is sent like a message, and has an id of its own. */
export const MESSAGE_ACTIONS = ['reaction', 'edit', 'revoke'] as const
export const messageAction = z.enum(MESSAGE_ACTIONS)
export type MessageAction = z.output<typeof messageAction>

/** Why we hold a message back: the pace of the session, or its budget of chats that it begins in a day. */
export const HELD_BY = ['pace', 'new-chats'] as const
export type HeldBy = (typeof HELD_BY)[number]

/** What the channel says of a message's cost (`Pricing` of the provider port). */
export const pricingSchema = z.object({
  billable: z.boolean().optional(),
  model: z.string().optional(),
  type: z.string().optional(),
  category: z.string().optional(),
  conversationId: z.string().optional(),
  conversationUntil: z.iso.datetime().optional(),
})
const pricing = pricingSchema.optional()

const messageId = z.uuid()
/** The channel's id or address of a file, by which it is fetched. */
const mediaAddress = z.string().optional()
const actionId = z.uuid()
/** It was said before the number was linked, and is there to be read: it opens nothing and nobody waits for an answer. */
const history = z.literal(true).optional()
/** Where a file is fetched is written openly in facts from before it was sealed; from then on it only says that there is one. */
const sayingAtChannel = (data: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { media } = data as { readonly media?: { readonly providerMediaId?: string } }
  return media?.providerMediaId === undefined
    ? { ...data }
    : { ...data, media: { ...media, atChannel: true } }
}

const asItWas = (data: Readonly<Record<string, unknown>>): Record<string, unknown> => ({ ...data })
const asBefore = { 1: asItWas }

/** Facts about messages. They live in the stream of the ticket, or of the conversation for messages without a ticket. */
export const messageEvents = {
  /**
   * A customer (or group member) wrote. `messageId` is derived from session, chat, author and provider id. Version 2 seals
   * where the channel keeps a file: such an address may be all that is needed to read it. Version 3 knows history.
   */
  'message.received': revised(
    personalFact(
      {
        messageId,
        authorId: z.uuid(),
        kind: inboundKind,
        sentAt: z.iso.datetime(),
        receivedAt: z.iso.datetime(),
        late: z.boolean(),
        history,
        quotedMessageId: z.uuid().optional(),
        media: channelMediaSchema.optional(),
        /** Hash under which an over-long raw payload was put into the media store. */
        rawKey: z.string().optional(),
      },
      {
        body: z.string(),
        providerMessageId: z.string(),
        mediaName: z.string().optional(),
        mediaAddress,
        /** Structured part: location, contact cards, chosen button. */
        details: z.json().optional(),
        raw: z.json().optional(),
      },
    ),
    3,
    { 1: sayingAtChannel, 2: asItWas },
  ),
  /**
   * What could not be opened when it came was sent again by the phone, and could: this is what the message `messageId` says.
   * It stays where it is. Version 2 seals where the channel keeps a file.
   */
  'message.deciphered': revised(
    personalFact(
      {
        messageId,
        kind: inboundKind,
        at: z.iso.datetime(),
        quotedMessageId: z.uuid().optional(),
        media: channelMediaSchema.optional(),
        /** Hash under which an over-long raw payload was put into the media store. */
        rawKey: z.string().optional(),
      },
      {
        body: z.string(),
        mediaName: z.string().optional(),
        mediaAddress,
        details: z.json().optional(),
        raw: z.json().optional(),
      },
    ),
    2,
    { 1: sayingAtChannel },
  ),
  /**
   * The company itself wrote from its phone or another device. Version 2 says where an over-long raw payload was put, so
   * that it can be found when the person is erased; version 1 forgot. Version 3 seals where the channel keeps a file;
   * version 4 knows history.
   */
  'message.mirrored': revised(
    personalFact(
      {
        messageId,
        kind: inboundKind,
        sentAt: z.iso.datetime(),
        receivedAt: z.iso.datetime(),
        late: z.boolean(),
        history,
        media: channelMediaSchema.optional(),
        rawKey: z.string().nullable(),
      },
      {
        body: z.string(),
        providerMessageId: z.string(),
        mediaName: z.string().optional(),
        mediaAddress,
        raw: z.json().optional(),
      },
    ),
    4,
    { 1: data => ({ ...data, rawKey: null }), 2: sayingAtChannel, 3: asItWas },
  ),
  /**
   * Version 2 says what places, people, choices and templates a message holds, and how long its file plays. Version 3 knows
   * a template's header, footer and buttons; version 4 files that go as links.
   */
  'message.queued': revised(
    personalFact(
      {
        messageId,
        userId: z.uuid().optional(),
        kind: messageKind,
        /** After this time it is no longer sent by itself, but fails with `session-offline`. */
        deadline: z.iso.datetime(),
        quotedMessageId: z.uuid().optional(),
        media: storedMediaSchema.optional(),
        /** The message whose content this repeats. */
        forwardedId: z.uuid().optional(),
        /** The file is over the channel's limit, and goes as a link that ends then. */
        link: z.object({ expiresAt: z.iso.datetime() }).optional(),
      },
      {
        /** Text, caption, or what a person reads of the details. */
        body: z.string(),
        mediaName: z.string().optional(),
        /** What the customer reads instead of getting the file: the words above, its name and size, and the link. */
        linkText: z.string().optional(),
        ...messageDetails,
      },
    ),
    4,
    { 1: asItWas, 2: asItWas, 3: asItWas },
  ),
  /**
   * An agent wants something done to the message `messageId`. It waits in the outbox under `actionId`, and the facts of
   * sending speak of it by that id; what it came to is told of the message in the append of its outcome.
   */
  'message.actionQueued': personalFact(
    { messageId, actionId, action: messageAction, userId: z.uuid().optional(), deadline: z.iso.datetime() },
    {
      /** Of a reaction; empty takes it back. */
      emoji: z.string().optional(),
      /** Of an edit. */
      body: z.string().optional(),
    },
  ),
  /** It was not done, or nobody knows (`outcome-unknown`). */
  'message.actionFailed': fact({
    messageId,
    actionId,
    action: messageAction,
    reason: z.string(),
    code: z.string().optional(),
  }),
  /** Appended before the wire call; only who won this append may send. */
  'message.sending': fact({ messageId, attempt: z.int().positive(), fence: z.string() }),
  // Version 2 of these three says what the channel counts the message as, where it told that with the status.
  'message.sent': revised(
    personalFact({ messageId, pricing }, { providerMessageId: z.string() }),
    2,
    asBefore,
  ),
  'message.delivered': revised(fact({ messageId, at: z.iso.datetime(), pricing }), 2, asBefore),
  'message.read': revised(fact({ messageId, at: z.iso.datetime(), pricing }), 2, asBefore),
  'message.played': fact({ messageId, at: z.iso.datetime() }),
  'message.failed': fact({
    messageId,
    reason: z.string(),
    code: z.string().optional(),
    retryable: z.boolean(),
  }),
  /**
   * The channel refused it for now, or was not there: it waits (`queued` again) and is tried again at `until`.
   * `retries`: how many of these count against the limit. Version 2 knows that we held it back ourselves, by the
   * session's pacing: then it never started, and waits past its deadline.
   */
  'message.deferred': revised(
    fact({
      messageId,
      reason: z.string(),
      until: z.iso.datetime(),
      retries: z.int().nonnegative(),
      held: z
        .object({
          by: z.enum(HELD_BY),
          /** The new one: after this time it fails with `session-offline`. */
          deadline: z.iso.datetime(),
        })
        .optional(),
    }),
    2,
    asBefore,
  ),
  /** Handed to the channel, but no answer came: it may have been sent. Never sent again by itself. */
  'message.outcomeUnknown': fact({ messageId, attempt: z.int().positive(), reason: z.string() }),
  /** An agent asked for another try of a failed message. */
  'message.requeued': fact({ messageId, userId: z.uuid().optional(), deadline: z.iso.datetime() }),
  'message.mediaStored': revised(fact({ messageId, media: storedMediaSchema }), 2, { 1: data => data }),
  /** The media could not be fetched; shown with the reason. */
  'message.mediaFailed': fact({ messageId, reason: z.string() }),
  /** `actionId`, here and below: it was done by us, and this is what that action came to. */
  'message.reacted': revised(
    personalFact(
      { messageId, authorId: z.uuid().optional(), fromMe: z.boolean(), actionId: actionId.optional() },
      { emoji: z.string() },
    ),
    2,
    asBefore,
  ),
  'message.edited': revised(
    personalFact({ messageId, at: z.iso.datetime(), actionId: actionId.optional() }, { body: z.string() }),
    2,
    asBefore,
  ),
  'message.revoked': revised(
    fact({ messageId, at: z.iso.datetime(), actionId: actionId.optional() }),
    2,
    asBefore,
  ),
} as const
