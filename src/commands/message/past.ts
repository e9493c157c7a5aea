import { conversationKind, partedHop, type ConversationState } from '../../actors/conversation/chart.ts'
import { contactKind } from '../../actors/contact/chart.ts'
import type { SessionState } from '../../actors/session/chart.ts'
import { hasReceived, ticketKind } from '../../actors/ticket/chart.ts'
import { keyMapGet } from '../../shared/keyset.ts'
import { answerOf, type Act } from '../act.ts'
import { refused, type Answer, type Refusal } from '../define.ts'
import { noteName, resolveContact, wasErased } from '../contact/identity.ts'
import { locateConversation } from '../conversation/locate.ts'
import type { InboundContent } from './inbound.ts'
import { contentFact, messageIdOf } from './inbound-fact.ts'

/**
 * What was said on a number before it was linked. It stands in its conversation, beside all tickets, to be read: it opens and
 * reopens nothing, wakes nobody, is not counted as unread. What we have already, as it came live or was written here, is
 * not taken a second time; and what an erased person said before does not come back by it.
 */
const ROUNDS_MAX = 5

/**
 * What came about when the number was linked comes by both ways. It is taken in like anything that comes late: better a ticket
 * for what was answered already than none for what was not.
 */
const ABOUT_THE_LINK_MS = 60_000

/** Pure: whether it is to be read only. */
export const isPast = (
  { history, sentAt }: Pick<InboundContent, 'history' | 'sentAt'>,
  session: SessionState,
): boolean => {
  const { linkedAt } = session.context
  return (
    history === true && (linkedAt === null || Date.parse(sentAt) < Date.parse(linkedAt) - ABOUT_THE_LINK_MS)
  )
}

/** Whether the conversation or its live ticket has the message already. */
export const knowsMessage = async (
  act: Act,
  { context }: ConversationState,
  messageId: string,
): Promise<boolean> => {
  if (keyMapGet(context.received, messageId) !== undefined) return true
  return (
    context.live !== null &&
    hasReceived((await act.state(ticketKind, context.live.ticketId)).state, messageId)
  )
}

/** In a group each author is a contact of their own. */
export const authorOf = async (act: Act, message: InboundContent, contactId: string): Promise<string> =>
  message.chat.group && !message.fromMe ? resolveContact(act, message.author, false) : contactId

const known = (id: string): Answer => ({ id, revision: 0, position: null, duplicate: true })

export const recordPast = async (
  act: Act,
  sessionId: string,
  message: InboundContent,
): Promise<Answer | Refusal> => {
  const { companyId } = act.principal
  const { chat, author, fromMe, providerMessageId } = message
  // By the channel's id: what we sent has an id of our own, and a person may have been known by fewer addresses.
  const found = await act.tools.messageByProviderId(companyId, sessionId, providerMessageId)
  if (found) return known(found.messageId)
  const messageId = messageIdOf(await act.tools.tenantKey(companyId), sessionId, message)
  if (await wasErased(act, [...chat.addresses, ...(fromMe ? [] : author.addresses)])) return known(messageId)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    // Replies go where they went: an old chat may be written with an old address.
    const place = await locateConversation(act, sessionId, { ...chat, remembered: true })
    const { state } = await act.state(conversationKind, place.id)
    if (await knowsMessage(act, state, messageId)) return known(messageId)
    const authorId = await authorOf(act, message, place.contactId)
    const fact = await contentFact(act, message, {
      contactId: place.contactId,
      messageId,
      sessionId,
      authorId,
    })
    const outcome = await act
      .as(fromMe ? { kind: 'channel', id: sessionId } : { kind: 'contact', id: authorId })
      .transact(conversationKind, place.id, conversation => {
        if (!conversation.matches('started') || partedHop(conversation, place.hops))
          return refused('conflict', 'Another conversation is this chat now.')
        return keyMapGet(conversation.context.received, messageId) ? [] : [fact]
      })
    if (outcome.outcome === 'refused') continue
    if (!fromMe) await nameFirst(act, authorId, author.name)
    return answerOf(messageId, outcome, { data: { conversationId: place.id } })
  }
  throw new Error(`${ROUNDS_MAX} rounds without finding the conversation of what was said before`)
}

/** How somebody was called back then: better than no name, and than none that came since. */
const nameFirst = async (act: Act, contactId: string, name: string | undefined): Promise<void> => {
  const { state } = await act.state(contactKind, contactId, Number.POSITIVE_INFINITY)
  if (state.context.nameHash === null) await noteName(act, contactId, name)
}
