import type { WebhookChannel } from '../http/doors.ts'
import { parseWebhook } from '../providers/cloud/parse-webhook.ts'
import { parseMessaging } from '../providers/meta/parse-messaging.ts'
import type { DeliveryPart } from '../providers/meta/receive-delivery.ts'

/** What a delivery of Meta says, by the channel that it came for. */
export const parseDelivery = (
  channel: WebhookChannel,
  body: unknown,
  now: number,
  appId?: string,
): readonly DeliveryPart[] =>
  channel === 'whatsapp'
    ? parseWebhook(body, now).map(({ phoneNumberId: accountId, ...rest }) => ({ accountId, ...rest }))
    : parseMessaging(body, { now, appId })

const OBJECTS: Readonly<Record<string, WebhookChannel>> = { page: 'messenger', instagram: 'instagram' }

/** Which channel a delivery is of that was kept. */
export const channelOf = (delivery: unknown): WebhookChannel => {
  const object: unknown =
    typeof delivery === 'object' && delivery !== null && 'object' in delivery ? delivery.object : undefined
  return typeof object === 'string' ? (OBJECTS[object] ?? 'whatsapp') : 'whatsapp'
}
