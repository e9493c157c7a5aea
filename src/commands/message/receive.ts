import {
  conversationKind,
  partedHop,
  type Claim,
  type ConversationState,
  type Hop,
} from '../../actors/conversation/chart.ts'
import { sessionKind } from '../../actors/session/chart.ts'
import { hasReceived, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { keyMapGet } from '../../shared/keyset.ts'
import { answerOf, type Act } from '../act.ts'
import { command } from '../command.ts'
import { isRefusal, refused, type Answer, type Refusal } from '../define.ts'
import { noteName } from '../contact/identity.ts'
import { claimTicket, completing } from '../conversation/claim.ts'
import { locateConversation } from '../conversation/locate.ts'
import { releaseTicket } from '../conversation/release.ts'
import { receiveInput, type InboundContent } from './inbound.ts'
import { contentFact, messageIdOf } from './inbound-fact.ts'
import { decipher } from './decipher.ts'
import { recordEcho } from './echo.ts'
import { recordOnTarget } from './on-target.ts'
import { authorOf, isPast, knowsMessage, recordPast } from './past.ts'
import { openingFor } from './routing.ts'
import { isHereFor, wakingFacts, type IsHere } from '../ticket/wake.ts'

/**
 * Intake of one message, in the order of the rules: duplicate? live ticket? group? reopen window? new. It goes round
 * when somebody else was first somewhere; each round is decided by what the log says then.
 */
const ROUNDS_MAX = 20

type Place = {
  readonly conversationId: string
  readonly contactId: string
  readonly messageId: string
  readonly hops: readonly Hop[]
}

export const receiveMessage = command({
  name: 'message.receive',
  summary: 'Take in what a session received',
  roles: ['system'],
  input: receiveInput,
  run: async (act, { sessionId, message }) => {
    const { state: session } = await act.state(sessionKind, sessionId, SESSION_FRESH_MS)
    if (!session.matches('existing')) return refused('not-found', 'There is no such session.')
    if (message.type !== 'message') return recordOnTarget(act, sessionId, message)
    if (message.fromMe && message.ref) return recordEcho(act, message.ref, message.providerMessageId)
    if (isPast(message, session)) return recordPast(act, sessionId, message)
    const known = message.deciphered ? await decipher(act, sessionId, message) : null
    if (known) return known
    const messageId = messageIdOf(await act.tools.tenantKey(act.principal.companyId), sessionId, message)
    const isRepeated = (state: ConversationState) => knowsMessage(act, state, messageId)
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const conversation = await locateConversation(act, sessionId, { ...message.chat, isRepeated })
      const { id: conversationId, contactId, hops } = conversation
      const place = { conversationId, contactId, messageId, hops }
      const authorId = await authorOf(act, message, contactId)
      const fact = await contentFact(act, message, { contactId, messageId, sessionId, authorId })
      // What a customer did is told of the customer; what the company wrote elsewhere, of its session.
      const asAuthor = message.fromMe ? act : act.as({ kind: 'contact', id: authorId })
      const answer = await route(asAuthor, place, message, fact, sessionId)
      if (answer === 'elsewhere') continue
      if (!message.fromMe && !message.chat.group && !isRefusal(answer) && !answer.duplicate)
        await noteName(act, contactId, message.author.name)
      return answer
    }
    throw new Error(`${ROUNDS_MAX} rounds without finding the conversation of a message`)
  },
})

/** Settings of a session may be this old where other processes change them. */
const SESSION_FRESH_MS = 2_000

