import { z } from 'zod'
import { conversationKind } from '../../actors/conversation/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import { answerOf } from '../act.ts'
import { command } from '../command.ts'
import { refused } from '../define.ts'
import { completing } from './claim.ts'
import { releaseTicket } from './release.ts'

/**
 * Finishes what a crash left between two streams: a claim whose ticket was never written gets its ticket, a ticket that
 * was closed and not released is. Whoever comes next to the conversation would do the same; this needs nobody to come.
 */
export const repairConversation = command({
  name: 'conversation.repair',
  summary: "Finish a conversation's claim or release",
  roles: ['system'],
  input: z.object({ conversationId: z.uuid() }),
  run: async (act, { conversationId }) => {
    const { state, revision } = await act.state(conversationKind, conversationId)
    const { live } = state.context
    if (!live) return { id: conversationId, revision, position: null, duplicate: true }
    const completed = await act.transact(ticketKind, live.ticketId, ticket => {
      const completion = completing(ticket, live, live.opening.userId === null ? 'customer' : 'user')
      return completion === 'not-live' ? refused('ticket-not-live', 'The ticket is closed.') : completion
    })
    if (completed.outcome !== 'refused') return answerOf(conversationId, completed)
    const position = await releaseTicket(act, conversationId, live.ticketId)
    return { id: conversationId, revision, position, duplicate: position === null }
  },
})
