import { conversationKind, type ConversationState, type Hop } from '../../actors/conversation/chart.ts'
import { partingOf, isClosed, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { keyMapGet, keyMapKeys } from '../../shared/keyset.ts'
import type { Act } from '../act.ts'
import { personOf } from '../contact/person.ts'
import { completing } from './claim.ts'
import { closeLive } from './close-live.ts'
import { IDS_PER_FACT_MAX, releaseTicket } from './release.ts'
import { isAddressOnly, wayFrom, type End, type Way } from './way.ts'

/**
 * Two conversations that were one become two again, and what is on its way at that moment is taken once, wherever it gets:
 *
 *   the one that stood for both says that nobody writes there any more who was led there by the other's redirection
 *   ─▶ so does the ticket that is live in it ─▶ everything known there is handed over, and writers come to the other again
 *
 * Whoever was under way collides with the first or the second fact and looks again; whoever was first is handed over. The same
 * redirection is never undone twice: a later merge makes a new one. Whoever meets a parting that was begun finishes it.
 */
const ROUNDS_MAX = 50

const fresh = async (act: Pick<Act, 'state'>, id: string): Promise<End> => ({
  id,
  state: (await act.state(conversationKind, id, 0)).state,
})
const wayOf = (act: Pick<Act, 'state'>, id: string): Promise<Way> =>
  wayFrom(one => act.state(conversationKind, one, 0), id)

/** Ends a live ticket that is another person's now, silently: nobody's words may come into it from the wrong side. */
export const closeOthers = async (act: Act, { id, state }: End): Promise<void> => {
  const { live, contactId } = state.context
  if (!live) return
  const [whose, person] = await Promise.all([
    personOf(act, live.opening.contactId, 0),
    personOf(act, contactId, 0),
  ])
  if (whose.id !== person.id) await closeLive(act, id, 'merged')
}

/** What is written by this step of a way, and under way until now, comes into the end of it no more. */
const sever = (act: Act, end: string, { id, redirect }: Hop) =>
  act.transact(conversationKind, end, conversation => {
    const { live, parted } = conversation.context
    if (!conversation.matches('started') || (parted[id]?.redirect ?? -1) >= redirect) return []
    const ticketId = live?.ticketId ?? null
    return [{ type: 'conversation.parted', data: { conversationId: id, redirect, ticketId } }]
  })

/** Nor into the ticket that was live there. A claim whose ticket was never written is written first. Answers the ticket then. */
const severTicket = async (act: Act, from: string, ticketId: string, hop: Hop): Promise<TicketState> => {
  const { live } = (await fresh(act, from)).state.context
  const parting = { conversationId: hop.id, redirect: hop.redirect }
  const outcome = await act.transact(ticketKind, ticketId, ticket => {
    const claim = live?.ticketId === ticketId ? live : null
    const completion = claim
      ? completing(ticket, claim, claim.opening.userId === null ? 'customer' : 'user')
      : []
    // Whoever claims a closed one again looks at the conversation before.
    if (completion === 'not-live' || (completion.length === 0 && isClosed(ticket))) return []
    return ticket.context.partings.includes(partingOf(parting))
      ? []
      : [...completion, { type: 'ticket.parted', data: parting }]
  })
  if (outcome.outcome !== 'done') throw new Error(`ticket ${ticketId} could not be told of a parting`)
  return outcome.state
}

/** Writers come here again, and everything that is known there is known here. Nothing, if it leads elsewhere by now. */
const restore = async (act: Act, { id, redirect }: Hop, from: string, known: readonly string[]) => {
  for (let again = true; again;) {
    const outcome = await act.transact(conversationKind, id, conversation => {
      const { received, redirectedAt } = conversation.context
      again = false
      if (!conversation.matches('redirected') || redirectedAt !== redirect) return []
      const unknown = known.filter(one => keyMapGet(received, one) === undefined)
      const messageIds = unknown.slice(0, IDS_PER_FACT_MAX)
      again = unknown.length > IDS_PER_FACT_MAX
      return again
        ? [{ type: 'conversation.messagesRemembered', data: { ticketId: from, messageIds } }]
        : [{ type: 'conversation.restored', data: { from, messageIds } }]
    })
    if (outcome.outcome !== 'done') throw new Error(`conversation ${id} could not be restored`)
    failPoint('part.restored')
  }
}

/** Finishes a parting that was begun in `from`, whoever began it. */
export const finishParting = async (act: Act, from: string, hop: Hop): Promise<void> => {
  const begun = (await fresh(act, from)).state.context.parted[hop.id]
  if (!begun || begun.redirect !== hop.redirect) return
  await closeOthers(act, (await wayOf(act, from)).end)
  const ticket = begun.ticketId === null ? null : await severTicket(act, from, begun.ticketId, hop)
  failPoint('part.ticket-severed')
  const { received } = (await fresh(act, from)).state.context
  const known = [
    ...new Set([...keyMapKeys(received), ...(ticket ? keyMapKeys(ticket.context.received) : [])]),
  ]
  await restore(act, hop, from, known)
}

/** Whether it leads to another person's, and so no longer should. Of somebody erased everything stands by itself. */
const isOthers = async (act: Act, mine: ConversationState, there: ConversationState): Promise<boolean> => {
  const [one, other] = await Promise.all([
    personOf(act, mine.context.contactId, 0),
    personOf(act, there.context.contactId, 0),
  ])
  return one.id !== other.id || one.state.matches('erased')
}

/** Answers whether it led elsewhere, and does no more. */
const partOne = async (act: Act, id: string): Promise<boolean> => {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { state } = await fresh(act, id)
    if (state.context.redirectedTo === null || isAddressOnly(state)) return round > 0
    const { end, parted } = await wayOf(act, id)
    if (parted) {
      await finishParting(act, parted.from, parted.hop)
      continue
    }
    if (!(await isOthers(act, state, end.state))) return round > 0
    const hop = { id, redirect: state.context.redirectedAt }
    await sever(act, end.id, hop)
    failPoint('part.severed')
    await finishParting(act, end.id, hop)
  }
  throw new Error(`conversation ${id} was not parted in ${ROUNDS_MAX} rounds`)
}

/** Parts conversations that were joined and whose contacts are two people again. Answers how many. */
export const partConversations = async (act: Act, ids: readonly string[]): Promise<number> => {
  let parted = 0
  for (const id of ids) {
    if (await partOne(act, id)) parted++
    // Whoever died between two steps of joining them may have left a ticket that both claim.
    const { live } = (await fresh(act, id)).state.context
    if (live) await releaseTicket(act, id, live.ticketId)
    await closeOthers(act, await fresh(act, id))
  }
  return parted
}
