import type { TicketState } from '../../actors/ticket/chart.ts'
import { isAbsent, isLive, isPending } from '../../actors/ticket/chart.ts'
import type { Principal } from '../../events/principal.ts'
import { refused, type Refusal } from '../define.ts'

/** Whether this person may see the ticket at all. What may not be seen is answered as what does not exist. */
export const maySee = (who: Principal, ticket: TicketState): boolean => {
  if (isAbsent(ticket)) return false
  if (who.kind === 'system') return true
  const { queueId, userId } = ticket.context
  const ownQueue = queueId !== null && (who.queueIds as readonly string[]).includes(queueId)
  switch (who.role) {
    case 'super-admin':
    case 'admin':
    case 'auditor':
      return true
    case 'supervisor':
      return ownQueue || queueId === null || userId === who.userId
    case 'agent':
      return userId === who.userId || (ownQueue && isPending(ticket)) || wasLast(who.userId, ticket)
    case 'analyst':
      return false
  }
}

/** The last owner keeps sight of a closed ticket: it may be reopened by whoever closed it. */
const wasLast = (userId: string, ticket: TicketState): boolean =>
  ticket.context.closedAt !== null && ticket.context.lastUserId === userId

/** Whether the ticket lives in one of this agent's queues, whoever has it. */
export const serves = (who: Principal, ticket: TicketState): boolean =>
  who.kind === 'user' &&
  (who.role === 'agent' || who.role === 'supervisor') &&
  isLive(ticket) &&
  (who.queueIds as readonly (string | null)[]).includes(ticket.context.queueId)

export const supervises = (who: Principal): boolean =>
  who.kind === 'system' || who.role === 'super-admin' || who.role === 'admin' || who.role === 'supervisor'

export const owns = (who: Principal, ticket: TicketState): boolean =>
  who.kind === 'user' && ticket.context.userId === who.userId

export const notFound = (): Refusal => refused('not-found', 'There is no such ticket.')
export const notLive = (): Refusal => refused('ticket-not-live', 'The ticket is closed.')
