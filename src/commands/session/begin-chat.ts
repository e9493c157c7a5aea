import { z } from 'zod'
import { sessionKind } from '../../actors/session/chart.ts'
import { answerOf } from '../act.ts'
import { command } from '../command.ts'
import { refused } from '../define.ts'

/**
 * Counts a chat with a stranger against the day's budget, before its first message leaves. Asked by the session's owner,
 * which paces it; one that was deposed meanwhile is refused by its fence.
 */
export const beginChat = command({
  name: 'session.beginChat',
  summary: 'Record that a chat is begun with somebody new',
  roles: ['system'],
  input: z.object({ id: z.uuid(), fence: z.int(), conversationId: z.uuid(), messageId: z.uuid() }),
  run: async (act, { id, fence, conversationId, messageId }) => {
    const outcome = await act.transact(sessionKind, id, ({ context }) => {
      if (!context.wanted || context.fence !== fence)
        return refused('session-wrong-state', 'Another node owns this session now.')
      return context.chatsBegun.some(chat => chat.conversationId === conversationId)
        ? []
        : [{ type: 'session.chatBegun', data: { conversationId, messageId } }]
    })
    return answerOf(id, outcome)
  },
})
