import { randomInt } from 'node:crypto'
import { createStory } from '../../../test/support/company-story.ts'
import type { FactLog } from '../../../test/support/fact-log.ts'

type Live = { id: string; contactId: string; open: boolean; messages: string[] }
const oneOf = <T>(list: readonly T[]): T => list[randomInt(list.length)]!

/**
 * A random history of one company: tickets, messages, acks in any order, edits, reactions, queues that are renamed.
 * The folds believe everything, so the story needs no rules.
 */
export const liveHistory = async (log: FactLog, steps: number): Promise<void> => {
  const story = createStory(log)
  await story.found()
  const queues = [await story.queue('Sales'), await story.queue('Support')]
  const users = [await story.user('agent', queues), await story.user('supervisor', queues)]
  const tickets: Live[] = []
  const open = async (): Promise<void> => {
    const ticket = await story.ticket({ queueId: oneOf([null, ...queues]) })
    tickets.push({ ...ticket, open: true, messages: [] })
  }
  await open()
  const say = (ticket: Live, ...facts: Parameters<FactLog['say']>[3]) =>
    log.say(story.companyId, 'ticket', ticket.id, facts, { subject: ticket.contactId })
  const aboutMessage = async (ticket: Live): Promise<void> => {
    const messageId = ticket.messages.length > 0 ? oneOf(ticket.messages) : story.companyId
    const at = new Date(Date.now() - randomInt(10_000)).toISOString()
    await say(
      ticket,
      oneOf([
        { type: 'message.sending' as const, data: { messageId, attempt: randomInt(3) + 1, fence: '1' } },
        {
          type: 'message.sent' as const,
          data: { messageId, personal: { providerMessageId: `p${randomInt(100)}` } },
        },
        { type: 'message.delivered' as const, data: { messageId, at } },
        { type: 'message.read' as const, data: { messageId, at } },
        { type: 'message.failed' as const, data: { messageId, reason: 'no', retryable: true } },
        { type: 'message.outcomeUnknown' as const, data: { messageId, attempt: 1, reason: 'cut' } },
        { type: 'message.requeued' as const, data: { messageId, deadline: at } },
        {
          type: 'message.edited' as const,
          data: { messageId, at, personal: { body: `edited ${randomInt(99)}` } },
        },
        { type: 'message.revoked' as const, data: { messageId, at } },
        {
          type: 'message.reacted' as const,
          data: { messageId, fromMe: randomInt(2) > 0, personal: { emoji: oneOf(['', '👍', '🎉']) } },
        },
      ]),
    )
  }
  const lifecycle = async (ticket: Live): Promise<void> => {
    const userId = oneOf(users).userId
    await say(
      ticket,
      oneOf([
        { type: 'ticket.accepted' as const, data: { userId, waitedMs: 5 } },
        { type: 'ticket.returned' as const, data: { fromUserId: userId } },
        { type: 'ticket.queueChanged' as const, data: { queueId: oneOf([null, ...queues]) } },
        { type: 'ticket.closed' as const, data: { reason: 'solved' as const, userId } },
        {
          type: 'ticket.reopened' as const,
          data: { userId: oneOf([null, userId]), by: 'user' as const, ordinal: 2 },
        },
        { type: 'ticket.seen' as const, data: { userId } },
      ]),
    )
  }
  for (let i = 0; i < steps; i++) {
    const ticket = oneOf(tickets)
    const dice = randomInt(10)
    if (dice === 0) await open()
    else if (dice < 4) ticket.messages.push((await story.receive(ticket, `text ${i}`)).messageId)
    else if (dice < 5)
      ticket.messages.push((await story.reply(ticket, oneOf(users).userId, `answer ${i}`)).messageId)
    else if (dice < 8) await aboutMessage(ticket)
    else await lifecycle(ticket)
  }
}
