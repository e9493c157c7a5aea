import { isNestedDeeperThan } from '../../shared/nesting.ts'
import type { InboundItem } from '../provider.ts'
import { parseWebhook, type Malformed } from './parse-webhook.ts'
import { verifySignature } from './signature.ts'

/** What Meta sends is some ten deep. */
const NESTING_MAX = 100

/** Whom a delivery is handed to. Each call resolves when everything handed over is durable. */
export type DeliveryDoor = {
  /** The items of one business number, in order. */
  items(phoneNumberId: string, items: readonly InboundItem[]): Promise<void>
  /** Parts that cannot be read: for the dead letters. `phoneNumberId` is null where not even that is known. */
  malformed(phoneNumberId: string | null, parts: readonly Malformed[]): Promise<void>
}

/** What to answer Meta: 200 everything is durable; 401 not signed by the app; 400 no JSON; 503 come again with all of it. */
export type DeliveryAnswer = { readonly status: 200 | 400 | 401 | 503; readonly error?: unknown }

/**
 * Takes one webhook delivery: signature over the raw bytes, then every change to its own number. One part that could not
 * be made durable answers 503 for all of it; what comes twice is absorbed by the engine.
 */
export const receiveDelivery = async (
  request: { rawBody: Buffer; signature: string | null | undefined; appSecret: string; now: number },
  door: DeliveryDoor,
): Promise<DeliveryAnswer> => {
  if (!verifySignature(request.rawBody, request.signature, request.appSecret)) return { status: 401 }
  const text = request.rawBody.toString('utf8')
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    return { status: 400, error }
  }
  try {
    if (isNestedDeeperThan(NESTING_MAX, text)) {
      // Whoever walks it by recursion fails, so it would come again for ever: kept as the text that came.
      const reason = `nested deeper than ${NESTING_MAX}`
      await door.malformed(null, [{ reason, raw: text, delivery: text }])
      return { status: 200 }
    }
    for (const change of parseWebhook(body, request.now)) {
      if (change.malformed.length > 0) await door.malformed(change.phoneNumberId, change.malformed)
      if (change.items.length === 0) continue
      if (change.phoneNumberId !== null) await door.items(change.phoneNumberId, change.items)
    }
    return { status: 200 }
  } catch (error) {
    return { status: 503, error }
  }
}
