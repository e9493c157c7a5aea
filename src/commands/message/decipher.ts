import { conversationKind } from '../../actors/conversation/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import { keyMapGet } from '../../shared/keyset.ts'
import { answerOf, type Act } from '../act.ts'
import type { Answer, Refusal } from '../define.ts'
import { resolveContact } from '../contact/identity.ts'
import type { InboundContent } from './inbound.ts'
import { decipheredFact } from './inbound-fact.ts'
import { placeIn } from './ref.ts'

/**
 * A message that stands there as undecryptable was sent again, and says something now: it is said of it where it stands, closed
 * tickets included, and wakes nobody a second time. `null`: it does not stand there, so it is taken in like any other.
 */
export const decipher = async (
  act: Act,
  sessionId: string,
  message: InboundContent,
): Promise<Answer | Refusal | null> => {
  const { companyId } = act.principal
  const found = await act.tools.messageByProviderId(companyId, sessionId, message.providerMessageId)
  const place = found && placeIn(companyId, found.stream, found.messageId)
  if (!place) return null
  const { chat, author, fromMe } = message
  const subject = fromMe
    ? await resolveContact(act, chat, chat.group)
    : await resolveContact(act, author, false)
  const fact = await decipheredFact(act, message, { sessionId, messageId: place.messageId, subject })
  const kind = place.type === 'ticket' ? ticketKind : conversationKind
  // The command's id is derived from the message's: said once, however often it is handed in.
  const outcome = await act
    .as(fromMe ? { kind: 'channel', id: sessionId } : { kind: 'contact', id: subject })
    .transact(kind, place.id, ({ context }) => (keyMapGet(context.received, act.commandId) ? [] : [fact]))
  return answerOf(place.messageId, outcome)
}
