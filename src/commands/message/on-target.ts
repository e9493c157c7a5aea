import { conversationKind } from '../../actors/conversation/chart.ts'
import { ackOf, actionOf, actionsOn, queuedRevisionOf, ticketKind } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { isoNow } from '../../shared/clock.ts'
import { keyMapGet } from '../../shared/keyset.ts'
import { partId } from '../../shared/message-parts.ts'
import { answerOf, type Act } from '../act.ts'
import { isRefusal, refused, type Answer, type Refusal } from '../define.ts'
import { resolveContact, wasErased } from '../contact/identity.ts'
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
  if (message.history && !fromMe && (await wasErased(act, author.addresses)))
    return refused('not-found', 'Of an erased person nothing comes back.')
  const contactId = fromMe
    ? await resolveContact(act, chat, chat.group)
    : await resolveContact(act, author, false)
  const at = isoNow(act.tools.clock)
  const places =
    message.type === 'revoke' ? [place, ...(await partsOf(act, sessionId, message.target))] : [place]
  // The last append speaks for all: if one cannot be made, the delivery comes again, and finds the others done.
  let answer: Answer | Refusal | null = null
  for (const [first, ...others] of byStream(places)) {
    const facts = [first, ...others].map(({ messageId }) => factOn(message, messageId, contactId, at))
    const kind = first.type === 'ticket' ? ticketKind : conversationKind
    // The command's id is derived from the provider's message: the same one delivered again is known by it.
    const outcome = await act.transact(kind, first.id, ({ context }) =>
      keyMapGet(context.received, act.commandId) ? [] : facts,
    )
    answer = answerOf(place.messageId, outcome)
    if (isRefusal(answer)) return answer
  }
  return answer ?? refused('not-found', 'The message that this is about is not known.')
}

/** Files of one message beyond this many stay: no channel takes so many. */
const PARTS_MAX = 100

/** What came with the channel's message beside its first part: all of it goes when it is taken back. */
const partsOf = async (act: Act, sessionId: string, target: string): Promise<readonly MessagePlace[]> => {
  const { companyId } = act.principal
  const places: MessagePlace[] = []
  for (let nth = 1; nth < PARTS_MAX; nth++) {
    const found = await act.tools.messageByProviderId(companyId, sessionId, partId(target, nth))
    const place = found && placeIn(companyId, found.stream, found.messageId)
    if (!place) break
    places.push(place)
  }
  return places
}

/** An append is one stream: parts may lie in two tickets, where one was closed between them. */
const byStream = (places: readonly MessagePlace[]): [MessagePlace, ...MessagePlace[]][] => {
  const groups = new Map<string, [MessagePlace, ...MessagePlace[]]>()
  for (const place of places) {
    const group = groups.get(place.id)
    if (group) group.push(place)
    else groups.set(place.id, [place])
  }
  return [...groups.values()]
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
