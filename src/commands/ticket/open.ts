import { z } from 'zod'
import { sessionKind } from '../../actors/session/chart.ts'
import { conversationKind, partedHop, type Hop } from '../../actors/conversation/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import { isoNow } from '../../shared/clock.ts'
import { answerOf, type Act } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { isRefusal, refused, type Answer, type Refusal } from '../define.ts'
import { claimTicket, completing, refuseLive, type Opening } from '../conversation/claim.ts'
import { isErased } from '../contact/identity.ts'
import { finishParting } from '../conversation/part.ts'
import { wayFrom } from '../conversation/way.ts'
import { personOf } from '../contact/person.ts'
import { locateConversation } from '../conversation/locate.ts'
import { releaseTicket } from '../conversation/release.ts'
import type { ChannelLimits } from '../message/channel-limits.ts'
import { contentFields, contentOf } from '../message/content.ts'
import { limitsRefusal, queuedFact, queueMessage, sendable, type Draft } from '../message/send.ts'

const ROUNDS_MAX = 10
/** How often a chat is looked for anew that is parted from what it was found to be. */
const LOOKS_MAX = 5
const PARTED_MEANWHILE = 'A conversation was parted from that of the ticket meanwhile.'

/**
 * Makes a conversation's ticket live for the asker: claim first, then the ticket's own facts. Where another agent's
 * ticket lives, that agent is named. Goes round where a closed ticket was not released yet.
 */
export const openFor = async (
  act: Act,
  from: string,
  opening: Opening,
  reopenTicketId: string | null,
  first: { readonly draft: Draft; readonly limits: ChannelLimits } | null,
  /** By which steps a chat leads there, if it was found by its addresses. */
  hops: readonly Hop[] = [],
): Promise<Answer | Refusal> => {
  const { principal } = act
  // As for what comes in: see `message/receive.ts`.
  let partings = 0
  if (await isErased(act, opening.contactId)) return refused('contact-erased', 'This person was erased.')
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const way = await wayFrom(one => act.state(conversationKind, one, 0), from)
    const { id: conversationId, state } = way.end
    const led = [...hops, ...way.hops]
    if (way.parted) await finishParting(act, way.parted.from, way.parted.hop)
    if (partedHop(state, hops)) return refused('conflict', PARTED_MEANWHILE)
    if (way.parted) continue
    const { live, last } = state.context
    if (!live) {
      const before = last && (await answeredBefore(act, last.ticketId, first?.draft ?? null))
      if (before) return before
      await claimTicket(act, conversationId, opening, reopenTicketId, state.context.ordinal, led)
      continue
    }
    const { state: ticket } = await act.state(ticketKind, live.ticketId)
    const completion = completing(ticket, live, 'user')
    if (completion === 'not-live') {
      await releaseTicket(act, conversationId, live.ticketId)
      continue
    }
    const ownerId = completion.length > 0 ? live.opening.userId : ticket.context.userId
    if (ownerId !== opening.userId) return refuseLive(act, live)
    const outcome = await act.transact(ticketKind, live.ticketId, (current, at) => {
      const completion = completing(current, live, 'user')
      if (completion === 'not-live') return refused('ticket-not-live', 'The ticket is closed.')
      if (!first) return completion
      if (current.context.partings.length > partings) return refused('conflict', PARTED_MEANWHILE)
      const { draft, limits } = first
      if (completion.length === 0) return queueMessage(current, principal, draft, at, limits)
      return limitsRefusal(limits, draft, at) ?? [...completion, queuedFact(draft, opening, at)]
    })
    if (outcome.outcome === 'refused' && outcome.refusal.refused === 'ticket-not-live') continue
    if (outcome.outcome === 'refused' && outcome.refusal.detail === PARTED_MEANWHILE) {
      partings = (await act.state(ticketKind, live.ticketId)).state.context.partings.length
      continue
    }
    return answerOf(live.ticketId, outcome, first ? { data: { messageId: first.draft.messageId } } : {})
  }
  throw new Error(`conversation ${from}: no ticket could be opened in ${ROUNDS_MAX} rounds`)
}

