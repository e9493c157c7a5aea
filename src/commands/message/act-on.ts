import { z } from 'zod'
import {
  ackOf,
  hasMessage,
  isLive,
  ownMessageAck,
  ticketKind,
  type TicketState,
} from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import type { MessageAction } from '../../events/message.ts'
import type { Principal } from '../../events/principal.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf, type Act } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { conversationEnd } from '../conversation/way.ts'
import { refused, type Answer, type Refusal } from '../define.ts'
import { maySee, notFound, owns, supervises } from '../ticket/rights.ts'
import { kindRefusal, limitsOf, windowRefusal, type ChannelLimits } from './channel-limits.ts'
import { messageBody } from './content.ts'
import type { KnownMessage } from './read-message.ts'
import { deadlineFrom, recipientRefusal } from './send.ts'

/**
 * What an agent does to a message that exists: react, edit, delete for everyone. Each goes through the outbox of the
 * message's ticket like a message, under an id of its own; what it came to is recorded with the outcome of its sending.
 */
type Wanted = {
  readonly messageId: string
  readonly action: MessageAction
  readonly emoji?: string | undefined
  readonly body?: string | undefined
}

/** What has to be known beside the ticket itself. */
type Known = {
  readonly message: KnownMessage | null
  readonly limits: ChannelLimits
  /** Whether the asker has the conversation's live ticket. */
  readonly ownsLive: boolean
}

const MINUTE_MS = 60_000
const unchangeable = (why: string, detail: string): Refusal => refused('not-changeable', detail, { why })

/** Pure: whether the message lets this be done to it. */
const targetRefusal = (
  ticket: TicketState,
  { messageId, action, body }: Wanted,
  { message, limits }: Known,
  at: string,
): Refusal | null => {
  if (!message || !hasMessage(ticket, messageId)) return refused('not-found', 'There is no such message.')
  if (message.deleted) return unchangeable('deleted', 'This message was deleted.')
  const wrong = kindRefusal(limits, action)
  if (wrong) return wrong
  if (action === 'reaction') return windowRefusal(limits, action, at)
  const ack = ownMessageAck(ticket, messageId)
  if (ack === undefined) return unchangeable('not-ours', 'Only what was written here can be changed.')
  if (ack === 'failed') return unchangeable('not-sent', 'This message was never sent.')
  if (action === 'revoke') return null
  const { editMinutesMax, textLengthMax, captions } = limits.capabilities ?? {}
  const worded =
    message.kind === 'text' || (captions as readonly string[] | undefined)?.includes(message.kind)
  const { personal } = message
  // Other words would take the link's place.
  const isLink = personal !== null && 'linkText' in personal && personal.linkText !== undefined
  if (!worded || isLink) return unchangeable('kind', 'This kind of message has no words to change.')
  if (editMinutesMax !== undefined && Date.parse(at) - Date.parse(message.at) > editMinutesMax * MINUTE_MS)
    return unchangeable('too-old', `This channel lets a message be changed for ${editMinutesMax} minutes.`)
  if (textLengthMax !== undefined && (body ?? '').length > textLengthMax)
    return refused('unsupported-by-channel', `This channel takes ${textLengthMax} characters at most.`, {
      what: 'length',
      kind: action,
      max: textLengthMax,
    })
  return null
}

/** Pure: an action on a message of this ticket, live or closed, into its outbox. */
export const queueAction = (
  ticket: TicketState,
  who: Principal,
  actionId: string,
  wanted: Wanted,
  known: Known,
  at: string,
): readonly DecidedFact[] | Refusal => {
  // The id follows from the command: a repeated request is one action.
  if (ackOf(ticket, actionId) !== undefined) return []
  const may = supervises(who) || (isLive(ticket) ? owns(who, ticket) : known.ownsLive)
  if (!may) return refused('forbidden', 'Only its agent or a supervisor does that.')
  const wrong = targetRefusal(ticket, wanted, known, at)
  if (wrong) return wrong
  const { messageId, action, emoji, body } = wanted
  return [
    {
      type: 'message.actionQueued',
      subject: ticket.context.contactId,
      data: {
        messageId,
        actionId,
        action,
        ...(who.kind === 'user' ? { userId: who.userId } : {}),
        deadline: deadlineFrom(at),
        personal: {
          ...(emoji === undefined ? {} : { emoji }),
          ...(body === undefined ? {} : { body }),
        },
      },
    },
  ]
}

const ownsLiveOf = async (act: Act, conversationId: string): Promise<boolean> => {
  const { live } = (await conversationEnd(act.state, conversationId)).state.context
  return live !== null && owns(act.principal, (await act.state(ticketKind, live.ticketId)).state)
}

const actOn = async (act: Act, ticketId: string, wanted: Wanted): Promise<Answer | Refusal> => {
  const { principal, tools } = act
  const actionId = act.idFor<string>('action')
  const { state: seen } = await act.state(ticketKind, ticketId)
  if (!maySee(principal, seen)) return notFound()
  const repeated = ackOf(seen, actionId) !== undefined
  const unreachable = repeated ? null : await recipientRefusal(act, seen)
  if (unreachable) return unreachable
  const { sessionId, conversationId } = seen.context
  const known: Known = {
    message: repeated ? null : await tools.messages.message(principal.companyId, ticketId, wanted.messageId),
    limits: await limitsOf(act, sessionId, conversationId),
    ownsLive: !repeated && !isLive(seen) && (await ownsLiveOf(act, conversationId)),
  }
  const outcome = await act.transact(ticketKind, ticketId, (ticket, at) =>
    maySee(principal, ticket) ? queueAction(ticket, principal, actionId, wanted, known, at) : notFound(),
  )
  failPoint('send.queued')
  return answerOf(actionId, outcome, { data: { ticketId } })
}

const target = { ticketId: z.uuid(), messageId: z.uuid() }

/** An empty emoji takes the reaction back. */
export const reactToMessage = command({
  name: 'message.react',
  summary: 'React to a message, or take the reaction back',
  roles: HANDLERS,
  input: z.object({ ...target, emoji: z.string().max(32) }),
  run: (act, { ticketId, messageId, emoji }) =>
    actOn(act, ticketId, { messageId, action: 'reaction', emoji: emoji.trim() }),
})

export const editMessage = command({
  name: 'message.edit',
  summary: 'Change the words of a message that was sent',
  roles: HANDLERS,
  input: z.object({ ...target, body: messageBody }),
  run: (act, { ticketId, messageId, body }) => actOn(act, ticketId, { messageId, action: 'edit', body }),
})

export const revokeMessage = command({
  name: 'message.revoke',
  summary: 'Delete a message for everyone',
  roles: HANDLERS,
  input: z.object(target),
  run: (act, { ticketId, messageId }) => actOn(act, ticketId, { messageId, action: 'revoke' }),
})
