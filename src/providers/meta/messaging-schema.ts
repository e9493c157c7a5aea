import { z } from 'zod'

/**
 * The parts of Messenger's and Instagram's webhook payloads that we read. Lenient: unknown fields pass, because Meta adds
 * fields without notice and a delivery must never fail for a field that nobody needs.
 */
const id = z.union([z.string().min(1), z.number()]).transform(String)
const party = z.looseObject({ id })

export const messagingBody = z.looseObject({
  object: z.string(),
  entry: z.array(
    z.looseObject({
      id,
      time: z.number().optional(),
      messaging: z.array(z.unknown()).optional(),
      standby: z.array(z.unknown()).optional(),
      changes: z.array(z.unknown()).optional(),
    }),
  ),
})

/** Instagram logins without a page get the same events in this shape. */
export const messagingChange = z.looseObject({ field: z.string(), value: z.unknown() })

/** Milliseconds; some of Instagram's events come in seconds. */
const time = z.coerce
  .number()
  .int()
  .positive()
  .max(99_999_999_999_999)
  .transform(at => (at < 100_000_000_000 ? at * 1000 : at))

export const messagingEvent = z.looseObject({ sender: party, recipient: party, timestamp: time })
export type MessagingEvent = z.output<typeof messagingEvent>

const referral = z.looseObject({
  ref: z.string().optional(),
  source: z.string().optional(),
  type: z.string().optional(),
  ad_id: id.optional(),
})

export const attachment = z.looseObject({
  type: z.string(),
  title: z.string().nullish(),
  url: z.string().nullish(),
  payload: z
    .looseObject({
      url: z.string().nullish(),
      title: z.string().nullish(),
      text: z.string().nullish(),
      sticker_id: id.nullish(),
      coordinates: z.looseObject({ lat: z.coerce.number(), long: z.coerce.number() }).optional(),
    })
    .nullish(),
})
export type Attachment = z.output<typeof attachment>

export const parts = {
  message: z.looseObject({
    mid: z.string().min(1),
    text: z.string().optional(),
    is_echo: z.boolean().optional(),
    is_deleted: z.boolean().optional(),
    is_unsupported: z.boolean().optional(),
    app_id: id.nullish(),
    metadata: z.string().nullish(),
    sticker_id: id.nullish(),
    quick_reply: z.looseObject({ payload: z.string() }).optional(),
    reply_to: z
      .looseObject({
        mid: z.string().optional(),
        story: z.looseObject({ id: id.optional(), url: z.string().optional() }).optional(),
      })
      .nullish(),
    referral: referral.optional(),
    attachments: z.array(z.unknown()).nullish(),
  }),
  message_edit: z.looseObject({
    mid: z.string().min(1),
    text: z.string().default(''),
    num_edit: z.coerce.number().optional(),
  }),
  postback: z.looseObject({
    mid: z.string().optional(),
    title: z.string().optional(),
    payload: z.string().optional(),
    referral: referral.optional(),
  }),
  reaction: z.looseObject({
    mid: z.string().min(1),
    action: z.string(),
    reaction: z.string().optional(),
    emoji: z.string().optional(),
  }),
  delivery: z.looseObject({ mids: z.array(z.string().min(1)).optional(), watermark: time }),
  /** Messenger tells a moment, Instagram the newest message that was seen. */
  read: z.looseObject({ watermark: time.optional(), mid: z.string().optional() }),
} as const
export type MessagePart = z.output<typeof parts.message>
