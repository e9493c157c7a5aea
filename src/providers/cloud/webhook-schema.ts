import { z } from 'zod'
import { metaError } from '../meta/error.ts'

/**
 * The parts of Meta's webhook payloads that we read. Lenient: unknown fields pass, optional ones may be absent, because
 * Meta adds fields without notice and a delivery must never fail for a field that nobody needs.
 */
export const webhookBody = z.looseObject({
  object: z.string(),
  entry: z.array(z.looseObject({ id: z.string().optional(), changes: z.array(z.unknown()) })),
})

export const webhookChange = z.looseObject({
  field: z.string(),
  value: z.looseObject({
    metadata: z
      .looseObject({ phone_number_id: z.string(), display_phone_number: z.string().optional() })
      .optional(),
    contacts: z.array(z.unknown()).optional(),
    messages: z.array(z.unknown()).optional(),
    message_echoes: z.array(z.unknown()).optional(),
    statuses: z.array(z.unknown()).optional(),
    errors: z.array(z.unknown()).optional(),
    user_id_update: z.array(z.unknown()).optional(),
    calls: z.array(z.unknown()).optional(),
  }),
})
export type WebhookValue = z.output<typeof webhookChange>['value']

export const webhookContact = z.looseObject({
  profile: z.looseObject({ name: z.string().optional(), username: z.string().optional() }).optional(),
  wa_id: z.string().optional(),
  user_id: z.string().optional(),
  username: z.string().optional(),
})
export type WebhookContact = z.output<typeof webhookContact>

const unixSeconds = z.coerce.number().int().positive().max(99_999_999_999)

export const webhookMessage = z.looseObject({
  id: z.string().min(1),
  from: z.string().optional(),
  from_user_id: z.string().optional(),
  to: z.string().optional(),
  to_user_id: z.string().optional(),
  group_id: z.string().optional(),
  timestamp: unixSeconds,
  type: z.string(),
  context: z.looseObject({ id: z.string().optional() }).nullish(),
  errors: z.array(z.unknown()).optional(),
})
export type WebhookMessage = z.output<typeof webhookMessage>

/** What WhatsApp itself says of a person. */
export const webhookSystem = z.looseObject({
  type: z.string().default('unknown'),
  body: z.string().optional(),
  /** The new number and id; older deliveries say `new_wa_id`. */
  wa_id: z.string().optional(),
  new_wa_id: z.string().optional(),
  user_id: z.string().optional(),
  parent_user_id: z.string().optional(),
  previous_user_id: z.string().optional(),
})

const changedId = z
  .looseObject({ previous: z.string().optional(), current: z.string().optional() })
  .optional()
export const webhookUserIdUpdate = z.looseObject({
  wa_id: z.string().optional(),
  user_id: changedId,
  parent_user_id: changedId,
})

export const webhookCall = z.looseObject({
  id: z.string().min(1),
  event: z.string(),
  from: z.string().optional(),
  from_user_id: z.string().optional(),
  direction: z.string().optional(),
  timestamp: unixSeconds,
})

const word = z.string().min(1).max(128)
const pricing = z.looseObject({
  billable: z.boolean().optional(),
  pricing_model: word.optional(),
  type: word.optional(),
  category: word.optional(),
})
/** Of Graph before v24, and later where an advertisement opened the conversation. */
const conversation = z.looseObject({ id: word, expiration_timestamp: unixSeconds.optional() })

export const webhookStatus = z.looseObject({
  id: z.string().min(1),
  status: z.string(),
  timestamp: unixSeconds,
  biz_opaque_callback_data: z.string().optional(),
  errors: z.array(metaError).optional(),
  // A status is never lost for what it costs.
  pricing: pricing.optional().catch(undefined),
  conversation: conversation.optional().catch(undefined),
})

const media = z.looseObject({
  id: z.string().min(1),
  mime_type: z.string().default('application/octet-stream'),
  sha256: z.string().optional(),
  caption: z.string().optional(),
  filename: z.string().optional(),
  file_size: z.number().optional(),
  voice: z.boolean().optional(),
})

/** The part of a message that stands under the name of its type. */
export const contents = {
  text: z.looseObject({ body: z.string() }),
  media,
  location: z.looseObject({
    latitude: z.coerce.number(),
    longitude: z.coerce.number(),
    name: z.string().optional(),
    address: z.string().optional(),
    url: z.string().optional(),
  }),
  contacts: z.array(
    z.looseObject({
      name: z
        .looseObject({ formatted_name: z.string().optional(), first_name: z.string().optional() })
        .optional(),
      phones: z
        .array(z.looseObject({ phone: z.string().optional(), wa_id: z.string().optional() }))
        .optional(),
      vcard: z.string().optional(),
    }),
  ),
  interactive: z.looseObject({
    type: z.string(),
    button_reply: z.looseObject({ id: z.string(), title: z.string() }).optional(),
    list_reply: z
      .looseObject({ id: z.string(), title: z.string(), description: z.string().optional() })
      .optional(),
    nfm_reply: z
      .looseObject({
        name: z.string().optional(),
        body: z.string().optional(),
        response_json: z.string().optional(),
      })
      .optional(),
  }),
  order: z.looseObject({
    catalog_id: z.string().optional(),
    text: z.string().optional(),
    product_items: z.array(
      z.looseObject({
        product_retailer_id: z.string(),
        quantity: z.coerce.number(),
        item_price: z.coerce.number().optional(),
        currency: z.string().optional(),
      }),
    ),
  }),
  button: z.looseObject({ text: z.string(), payload: z.string().optional() }),
  reaction: z.looseObject({ message_id: z.string().min(1), emoji: z.string().optional() }),
  edit: z.looseObject({
    original_message_id: z.string().min(1),
    message: z.looseObject({ type: z.string().optional() }).optional(),
  }),
  revoke: z.looseObject({ original_message_id: z.string().min(1) }),
  unsupported: z.looseObject({ type: z.string().optional() }),
} as const
