import { conversationKind, type ConversationState } from '../../actors/conversation/chart.ts'
import { outboundOfTicket, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf, type Act } from '../act.ts'
import { command } from '../command.ts'
import { findConversation } from '../conversation/locate.ts'
import { ticketIdOf } from '../conversation/claim.ts'
import { isRefusal, refused, type Answer, type Refusal } from '../define.ts'
import { RANK } from './delivery.ts'
import { watermarkInput } from './inbound.ts'
import { placeIn } from './ref.ts'

/**
 * Some channels do not say of each message how far it got, but of all up to a moment. Each message of ours that was
 * started by then and was on its way is moved, in the live ticket and in those before it. Messages of one conversation
 * are handed over one after the other, so the moment of starting is before the channel's own time of that message and
 * after that of the one before: compared with it, no message is moved for its predecessor's sake.
 */
export type Mark = {
  readonly ack: 'delivered' | 'read'
  readonly at: string
  /** Of the newest message it is said of, where that is one of this ticket. It is exact then, whatever the clocks say. */
  readonly throughRevision?: number
}

/** So many facts are one append; the rest follows in the next. */
const FACTS_MAX = 500
/** Tickets that are looked at, newest first. What is older was covered by what the customer's app told before. */
const TICKETS_MAX = 10

/** Pure: the facts that a watermark makes of a ticket's messages. One that is being sent right now has to be waited for. */
export const watermarkFacts = (ticket: TicketState, mark: Mark): readonly DecidedFact[] | Refusal => {
  const { ack, at, throughRevision } = mark
  const upTo = Date.parse(at)
  const covered = outboundOfTicket(ticket).filter(message =>
    throughRevision === undefined
      ? message.at !== undefined && message.at <= upTo
      : message.revision <= throughRevision,
  )
  const facts = covered
    .filter(message => RANK[message.ack] >= RANK.sent && RANK[message.ack] < RANK[ack])
    .slice(0, FACTS_MAX)
    .map(({ messageId }): DecidedFact => ({ type: `message.${ack}`, data: { messageId, at } }))
  if (facts.length === 0 && covered.some(message => message.ack === 'sending'))
    return refused('busy', 'A message that this may be about is being sent: tell it again.')
  return facts
}

/** Whether everything of ours in the ticket is as far as the watermark says: then an earlier one went through before. */
const isBehind = (ticket: TicketState, ack: Mark['ack']): boolean => {
  const all = outboundOfTicket(ticket)
  if (all.some(message => message.ack === 'sending')) return false
  const sent = all.filter(message => RANK[message.ack] >= RANK.sent)
  return sent.length > 0 && sent.every(message => RANK[message.ack] >= RANK[ack])
}

const ticketsOf = (id: string, { context }: ConversationState): readonly string[] => {
  const named = [context.live?.ticketId, context.last?.ticketId].filter(ticket => ticket !== undefined)
  const before = Array.from({ length: TICKETS_MAX }, (_, i) => context.ordinal - i)
    .filter(ordinal => ordinal > 0)
    .map(ordinal => ticketIdOf(id, ordinal))
  return [...new Set([...named, ...before])].slice(0, TICKETS_MAX)
}

/** Where the newest message is that the watermark names; `null` where it is none of ours. */
const throughOf = async (act: Act, sessionId: string, providerMessageId: string | undefined) => {
  if (providerMessageId === undefined) return null
  const { companyId } = act.principal
  const found = await act.tools.messageByProviderId(companyId, sessionId, providerMessageId)
  const place = found?.fromMe ? placeIn(companyId, found.stream, found.messageId) : null
  if (place?.type !== 'ticket') return null
  const { state } = await act.state(ticketKind, place.id)
  const revision = outboundOfTicket(state).find(({ messageId }) => messageId === place.messageId)?.revision
  return revision === undefined ? null : { ticketId: place.id, revision }
}

/** How far all messages of ours in one chat got, up to a moment. */
export const recordWatermark = command({
  name: 'message.recordWatermark',
  summary: 'Take in how far all messages of a chat up to a moment got',
  roles: ['system'],
  input: watermarkInput,
  run: async (act, { sessionId, watermark }) => {
    const { ack, at, chat } = watermark
    const found = await findConversation(act, sessionId, chat.addresses)
    if (!found) return refused('not-found', 'There is no such conversation.')
    const through = await throughOf(act, sessionId, watermark.providerMessageId)
    const tickets = ticketsOf(found.id, found.state)
    // What came after the named message's ticket is not spoken of.
    const from = through ? Math.max(0, tickets.indexOf(through.ticketId)) : 0
    const positions: (string | null)[] = []
    for (const ticketId of tickets.slice(from)) {
      const { state } = await act.state(ticketKind, ticketId)
      if (isBehind(state, ack)) break
      const mark: Mark =
        through?.ticketId === ticketId ? { ack, at, throughRevision: through.revision } : { ack, at }
      const refusal = await markTicket(act, ticketId, mark, positions)
      if (refusal) return refusal
    }
    const { revision } = await act.state(conversationKind, found.id)
    return highestOf(found.id, revision, positions)
  },
})

const markTicket = async (
  act: Act,
  ticketId: string,
  mark: Mark,
  positions: (string | null)[],
): Promise<Refusal | null> => {
  for (;;) {
    let more = false
    const outcome = await act.transact(ticketKind, ticketId, ticket => {
      const facts = watermarkFacts(ticket, mark)
      more = !isRefusal(facts) && facts.length > 0
      return facts
    })
    failPoint('intake.status-recorded')
    const answer = answerOf(ticketId, outcome)
    if (isRefusal(answer)) return answer
    positions.push(answer.position)
    if (!more) return null
  }
}

const highestOf = (id: string, revision: number, positions: readonly (string | null)[]): Answer => {
  const position = positions.reduce<string | null>(
    (a, b) => (a === null || (b !== null && b > a) ? b : a),
    null,
  )
  return { id, revision, position, duplicate: position === null }
}
