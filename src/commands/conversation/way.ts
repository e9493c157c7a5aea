import {
  conversationKind,
  partedHop,
  type ConversationState,
  type Hop,
} from '../../actors/conversation/chart.ts'
import type { Act } from '../act.ts'

/** Redirects lead from greater ids to smaller ones; a chat that never was anything else's may lead anywhere, once. */
const STEPS_MAX = 16

export type End = { readonly id: string; readonly state: ConversationState }

/** Where a chat lives on, by which steps, and of them the one that leads there no more: its parting was begun, and not finished. */
export type Way = {
  readonly end: End
  readonly hops: readonly Hop[]
  readonly parted: { readonly from: string; readonly hop: Hop } | null
}

/** A conversation that never was one of its own is only another address of the one to which it leads. */
export const isAddressOnly = ({ context }: ConversationState): boolean =>
  context.redirectedTo !== null && context.contactId === ''

/**
 * A conversation as far as its place is concerned. What is settled stays so, for ever: only what seems absent is read afresh, and what
 * leads elsewhere since it was joined, because that may have been taken back.
 */
export const settledState = async (
  stateOf: Act['state'],
  id: string,
): Promise<{ readonly state: ConversationState }> => {
  const { state } = await stateOf(conversationKind, id, Number.POSITIVE_INFINITY)
  const mayHaveChanged = state.matches('absent') || (state.matches('redirected') && !isAddressOnly(state))
  return mayHaveChanged ? stateOf(conversationKind, id, 0) : { state }
}

/** @throws Error where redirects make a circle */
export const wayFrom = async (
  stateOf: (id: string) => Promise<{ readonly state: ConversationState }>,
  from: string,
): Promise<Way> => {
  const hops: Hop[] = []
  let parted: Way['parted'] = null
  let id = from
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const { state } = await stateOf(id)
    const hop = partedHop(state, hops)
    if (hop) parted ??= { from: id, hop }
    const { redirectedTo, redirectedAt } = state.context
    if (redirectedTo === null) return { end: { id, state }, hops, parted }
    hops.push({ id, redirect: redirectedAt })
    id = redirectedTo
  }
  throw new Error(`conversation ${from} is redirected in a circle`)
}

/** The conversation in which one lives on; itself, if it was never joined to another. */
export const conversationEnd = async (stateOf: Act['state'], from: string, freshMs = 0): Promise<End> =>
  (await wayFrom(id => stateOf(conversationKind, id, freshMs), from)).end
