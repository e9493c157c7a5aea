import { conversationKind } from '../../actors/conversation/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { isoNow } from '../../shared/clock.ts'
import { keyMapGet } from '../../shared/keyset.ts'
import { answerOf, type Act } from '../act.ts'
import { refused, type Answer, type Refusal } from '../define.ts'
import { resolveContact } from '../contact/identity.ts'
import type { Inbound } from './inbound.ts'
import { placeIn } from './ref.ts'

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
