import { conversationKind, type ConversationState } from '../../actors/conversation/chart.ts'
import { isAbsent, isClosed, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { keyMapGet, keyMapKeys } from '../../shared/keyset.ts'
import type { Act } from '../act.ts'

/** Ids in one fact: 5,000 × 39 bytes stay well below the 256 KiB that a fact may have. */
export const IDS_PER_FACT_MAX = 5_000

/**
 * Frees a conversation from a ticket that is over, or lives under a later claim of another conversation, and hands it
 * every message id that the ticket knows, so that a redelivery after that is still a duplicate. A ticket of very many
 * messages hands them over in several appends, the release last. Does nothing when it was released already. Answers the position.
 */
export const releaseTicket = async (
  act: Act,
  conversationId: string,
  ticketId: string,
): Promise<string | null> => {
  const { state: ticket } = await act.state(ticketKind, ticketId)
  for (;;) {
    let last = true
    const outcome = await act.transact(conversationKind, conversationId, conversation => {
      const facts = releasing(conversation, ticketId, ticket)
      last = facts.every(({ type }) => type !== 'conversation.messagesRemembered')
      return facts
    })
    if (outcome.outcome !== 'done') return null
    // The conversation was joined to another: it is that one's ticket.
    const to = outcome.state.context.redirectedTo
    if (to !== null) return releaseTicket(act, to, ticketId)
    if (last) return outcome.position
  }
}

/** Pure: the next slice of ids, or the release with what is left of them. */
const releasing = (
  { context }: ConversationState,
  ticketId: string,
  ticket: TicketState,
): readonly DecidedFact[] => {
  const { live, received } = context
  const { ordinal, closedAt, queueId, lastUserId } = ticket.context
  if (live?.ticketId !== ticketId) return []
  const isOver = isClosed(ticket)
  // It is to live again under this claim, or lives under it.
  if (isOver ? live.ordinal > ordinal : live.ordinal === ordinal || isAbsent(ticket)) return []
  const unknown = keyMapKeys(ticket.context.received).filter(id => keyMapGet(received, id) === undefined)
  const messageIds = unknown.slice(0, IDS_PER_FACT_MAX)
  if (unknown.length > IDS_PER_FACT_MAX)
    return [{ type: 'conversation.messagesRemembered', data: { ticketId, messageIds } }]
  if (!isOver) return [{ type: 'conversation.claimDropped', data: { ticketId, messageIds } }]
  return [
    {
      type: 'conversation.ticketReleased',
      data: { ticketId, ordinal, closedAt: closedAt ?? '', queueId, userId: lastUserId, messageIds },
    },
  ]
}
