import { ackOf, attemptsOf, isAbsent, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import type { z } from 'zod'
import type { Ack, pricingSchema } from '../../events/message.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf, type Act } from '../act.ts'
import { command } from '../command.ts'
import { isRefusal, refused, type Answer, type Refusal } from '../define.ts'
import { effectOf, withActionOutcome } from './action-outcome.ts'
import { statusInput } from './inbound.ts'
import { parseRef, placeIn, type MessagePlace } from './ref.ts'

type Delivery = {
  readonly ack: 'sent' | 'delivered' | 'read' | 'played' | 'failed'
  readonly providerMessageId: string
  readonly at: string
  /** Which try of ours it speaks of, where the channel carried that back. */
  readonly attempt?: number | undefined
  readonly error?: { readonly code: string; readonly reason: string; readonly retryable: boolean } | undefined
  /** Told with one of the statuses at least: it goes into the fact that comes of it. */
  readonly pricing?: z.output<typeof pricingSchema>
}

/** How far along an ack is. A status moves a message forwards only; `failed` counts until it was delivered. */
export const RANK: Readonly<Record<Ack, number>> = {
  queued: 0,
  sending: 1,
  unknown: 1,
  failed: 1,
  sent: 2,
  received: 2,
  delivered: 3,
  read: 4,
  played: 5,
}

/**
 * Whether "sent" or "failed" was said of a try that is over: one that waits to be tried again, or is being tried, is not
 * taken out of that by what comes late of the try before.
 */
const isOfEarlierTry = (
  ticket: TicketState,
  messageId: string,
  current: Ack,
  attempt: number | undefined,
): boolean => current === 'queued' || (attempt !== undefined && attempt < attemptsOf(ticket, messageId))

/**
 * Pure: the facts that a status from the channel makes of a message. One that comes before we recorded that it was
 * sent also says that; one that comes after an unknown outcome or a failure resolves it.
 */
export const deliveryFacts = (
  ticket: TicketState,
  messageId: string,
  delivery: Delivery,
): readonly DecidedFact[] | Refusal => {
  const current = ackOf(ticket, messageId)
  if (isAbsent(ticket) || current === undefined) return refused('not-found', 'There is no such message.')
  const { ack, at, providerMessageId } = delivery
  const priced = delivery.pricing ? { pricing: delivery.pricing } : {}
  if ((ack === 'sent' || ack === 'failed') && isOfEarlierTry(ticket, messageId, current, delivery.attempt))
    return []
  if (ack === 'failed') {
    if (RANK[current] >= RANK.delivered || current === 'failed') return []
    const { code, reason, retryable } = delivery.error ?? {
      code: 'unknown',
      reason: 'failed',
      retryable: false,
    }
    return [{ type: 'message.failed', data: { messageId, code, reason, retryable } }]
  }
  // A message that failed is shown as sent again only when it arrived.
  if (RANK[ack] <= RANK[current] || (ack === 'sent' && current === 'failed')) return []
  const sent: DecidedFact[] =
    RANK[current] < RANK.sent
      ? [
          {
            type: 'message.sent',
            subject: ticket.context.contactId,
            data: { messageId, ...(ack === 'sent' ? priced : {}), personal: { providerMessageId } },
          },
        ]
      : []
  switch (ack) {
    case 'sent':
      return sent
    case 'delivered':
    case 'read':
      return [...sent, { type: `message.${ack}`, data: { messageId, at, ...priced } }]
    case 'played':
      return [...sent, { type: 'message.played', data: { messageId, at } }]
  }
}

export const recordDelivery = async (
  act: Act,
  place: MessagePlace,
  delivery: Delivery,
): Promise<Answer | Refusal> => {
  if (place.type !== 'ticket') return refused('not-found', 'There is no such message.')
  const { id, messageId, attempt } = place
  const effect = await effectOf(act, id, messageId)
  const outcome = await act.transact(ticketKind, id, ticket => {
    const facts = deliveryFacts(ticket, messageId, { ...delivery, attempt })
    return isRefusal(facts) ? facts : withActionOutcome(ticket, messageId, facts, effect)
  })
  failPoint('intake.status-recorded')
  return answerOf(messageId, outcome)
}

/** A status of one of our messages, by our own reference, or else by the provider's id. */
export const recordStatus = command({
  name: 'message.recordStatus',
  summary: 'Take in how far a message got',
  roles: ['system'],
  input: statusInput,
  run: async (act, { sessionId, status }) => {
    const { companyId } = act.principal
    const byRef = status.ref === undefined ? null : parseRef(status.ref)
    if (byRef) return recordDelivery(act, byRef, status)
    const found = await act.tools.messageByProviderId(companyId, sessionId, status.providerMessageId)
    const place = found?.fromMe ? placeIn(companyId, found.stream, found.messageId) : null
    // A status of something that this system never sent (written on the phone): nothing to record.
    return place ? recordDelivery(act, place, status) : refused('not-found', 'There is no such message.')
  },
})
