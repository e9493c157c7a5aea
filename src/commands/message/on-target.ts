import { conversationKind } from '../../actors/conversation/chart.ts'
import { ackOf, actionOf, actionsOn, queuedRevisionOf, ticketKind } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { isoNow } from '../../shared/clock.ts'
import { keyMapGet } from '../../shared/keyset.ts'
import { answerOf, type Act } from '../act.ts'
import { refused, type Answer, type Refusal } from '../define.ts'
import { resolveContact } from '../contact/identity.ts'
import type { Inbound } from './inbound.ts'
import { recordDelivery } from './delivery.ts'
import { placeIn, type MessagePlace } from './ref.ts'

type OnTarget = Exclude<Inbound, { type: 'message' }>

/**
 * A reaction, edit or revoke goes to the stream of the message that it is about, closed tickets included, and never
 * opens a ticket. About a message that we never saw there is nothing to record.
 */
export const recordOnTarget = async (
  act: Act,
  sessionId: string,
  message: OnTarget,
): Promise<Answer | Refusal> => {
  const { companyId } = act.principal
  const found = await act.tools.messageByProviderId(companyId, sessionId, message.target)
  const place = found && placeIn(companyId, found.stream, found.messageId)
  if (!place) return refused('not-found', 'The message that this is about is not known.')
  const own = await ownAction(act, place, message)
  if (own) return own
  // What the company did from its phone belongs to the one it was done to: the company is nobody's contact.
  const { chat, author, fromMe } = message
  const contactId = fromMe
    ? await resolveContact(act, chat, chat.group)
    : await resolveContact(act, author, false)
  const fact = factOn(message, place.messageId, contactId, isoNow(act.tools.clock))
  const kind = place.type === 'ticket' ? ticketKind : conversationKind
  // The command's id is derived from the provider's message: the same one delivered again is known by it.
  const outcome = await act.transact(kind, place.id, ({ context }) =>
    keyMapGet(context.received, act.commandId) ? [] : [fact],
  )
  return answerOf(place.messageId, outcome)
}

/**
 * What we did comes back as an echo. One that was recorded as sent is known by the channel's id; one whose sending has no
 * outcome yet, by its words, and that it came back is the outcome.
 */
const ownAction = async (
  act: Act,
  place: MessagePlace,
  message: OnTarget,
): Promise<Answer | Refusal | null> => {
  if (!message.fromMe || place.type !== 'ticket') return null
  const { companyId } = act.principal
  const { state } = await act.state(ticketKind, place.id)
  const same = actionsOn(state, place.messageId).filter(id => actionOf(state, id)?.type === message.type)
  for (const id of same) {
    const ack = ackOf(state, id)
    const { providerMessageId } = message
    if (ack === 'sending' || ack === 'unknown') {
      if (!(await saysTheSame(act, place.id, queuedRevisionOf(state, id), message))) continue
      const at = isoNow(act.tools.clock)
      return recordDelivery(act, { ...place, messageId: id }, { ack: 'sent', providerMessageId, at })
    }
    if ((await act.tools.messages.sentId(companyId, place.id, id)) === providerMessageId)
      return answerOf(place.messageId, await act.transact(ticketKind, place.id, () => []))
  }
  return null
}

const saysTheSame = async (
  act: Act,
  ticketId: string,
  revision: number | undefined,
  message: OnTarget,
): Promise<boolean> => {
  if (message.type === 'revoke') return true
  const fact = await act.tools.messages.fact(act.principal.companyId, ticketId, revision ?? 0)
  const personal = fact?.type === 'message.actionQueued' ? fact.data.personal : null
  return message.type === 'edit' ? personal?.body === message.text : personal?.emoji === message.emoji
}

const factOn = (message: OnTarget, messageId: string, contactId: string, at: string): DecidedFact => {
  switch (message.type) {
    case 'reaction':
      return {
        type: 'message.reacted',
        subject: contactId,
        data: {
          messageId,
          fromMe: message.fromMe,
          ...(message.fromMe ? {} : { authorId: contactId }),
          personal: { emoji: message.emoji },
        },
      }
    case 'edit':
      return {
        type: 'message.edited',
        subject: contactId,
        data: { messageId, at, personal: { body: message.text } },
      }
    case 'revoke':
      return { type: 'message.revoked', data: { messageId, at } }
  }
}
