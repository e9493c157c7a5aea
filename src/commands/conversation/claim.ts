import type { Claim } from '../../actors/conversation/chart.ts'
import { conversationKind, partedHop, type Hop } from '../../actors/conversation/chart.ts'
import { isAbsent, isClosed, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { derivedId } from '../../shared/ids.ts'
import type { Act } from '../act.ts'
import { refused, type Refusal } from '../define.ts'

export type Opening = Claim['opening']

/** The id of a conversation's n-th ticket: whoever claims it derives the same. */
export const ticketIdOf = (conversationId: string, ordinal: number): string =>
  derivedId('ticket', conversationId, ordinal)

/**
 * Claims the conversation for a new ticket, or for one that lives again. Where somebody else was first, nothing is
 * written: the caller looks again at who lives there.
 */
export const claimTicket = async (
  act: Act,
  conversationId: string,
  opening: Opening,
  reopenTicketId: string | null,
  /** Of the claim before, as it was when the opening was decided: after another one it has to be decided anew. */
  after: number,
  /** By which steps the chat leads there for which it is claimed. */
  hops: readonly Hop[] = [],
): Promise<void> => {
  await act.transact(conversationKind, conversationId, conversation => {
    if (!conversation.matches('started') || partedHop(conversation, hops)) return []
    if (conversation.context.live || conversation.context.ordinal !== after) return []
    const ordinal = after + 1
    const ticketId = reopenTicketId ?? ticketIdOf(conversationId, ordinal)
    return [
      {
        type: 'conversation.ticketClaimed',
        data: { ticketId, ordinal, reopen: reopenTicketId !== null, opening },
      },
    ]
  })
  failPoint('intake.ticket-claimed')
}

/**
 * The facts that make a claimed ticket exist, if they are still missing: whoever touches a claim whose ticket was never
 * written completes it. `not-live`: the ticket under this claim is over already, or it lives under another one.
 */
export const completing = (
  ticket: TicketState,
  claim: Claim,
  by: 'customer' | 'user',
): readonly DecidedFact[] | 'not-live' => {
  const { opening, ordinal } = claim
  if (isAbsent(ticket)) return [{ type: 'ticket.opened', data: { ...opening, ordinal } }]
  if (!isClosed(ticket)) return ticket.context.ordinal === ordinal ? [] : 'not-live'
  if (ticket.context.ordinal >= ordinal) return 'not-live'
  return [
    {
      type: 'ticket.reopened',
      data: { userId: opening.userId, by, ordinal },
    },
  ]
}

/** Refuses what another live ticket of the conversation forbids; one that was only claimed is written first. */
export const refuseLive = async (act: Act, live: Claim): Promise<Refusal> => {
  const outcome = await act.transact(ticketKind, live.ticketId, ticket => {
    const completion = completing(ticket, live, live.opening.userId === null ? 'customer' : 'user')
    return completion === 'not-live' ? [] : completion
  })
  const userId = outcome.outcome === 'done' ? outcome.state.context.userId : live.opening.userId
  return refused('ticket-live', 'This conversation has a live ticket already.', {
    ticketId: live.ticketId,
    ...(userId ? { userId } : {}),
  })
}
