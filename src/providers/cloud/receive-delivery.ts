import {
  takeDelivery,
  type DeliveryAnswer,
  type DeliveryDoor,
  type DeliveryRequest,
} from '../meta/receive-delivery.ts'
import { parseWebhook } from './parse-webhook.ts'

/** Takes one delivery of WhatsApp: every change goes to its own business number. */
export const receiveDelivery = (request: DeliveryRequest, door: DeliveryDoor): Promise<DeliveryAnswer> =>
  takeDelivery(
    request,
    (body, now) =>
      parseWebhook(body, now).map(({ phoneNumberId: accountId, ...rest }) => ({ accountId, ...rest })),
    door,
  )
