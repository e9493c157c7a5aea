import { conversationKind } from '../../actors/conversation/chart.ts'
import { isClosed, ticketKind } from '../../actors/ticket/chart.ts'
import { failPoint } from '../../shared/fail-point.ts'
import type { Act } from '../act.ts'
import { refused } from '../define.ts'
import { wakingFacts } from '../ticket/wake.ts'
import { completing } from './claim.ts'
import { releaseTicket } from './release.ts'

/**
 * Ends a conversation's live ticket without a word to anybody, as when its contact was erased or is another's too. A claim whose ticket was
 * never written is written first: a ticket ends in its own stream. Answers whether there was one.
 */
export const closeLive = async (
  act: Act,
  conversationId: string,
  reason: 'silent' | 'merged' = 'silent',
): Promise<boolean> => {
  const { state } = await act.state(conversationKind, conversationId)
  const { live } = state.context
  if (!live) return false
  const outcome = await act.transact(ticketKind, live.ticketId, ticket => {
    const completion = completing(ticket, live, live.opening.userId === null ? 'customer' : 'user')
    if (completion === 'not-live') return refused('ticket-not-live', 'The ticket is closed.')
    if (isClosed(ticket) && completion.length === 0) return []
    return [
      ...completion,
      ...wakingFacts(ticket, 'close', () => true),
      { type: 'ticket.closed', data: { reason, userId: null } },
    ]
  })
  failPoint('live.closed')
  await releaseTicket(act, conversationId, live.ticketId)
  failPoint('live.released')
  return outcome.outcome === 'done' && !outcome.duplicate
}
