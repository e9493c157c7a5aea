import { ackOf, actionOf, queuedRevisionOf, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { isoNow } from '../../shared/clock.ts'
import type { Act } from '../act.ts'

/** Pure: what an action of ours came to is told of its message, in the append that tells what its sending came to. */
export const withActionOutcome = (
  ticket: TicketState,
  id: string,
  facts: readonly DecidedFact[],
  effect: DecidedFact | null,
): readonly DecidedFact[] => {
  const action = actionOf(ticket, id)
  if (!action) return facts
  const failed = (reason: string, code?: string): DecidedFact => ({
    type: 'message.actionFailed',
    data: {
      messageId: action.targetId,
      actionId: id,
      action: action.type,
      reason,
      ...(code === undefined ? {} : { code }),
    },
  })
  return facts.flatMap((fact): DecidedFact[] => {
    if (fact.type === 'message.sent') return effect ? [fact, effect] : [fact]
    if (fact.type === 'message.failed') return [fact, failed(fact.data.reason, fact.data.code)]
    if (fact.type === 'message.outcomeUnknown') return [fact, failed(fact.data.reason, 'outcome-unknown')]
    return [fact]
  })
}

/**
 * What an action changes once it was sent: its words lie in the fact that queued it. `null` for a message, and for an
 * erased person.
 */
export const effectOf = async (act: Act, ticketId: string, id: string): Promise<DecidedFact | null> => {
  let { state } = await act.state(ticketKind, ticketId, Number.POSITIVE_INFINITY)
  // Queued by another node a moment ago.
  if (ackOf(state, id) === undefined) ({ state } = await act.state(ticketKind, ticketId))
  const action = actionOf(state, id)
  const revision = queuedRevisionOf(state, id)
  if (!action || revision === undefined) return null
  const at = isoNow(act.tools.clock)
  const about = { messageId: action.targetId, actionId: id }
  if (action.type === 'revoke') return { type: 'message.revoked', data: { ...about, at } }
  const fact = await act.tools.messages.fact(act.principal.companyId, ticketId, revision)
  if (fact?.type !== 'message.actionQueued' || !fact.data.personal) return null
  const { emoji = '', body = '' } = fact.data.personal
  const subject = state.context.contactId
  return action.type === 'edit'
    ? { type: 'message.edited', subject, data: { ...about, at, personal: { body } } }
    : { type: 'message.reacted', subject, data: { ...about, fromMe: true, personal: { emoji } } }
}
