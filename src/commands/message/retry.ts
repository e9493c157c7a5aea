import { z } from 'zod'
import { ackOf, actionOf, ticketKind } from '../../actors/ticket/chart.ts'
import { answerOf } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { refused } from '../define.ts'
import { maySee, notFound, owns, supervises } from '../ticket/rights.ts'
import { deadlineFrom } from './send.ts'

/**
 * Another try of a message that failed or whose outcome is unknown, because a person asks for it: only a person may
 * take the risk that the customer gets it twice.
 */
export const retryMessage = command({
  name: 'message.retry',
  summary: 'Send a failed message again',
  roles: HANDLERS,
  input: z.object({ ticketId: z.uuid(), messageId: z.uuid() }),
  run: async (act, { ticketId, messageId }) => {
    const who = act.principal
    const outcome = await act.transact(ticketKind, ticketId, (ticket, at) => {
      if (!maySee(who, ticket)) return notFound()
      if (!owns(who, ticket) && !supervises(who))
        return refused('forbidden', 'Only its agent or a supervisor sends a message again.')
      if (actionOf(ticket, messageId))
        return refused('not-retryable', 'Ask for it again instead.', {
          ack: ackOf(ticket, messageId) ?? null,
        })
      const ack = ackOf(ticket, messageId)
      if (ack === undefined) return refused('not-found', 'There is no such message.')
      if (ack === 'queued' || ack === 'sending') return []
      if (ack !== 'failed' && ack !== 'unknown')
        return refused('not-retryable', 'This message was sent.', { ack })
      const userId = who.kind === 'user' ? { userId: who.userId } : {}
      return [{ type: 'message.requeued', data: { messageId, ...userId, deadline: deadlineFrom(at) } }]
    })
    return answerOf(messageId, outcome, { data: { ticketId } })
  },
})
