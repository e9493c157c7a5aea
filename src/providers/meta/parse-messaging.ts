import { z } from 'zod'
import type { InboundItem } from '../provider.ts'
import { messagingBody, messagingChange } from './messaging-schema.ts'
import { parseEvent, type Surroundings } from './parse-event.ts'
import type { DeliveryPart, Malformed } from './receive-delivery.ts'

/** Fields of the page-less shape whose value is an event like the others. */
const EVENT_FIELDS: ReadonlySet<string> = new Set([
  'messages',
  'messaging_postbacks',
  'messaging_seen',
  'messaging_referral',
  'message_reactions',
  'message_edit',
])

type Options = {
  readonly now?: number | undefined
  /** The app by which we send, of the session that the delivery came to. */
  readonly appId?: string | undefined
}

/**
 * A webhook body of Messenger (`page`) or Instagram in the engine's words. Never throws: what cannot be read is said as
 * `malformed`, and everything else goes on.
 */
export const parseMessaging = (body: unknown, options: Options = {}): DeliveryPart[] => {
  const outer = messagingBody.safeParse(body)
  if (!outer.success)
    return [
      {
        accountId: null,
        items: [],
        malformed: [{ reason: z.prettifyError(outer.error), raw: body, delivery: body }],
      },
    ]
  const { object, entry: entries } = outer.data
  return entries.map(({ id, messaging = [], standby = [], changes = [] }) => {
    const items: InboundItem[] = []
    const malformed: Malformed[] = []
    const around: Surroundings = { accountId: id, ...options }
    const read = (raw: unknown, where: object, parse: () => readonly InboundItem[]) => {
      try {
        items.push(...parse())
      } catch (error) {
        malformed.push({
          reason: reasonOf(error),
          raw,
          delivery: { object, entry: [{ id, ...where }] },
        })
      }
    }
    for (const raw of messaging) read(raw, { messaging: [raw] }, () => parseEvent(raw, around))
    // Another app has the conversation: what is said there is not for us.
    for (const _ of standby) items.push({ item: 'ignored', kind: 'standby' })
    for (const raw of changes)
      read(raw, { changes: [raw] }, () => {
        const { field, value } = messagingChange.parse(raw)
        return EVENT_FIELDS.has(field)
          ? parseEvent(value, around)
          : [{ item: 'ignored', kind: `field:${field}` }]
      })
    return { accountId: id, items, malformed }
  })
}

const reasonOf = (error: unknown): string =>
  error instanceof z.ZodError
    ? z.prettifyError(error)
    : error instanceof Error
      ? error.message
      : String(error)
