import { isOpen } from '../../actors/ticket/chart.ts'
import { SUPERVISORS } from '../command.ts'
import { refused } from '../define.ts'
import { LIFECYCLE, ticketCommand, ticketInput } from './ticket-command.ts'

/** A supervisor takes an open ticket from its agent. */
export const takeOverTicket = ticketCommand({
  name: 'ticket.takeover',
  summary: 'Take an open ticket from another agent',
  roles: SUPERVISORS,
  input: ticketInput,
  conflictsWith: LIFECYCLE,
  decide: (ticket, _, who) => {
    if (who.kind !== 'user') return refused('forbidden', 'Only a person takes a ticket over.')
    if (!isOpen(ticket)) return refused('ticket-not-open', 'Only an open ticket can be taken over.')
    const { userId } = ticket.context
    if (userId === who.userId) return []
    return [{ type: 'ticket.takenOver', data: { userId: who.userId, fromUserId: userId ?? '' } }]
  },
})
