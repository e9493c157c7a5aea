import { isClosed, isPending, isSnoozed } from '../../actors/ticket/chart.ts'
import { HANDLERS } from '../command.ts'
import { refused } from '../define.ts'
import { notLive, owns, supervises } from './rights.ts'
import { LIFECYCLE, ticketCommand, ticketInput } from './ticket-command.ts'
import { wakingFacts } from './wake.ts'

/** Gives an open ticket back to its queue. */
export const returnTicket = ticketCommand({
  name: 'ticket.return',
  summary: 'Give an open ticket back to its queue',
  roles: [...HANDLERS, 'system'],
  input: ticketInput,
  conflictsWith: LIFECYCLE,
  decide: (ticket, _, who) => {
    if (isClosed(ticket)) return notLive()
    if (isPending(ticket)) return []
    if (isSnoozed(ticket))
      return who.kind === 'system'
        ? wakingFacts(ticket, 'agent-left', () => false)
        : refused('ticket-not-open', 'Bring the ticket back before you return it.')
    if (!owns(who, ticket) && !supervises(who))
      return refused('forbidden', 'Only its agent or a supervisor returns a ticket.')
    return [{ type: 'ticket.returned', data: { fromUserId: ticket.context.userId ?? '' } }]
  },
})
