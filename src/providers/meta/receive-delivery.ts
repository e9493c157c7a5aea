import { isNestedDeeperThan } from '../../shared/nesting.ts'
import type { InboundItem } from '../provider.ts'
import { verifySignature } from './signature.ts'

/** What Meta sends is some ten deep. */
const NESTING_MAX = 100

/** A part of a delivery that is not what Meta documents: for the dead letters, while the rest goes on. */
export type Malformed = {
  readonly reason: string
  readonly raw: unknown
  /** A delivery of nothing but this part, with what was said around it, from which it can be read again. */
  readonly delivery: unknown
}

/** What one part of a delivery brought for one account, in Meta's order. */
export type DeliveryPart = {
  /** The number, page or account it is for: this routes it, never the URL. `null` where it names none. */
  readonly accountId: string | null
  readonly items: readonly InboundItem[]
  readonly malformed: readonly Malformed[]
}

/** Whom a delivery is handed to. Each call resolves when everything handed over is durable. */
export type DeliveryDoor = {
  /** The items of one account, in order. */
  items(accountId: string, items: readonly InboundItem[]): Promise<void>
  /** Parts that cannot be read: for the dead letters. `accountId` is null where not even that is known. */
  malformed(accountId: string | null, parts: readonly Malformed[]): Promise<void>
}

/** What to answer Meta: 200 everything is durable; 401 not signed by the app; 400 no JSON; 503 come again with all of it. */
export type DeliveryAnswer = { readonly status: 200 | 400 | 401 | 503; readonly error?: unknown }

export type DeliveryRequest = {
  readonly rawBody: Buffer
  readonly signature: string | null | undefined
  readonly appSecret: string
  readonly now: number
}

/**
 * Takes one webhook delivery: signature over the raw bytes, then every part to its own account. One part that could not
 * be made durable answers 503 for all of it; what comes twice is absorbed by the engine.
 */
export const takeDelivery = async (
  request: DeliveryRequest,
  parse: (body: unknown, now: number) => readonly DeliveryPart[],
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
    for (const part of parse(body, request.now)) {
      if (part.malformed.length > 0) await door.malformed(part.accountId, part.malformed)
      if (part.items.length === 0) continue
      if (part.accountId !== null) await door.items(part.accountId, part.items)
    }
    return { status: 200 }
  } catch (error) {
    return { status: 503, error }
  }
}
