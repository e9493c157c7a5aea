import type { Act } from '../act.ts'
import { joinConversations, type Joined } from './join.ts'
import { partConversations } from './part.ts'

const ROUNDS_MAX = 10

export type Settled = Joined & { readonly conversationsParted: number }

/**
 * Makes of these conversations what their contacts are by now: those of one person on one session are joined, those of two are
 * parted. Contacts may be merged and parted while it is at work, so it goes round until nothing is left to do.
 */
export const settleConversations = async (act: Act, ids: readonly string[]): Promise<Settled> => {
  let settled: Settled = { conversationsJoined: 0, conversationsParted: 0, ticketsClosed: 0 }
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const parted = await partConversations(act, ids)
    const { conversationsJoined, ticketsClosed } = await joinConversations(act, ids)
    if (parted === 0 && conversationsJoined === 0) return settled
    settled = {
      conversationsJoined: settled.conversationsJoined + conversationsJoined,
      conversationsParted: settled.conversationsParted + parted,
      ticketsClosed: settled.ticketsClosed + ticketsClosed,
    }
  }
  throw new Error(`conversations ${ids.join(', ')} were not settled in ${ROUNDS_MAX} rounds`)
}
