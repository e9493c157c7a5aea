import { isClosed } from '../../actors/ticket/chart.ts'
import { HANDLERS } from '../command.ts'
import { owns } from './rights.ts'
import { ticketCommand, ticketInput } from './ticket-command.ts'

/** The agent has seen what came in. Others may look without marking it. */
export const readTicket = ticketCommand({
  name: 'ticket.read',
  summary: 'Mark everything in your ticket as seen',
  roles: HANDLERS,
  input: ticketInput,
  conflictsWith: [],
  decide: (ticket, _, who) => {
    if (isClosed(ticket) || ticket.context.unread === 0 || !owns(who, ticket) || who.kind !== 'user')
      return []
    return [{ type: 'ticket.seen', data: { userId: who.userId } }]
  },
})