/** `elsewhere`: the conversation was joined to another one since it was found, or the chat is parted from it. */
const route = async (
  act: Act,
  place: Place,
  message: InboundContent,
  fact: DecidedFact,
  sessionId: string,
): Promise<Answer | Refusal | 'elsewhere'> => {
  const { conversationId, messageId, hops } = place
  const positions: (string | null)[] = []
  // What the live ticket was told of partings before the conversation was read, and by that the chat still leads here.
  let partings = 0
  for (let round = 0; round < ROUNDS_MAX; round++) {
    // Staleness costs a round at most: tickets and claims are checked again where they are written.
    const { state } = await act.state(conversationKind, conversationId, round === 0 ? SESSION_FRESH_MS : 0)
    if (keyMapGet(state.context.received, messageId)) return alreadyThere(act, conversationId, messageId)
    if (!state.matches('started') || partedHop(state, hops)) return 'elsewhere'
    const { live } = state.context
    if (live) {
      const answer = await intoTicket(act, live, fact, messageId, partings, positions)
      if (answer === 'parted') {
        partings = (await act.state(ticketKind, live.ticketId)).state.context.partings.length
        continue
      }
      if (answer !== 'not-live') return answer
      positions.push(await releaseTicket(act, conversationId, live.ticketId))
      continue
    }
    const opening = await openingFor(act, state, place, message, sessionId)
    if (!opening) {
      const answer = await intoConversation(act, place, fact)
      if (answer !== 'live') return answer
      continue
    }
    await claimTicket(act, conversationId, opening.opening, opening.reopenTicketId, state.context.ordinal, [
      ...hops,
      ...opening.hops,
    ])
  }
  throw new Error(
    `conversation ${conversationId}: ${ROUNDS_MAX} rounds without finding a place for a message`,
  )
}

const alreadyThere = (act: Act, conversationId: string, messageId: string): Promise<Answer | Refusal> =>
  act
    .transact(conversationKind, conversationId, () => [])
    .then(outcome => answerOf(messageId, outcome, { data: { conversationId } }))

/** Appends to the live ticket, opening or reopening it first if its claim is all there is. */
const intoTicket = async (
  act: Act,
  claim: Claim,
  fact: DecidedFact,
  messageId: string,
  partings: number,
  positions: readonly (string | null)[],
): Promise<Answer | Refusal | 'not-live' | 'parted'> => {
  const outcome = await act.transact(ticketKind, claim.ticketId, ticket =>
    receiveInto(ticket, claim, fact, messageId, isHereFor(act), partings),
  )
  failPoint('intake.message-appended')
  if (outcome.outcome === 'refused' && outcome.refusal.refused === 'ticket-not-live') return 'not-live'
  if (outcome.outcome === 'refused' && outcome.refusal.refused === 'conflict') return 'parted'
  return answerOf(messageId, outcome, { positions, data: { ticketId: claim.ticketId } })
}

/**
 * Pure: a known message is a duplicate in every state, before any other rule. What a customer writes wakes the ticket. A claim that
 * is older than the ticket's life is out of date, and so is whoever knows of fewer `partings` than the ticket.
 */
export const receiveInto = (
  ticket: TicketState,
  claim: Claim,
  fact: DecidedFact,
  messageId: string,
  isHere: IsHere = () => true,
  partings = ticket.context.partings.length,
): readonly DecidedFact[] | Refusal => {
  if (hasReceived(ticket, messageId)) return []
  const completion = completing(ticket, claim, 'customer')
  if (completion === 'not-live')
    return refused('ticket-not-live', 'The ticket is closed, or was opened again since.')
  return ticket.context.partings.length > partings
    ? refused('conflict', 'A conversation was parted from that of the ticket meanwhile.')
    : [...completion, ...(fact.type === 'message.received' ? wakingFacts(ticket, 'reply', isHere) : []), fact]
}

/**
 * A message that belongs to no ticket is a fact of its conversation; unless one was claimed since we looked: then it belongs there,
 * and may be there already.
 */
const intoConversation = async (
  act: Act,
  { conversationId, messageId, hops }: Place,
  fact: DecidedFact,
): Promise<Answer | Refusal | 'live'> => {
  const outcome = await act.transact(conversationKind, conversationId, (conversation: ConversationState) => {
    const { context } = conversation
    if (keyMapGet(context.received, messageId)) return []
    return context.live || !conversation.matches('started') || partedHop(conversation, hops)
      ? refused('ticket-live', 'A ticket was opened meanwhile.')
      : [fact]
  })
  if (outcome.outcome === 'refused' && outcome.refusal.refused === 'ticket-live') return 'live'
  return answerOf(messageId, outcome, { data: { conversationId } })
}
