import { conversationKind } from '../../actors/conversation/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { isClosed, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import { keyMapGet, keyMapKeys } from '../../shared/keyset.ts'
import type { Act } from '../act.ts'

/** Ids in one fact: 5,000 × 39 bytes stay well below the 256 KiB that a fact may have. */
const IDS_PER_FACT_MAX = 5_000

/**
 * Frees a conversation from a ticket that is over, and hands it every message id that the ticket knows, so that a
 * redelivery after the close is still a duplicate. Does nothing when it was released already. Answers the position.
 */
export const releaseTicket = async (
  act: Act,
  conversationId: string,
  ticketId: string,
): Promise<string | null> => {
  const { state: ticket } = await act.state(ticketKind, ticketId)
  if (!isClosed(ticket)) return null
  const outcome = await act.transact(conversationKind, conversationId, conversation => {
    const { live, received } = conversation.context
    if (live?.ticketId !== ticketId || live.ordinal !== ticket.context.ordinal) return []
    const ids = keyMapKeys(ticket.context.received).filter(id => keyMapGet(received, id) === undefined)
    return releasing(ticketId, ticket, ids)
  })
  return outcome.outcome === 'done' ? outcome.position : null
}

const releasing = (ticketId: string, ticket: TicketState, ids: readonly string[]): DecidedFact[] => {
  const facts: DecidedFact[] = []
  const { ordinal, closedAt, queueId, lastUserId } = ticket.context
  for (let from = 0; from + IDS_PER_FACT_MAX < ids.length; from += IDS_PER_FACT_MAX)
    facts.push({
      type: 'conversation.messagesRemembered',
      data: { ticketId, messageIds: ids.slice(from, from + IDS_PER_FACT_MAX) },
    })
  const rest = ids.slice(facts.length * IDS_PER_FACT_MAX)
  facts.push({
    type: 'conversation.ticketReleased',
    data: { ticketId, ordinal, closedAt: closedAt ?? '', queueId, userId: lastUserId, messageIds: [...rest] },
  })
  return facts
}
