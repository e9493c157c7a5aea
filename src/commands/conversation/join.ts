import { conversationKind, type Claim, type ConversationState } from '../../actors/conversation/chart.ts'
import { ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { keyMapEntries, keyMapGet, keyMapKeys, type KeyMap } from '../../shared/keyset.ts'
import type { Act } from '../act.ts'
import { refused } from '../define.ts'
import { personOf } from '../contact/person.ts'
import { completing } from './claim.ts'
import { closeLive } from './close-live.ts'
import { IDS_PER_FACT_MAX, releaseTicket } from './release.ts'
import { conversationEnd } from './way.ts'

/**
 * Two conversations of one person on one session become one, without a moment in which a message could be taken twice or two
 * tickets live:
 *
 *   both live: the ticket that was quiet for longer is closed ─▶ a live ticket that is left is claimed by the one that stays
 *   ─▶ every message id of the one that goes is handed over ─▶ the one that goes leads to the other, if nothing came meanwhile
 *
 * Each step is decided by what the log says at its moment; whoever is interrupted leaves something that is done again from the
 * top. Which one stays is a matter of their ids alone, so that nobody can lead one to the other the wrong way round.
 */
const ROUNDS_MAX = 50

export type Joined = { readonly conversationsJoined: number; readonly ticketsClosed: number }

type Conversation = { readonly id: string; readonly state: ConversationState }

/** When anybody last did something in a ticket. Receipts are nobody's doing. */
const activeAt = ({ context }: TicketState): number => {
  const sent = keyMapEntries(context.outbound).map(([, { at }]) => at ?? 0)
  const told = context.lifecycle.at(-1)?.at
  return [...sent, Date.parse(told ?? ''), Date.parse(context.lastInboundAt ?? '')].reduce(
    (latest, at) => (at > latest ? at : latest),
    0,
  )
}

/** Whether the live ticket is one, and is so under this claim; what a crash left half done is finished. */
const isSettled = async (act: Act, conversationId: string, live: Claim): Promise<boolean> => {
  const outcome = await act.transact(ticketKind, live.ticketId, ticket => {
    const completion = completing(ticket, live, live.opening.userId === null ? 'customer' : 'user')
    return completion === 'not-live' ? refused('ticket-not-live', 'The ticket is closed.') : completion
  })
  if (outcome.outcome !== 'refused') return true
  await releaseTicket(act, conversationId, live.ticketId)
  return false
}

/** Ends the live ticket of two that was quiet for longer. Answers whether there was still one to end. */
const closeQuieter = async (act: Act, stays: Conversation, goes: Conversation): Promise<boolean> => {
  const [mine, others] = await Promise.all(
    [stays, goes].map(async ({ state: { context } }) =>
      context.live ? activeAt((await act.state(ticketKind, context.live.ticketId)).state) : 0,
    ),
  )
  return closeLive(act, (others ?? 0) > (mine ?? 0) ? stays.id : goes.id, 'merged')
}

/** The live ticket of the one that goes lives on in the one that stays, and replies go where its customer writes from. */
const moveTicket = async (act: Act, stays: Conversation, goes: Conversation, live: Claim): Promise<void> => {
  const { companyId } = act.principal
  const { addressesHash, addressesRevision, contactId } = goes.state.context
  const addresses = await act.tools.conversationAddresses(companyId, goes.id, addressesRevision)
  await act.transact(conversationKind, stays.id, conversation => {
    if (!conversation.matches('started') || conversation.context.live) return []
    const claim = { type: 'conversation.ticketClaimed' as const, data: { ...live, reopen: true } }
    if (!addresses || addressesHash === null || conversation.context.addressesHash === addressesHash)
      return [claim]
    return [
      {
        type: 'conversation.addressesChanged',
        subject: contactId,
        data: { addressesHash, personal: { addresses: [...addresses] } },
      },
      claim,
    ]
  })
  failPoint('join.ticket-claimed')
}

const missing = (from: KeyMap<1>, known: KeyMap<1>): string[] =>
  keyMapKeys(from).filter(id => keyMapGet(known, id) === undefined)

/** Hands over what the one that goes knows. Answers the state of the one that stays after that. */
const handOver = async (act: Act, stays: string, goes: Conversation): Promise<ConversationState> => {
  const { received, ordinal, lastInboundAt, last } = goes.state.context
  for (;;) {
    let done = true
    const outcome = await act.transact(conversationKind, stays, conversation => {
      const { context } = conversation
      if (!conversation.matches('started')) return []
      const messageIds = missing(received, context.received)
      done = messageIds.length <= IDS_PER_FACT_MAX
      if (!done)
        return [
          {
            type: 'conversation.messagesRemembered',
            data: { ticketId: goes.id, messageIds: messageIds.slice(0, IDS_PER_FACT_MAX) },
          },
        ]
      const later = last && (!context.last || last.closedAt > context.last.closedAt) ? last : null
      if (messageIds.length === 0 && context.ordinal >= ordinal && !later) return []
      return [
        {
          type: 'conversation.absorbed',
          data: { conversationId: goes.id, ordinal, lastInboundAt, last: later, messageIds },
        },
      ]
    })
    if (outcome.outcome !== 'done') throw new Error(`conversation ${stays} could not take in ${goes.id}`)
    failPoint('join.handed-over')
    if (done) return outcome.state
  }
}

/** One step; after all but the last they have to be looked at again. */
const joinOnce = async (
  act: Act,
  stays: Conversation,
  goes: Conversation,
): Promise<'again' | 'closed' | 'joined'> => {
  const [a, b] = [stays.state.context.live, goes.state.context.live]
  if (a && !(await isSettled(act, stays.id, a))) return 'again'
  if (b && !(await isSettled(act, goes.id, b))) return 'again'
  if (b && !a) {
    await moveTicket(act, stays, goes, b)
    return 'again'
  }
  if (a && b && a.ticketId !== b.ticketId) return (await closeQuieter(act, stays, goes)) ? 'closed' : 'again'
  const taken = await handOver(act, stays.id, goes)
  const outcome = await act.transact(conversationKind, goes.id, conversation => {
    const { live, received } = conversation.context
    if (!conversation.matches('started')) return []
    const there = taken.context.live
    if (live && (live.ticketId !== there?.ticketId || live.ordinal > there.ordinal))
      return refused('ticket-live', 'A ticket was opened meanwhile.')
    if (missing(received, taken.context.received).length > 0)
      return refused('conflict', 'A message came in meanwhile.')
    return [{ type: 'conversation.redirected', data: { to: stays.id } }]
  })
  failPoint('join.redirected')
  return outcome.outcome === 'done' && outcome.state.matches('redirected') ? 'joined' : 'again'
}

/** Makes one of two. Answers how many tickets were closed for it; `null` if there was nothing to join. */
const join = async (act: Act, one: string, other: string): Promise<number | null> => {
  let ticketsClosed = 0
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const [a, b] = await Promise.all([conversationEnd(act.state, one), conversationEnd(act.state, other)])
    if (a.id === b.id) return round === 0 ? null : ticketsClosed
    if (!a.state.matches('started') || !b.state.matches('started')) return null
    const [stays, goes] = a.id < b.id ? [a, b] : [b, a]
    const step = await joinOnce(act, stays, goes)
    if (step === 'joined') return ticketsClosed
    if (step === 'closed') ticketsClosed++
  }
  throw new Error(`conversations ${one} and ${other} were not joined in ${ROUNDS_MAX} rounds`)
}

/** Joins those of these conversations that are one person's on one session. */
export const joinConversations = async (act: Act, ids: readonly string[]): Promise<Joined> => {
  const ends = new Map<string, string>()
  let [conversationsJoined, ticketsClosed] = [0, 0]
  for (const from of ids) {
    const { id, state } = await conversationEnd(act.state, from)
    if (!state.matches('started') || state.context.isGroup) continue
    const person = await personOf(act, state.context.contactId, 0)
    if (person.state.matches('erased')) continue
    const place = `${state.context.sessionId} ${person.id}`
    const first = ends.get(place)
    if (first === undefined) {
      ends.set(place, id)
      continue
    }
    const closed = await join(act, first, id)
    if (closed === null) continue
    conversationsJoined++
    ticketsClosed += closed
  }
  return { conversationsJoined, ticketsClosed }
}
