import { sessionKind } from '../../actors/session/chart.ts'
import { isClosed, ticketKind } from '../../actors/ticket/chart.ts'
import { command, HANDLERS } from '../command.ts'
import { refused } from '../define.ts'
import { openFor } from './open.ts'
import { maySee, notFound, supervises } from './rights.ts'
import { ticketInput } from './ticket-command.ts'
import { releaseTicket } from '../conversation/release.ts'

/** A closed ticket lives again, owned by whoever reopens it: supervisors always, its last agent within the window. */
export const reopenTicket = command({
  name: 'ticket.reopen',
  summary: 'Reopen a closed ticket and take it',
  roles: HANDLERS,
  input: ticketInput,
  run: async (act, { id }) => {
    const { principal, tools } = act
    if (principal.kind !== 'user') return refused('forbidden', 'Only a person reopens a ticket.')
    const { state: ticket, revision } = await act.state(ticketKind, id)
    if (!maySee(principal, ticket)) return notFound()
    const { context } = ticket
    if (!isClosed(ticket)) {
      if (context.userId === principal.userId) return { id, revision, position: null, duplicate: true }
      return refused('ticket-live', 'The ticket is live.', { ticketId: id, userId: context.userId })
    }
    if (!supervises(principal)) {
      const { state: session } = await act.state(sessionKind, context.sessionId)
      const closedMs = tools.clock.now() - Date.parse(context.closedAt ?? '')
      if (closedMs > session.context.settings.reopenMinutes * 60_000)
        return refused('forbidden', 'The time to reopen it yourself is over; ask a supervisor.')
    }
    await releaseTicket(act, context.conversationId, id)
    const { number, sessionId, conversationId, contactId, isGroup, queueId } = context
    return openFor(
      act,
      conversationId,
      { number, sessionId, conversationId, contactId, isGroup, queueId, userId: principal.userId },
      id,
      null,
    )
  },
})
