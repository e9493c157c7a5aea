import { z } from 'zod'
import { isClosed, isPending } from '../../actors/ticket/chart.ts'
import { HANDLERS } from '../command.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { releaseTicket } from '../conversation/release.ts'
import { refused } from '../define.ts'
import { owns, supervises } from './rights.ts'
import { LIFECYCLE, ticketCommand } from './ticket-command.ts'
import { wakingFacts } from './wake.ts'

/**
 * Ends a ticket, then releases its conversation. A crash between the two leaves a claim without a live ticket, which
 * whoever comes next releases.
 */
export const closeTicket = ticketCommand({
  name: 'ticket.close',
  summary: 'Close a ticket',
  roles: HANDLERS,
  input: z.object({ id: z.uuid(), silent: z.boolean().optional() }),
  conflictsWith: LIFECYCLE,
  decide: (ticket, { silent }, who) => {
    if (isClosed(ticket)) return []
    if (silent && !supervises(who)) return refused('forbidden', 'Only supervisors close a ticket silently.')
    // A waiting ticket may be closed by any member of its queue, which is who sees it.
    if (!isPending(ticket) && !owns(who, ticket) && !supervises(who))
      return refused('forbidden', 'Only its agent or a supervisor closes an open ticket.')
    const userId = who.kind === 'user' ? who.userId : null
    return [
      ...wakingFacts(ticket, 'close', () => true),
      { type: 'ticket.closed', data: { reason: silent ? 'silent' : 'solved', userId } },
    ]
  },
  after: async (act, ticket, id) => {
    failPoint('ticket.closed')
    const released = await releaseTicket(act, ticket.context.conversationId, id)
    failPoint('ticket.released')
    return [released]
  },
})
