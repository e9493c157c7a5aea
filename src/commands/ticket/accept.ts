import { isClosed, isOpen, isSnoozed } from '../../actors/ticket/chart.ts'
import { HANDLERS } from '../command.ts'
import { refused } from '../define.ts'
import { maySee, notLive, serves, supervises } from './rights.ts'
import { LIFECYCLE, ticketCommand, ticketInput } from './ticket-command.ts'

/** Takes a waiting ticket. Of any number at once exactly one wins; the others are told who. */
export const acceptTicket = ticketCommand({
  name: 'ticket.accept',
  summary: 'Take a waiting ticket of one of your queues',
  roles: HANDLERS,
  input: ticketInput,
  // Somebody else's acceptance is no conflict but an answer of its own: it names the winner.
  conflictsWith: LIFECYCLE.filter(type => type !== 'ticket.accepted'),
  // Whoever saw it waiting a moment ago is told who was faster.
  sees: (who, ticket) => maySee(who, ticket) || serves(who, ticket),
  decide: (ticket, _, who, at) => {
    if (who.kind !== 'user') return refused('forbidden', 'Only a person accepts a ticket.')
    if (isClosed(ticket)) return notLive()
    const { userId, queueId, pendingSince, unread } = ticket.context
    if (isOpen(ticket) || isSnoozed(ticket))
      return userId === who.userId
        ? []
        : refused('ticket-taken', 'Another agent has this ticket.', { userId: userId ?? '' })
    if (queueId === null && !supervises(who))
      return refused('forbidden', 'Tickets without a queue are routed by supervisors.')
    const waitedMs = Math.max(0, Date.parse(at) - Date.parse(pendingSince))
    return [
      { type: 'ticket.accepted', data: { userId: who.userId, waitedMs } },
      ...(unread > 0 ? [{ type: 'ticket.seen' as const, data: { userId: who.userId } }] : []),
    ]
  },
})
