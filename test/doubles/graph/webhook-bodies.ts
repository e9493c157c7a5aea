import type { SentMessage } from './types.ts'

/** A whole webhook body around the given parts. */
export const webhookBodyOf = (phoneNumberId: string, value: Record<string, unknown>, field = 'messages') => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '215589313241560883',
      changes: [
        {
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '551155550100', phone_number_id: phoneNumberId },
            ...value,
          },
          field,
        },
      ],
    },
  ],
})

/** The delivery with which Meta tells how far a sent message got, with our reference in it. */
export const statusBodyOf = (
  message: SentMessage,
  status: 'sent' | 'delivered' | 'read' | 'failed',
  at: number,
  errors?: object[],
) =>
  webhookBodyOf(message.phoneNumberId, {
    statuses: [
      {
        id: message.id,
        status,
        timestamp: String(Math.floor(at / 1000)),
        recipient_id: message.to,
        ...(message.ref === undefined ? {} : { biz_opaque_callback_data: message.ref }),
        ...(status === 'sent'
          ? { pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'service' } }
          : {}),
        ...(errors ? { errors } : {}),
      },
    ],
  })