/** The answer to a request that is repeated after the ticket which it opened was closed again. */
const answeredBefore = async (
  act: Act,
  ticketId: string,
  text: { messageId: string } | null,
): Promise<Answer | Refusal | null> => {
  const { state } = await act.state(ticketKind, ticketId)
  if (!state.context.commands.some(command => command.id === act.commandId)) return null
  const outcome = await act.transact(ticketKind, ticketId, () => [])
  return answerOf(ticketId, outcome, text ? { data: { messageId: text.messageId } } : {})
}

/**
 * What the same request wrote before: in a ticket that was closed since, or that is none of this conversation's any more because it was
 * joined to another or parted from it. Where no ticket ever was, there is nothing to look for.
 */
const writtenBefore = async (
  act: Act,
  conversationId: string,
  messageId: string,
): Promise<Answer | Refusal | null> => {
  if (act.options.key === undefined) return null
  const { ordinal, redirectedAt } = (await act.state(conversationKind, conversationId)).state.context
  if (ordinal === 0 && redirectedAt < 0) return null
  const ticketId = await act.tools.ticketOfMessage(act.principal.companyId, messageId)
  if (ticketId === null) return null
  return answerOf(ticketId, await act.transact(ticketKind, ticketId, () => []), { data: { messageId } })
}

const openInput = z.object({ contactId: z.uuid(), sessionId: z.uuid(), ...contentFields })

const openWith = async (
  act: Act,
  { contactId: asKnown, sessionId, ...asked }: z.output<typeof openInput>,
): Promise<Answer | Refusal> => {
  const { principal } = act
  if (principal.kind !== 'user') return refused('forbidden', 'Only a person opens a ticket.')
  const { state: contact, id: contactId } = await personOf(act, asKnown, 0)
  if (!contact.matches('known')) return refused('not-found', 'There is no such contact.')
  if (contact.matches({ known: 'blocked' })) return refused('forbidden', 'This contact is blocked.')
  const { state: session } = await act.state(sessionKind, sessionId)
  if (!session.matches('existing')) return refused('not-found', 'There is no such session.')
  // Its own, if it has any: those of whoever was merged into it lead to the same conversation.
  const own = (await act.tools.contactCard(principal.companyId, contactId))?.addresses ?? []
  const addresses = own.length > 0 ? own : await act.tools.contactAddresses(principal.companyId, contactId)
  if (!addresses || addresses.length === 0)
    return refused('invalid', 'contactId: this contact has no address to write to.')
  const chat = { addresses, group: contact.context.isGroup, remembered: true }
  const { id: conversationId, hops } = await locateConversation(act, sessionId, chat)
  const [onlyQueue] = session.context.queueIds
  const opening: Opening = {
    number: await act.tools.ticketNumber(principal.companyId),
    sessionId,
    conversationId,
    contactId,
    isGroup: contact.context.isGroup,
    queueId: onlyQueue ?? null,
    userId: principal.userId,
  }
  if (Object.values(asked).every(part => part === undefined))
    return openFor(act, conversationId, opening, null, null, hops)
  const content = await contentOf(act, asked)
  if (isRefusal(content)) return content
  const messageId = act.idFor<string>('message')
  const before = await writtenBefore(act, conversationId, messageId)
  if (before) return before
  const ready = await sendable(act, content, opening, messageId)
  if (isRefusal(ready)) return ready
  const { limits } = ready
  const draft: Draft = { messageId, content: ready.content }
  // Before anything is claimed: a ticket is not opened for words that the channel does not take.
  const wrong = limitsRefusal(limits, draft, isoNow(act.tools.clock))
  return wrong ?? openFor(act, conversationId, opening, null, { draft, limits }, hops)
}

/** Opens a ticket with a contact who wrote before on a session, owned by whoever asks, with a first message if given. */
export const openTicket = command({
  name: 'ticket.open',
  summary: 'Write to a contact first',
  roles: HANDLERS,
  input: openInput,
  run: async (act, asked) => {
    for (let round = 1; ; round++) {
      const answer = await openWith(act, asked)
      const isParted = isRefusal(answer) && answer.detail === PARTED_MEANWHILE
      if (!isParted || round === LOOKS_MAX) return answer
    }
  },
})
