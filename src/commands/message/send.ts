import { contactKind } from '../../actors/contact/chart.ts'
import { z } from 'zod'
import {
  ackOf,
  hasReceived,
  isClosed,
  isOpen,
  isSnoozed,
  ticketKind,
  type TicketState,
} from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import type { Principal } from '../../events/principal.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { refused, type Refusal } from '../define.ts'
import { maySee, notFound, notLive, owns, supervises } from '../ticket/rights.ts'

/** How long a message may wait for its session before it fails with `session-offline`. */
export const SEND_DEADLINE_MINUTES = 60
/** What one agent may write at once; channels have lower limits of their own. */
export const BODY_LENGTH_MAX = 4_096

export const deadlineFrom = (at: string): string =>
  new Date(Date.parse(at) + SEND_DEADLINE_MINUTES * 60_000).toISOString()

/** Pure: an agent's text into an open ticket. */
export const queueText = (
  ticket: TicketState,
  who: Principal,
  text: { messageId: string; body: string; quotedId?: string | undefined },
  at: string,
): readonly DecidedFact[] | Refusal => {
  // The id follows from the command: a repeated request is one message, however long ago it was.
  if (ackOf(ticket, text.messageId) !== undefined) return []
  if (isClosed(ticket)) return notLive()
  if (isSnoozed(ticket)) return refused('ticket-not-open', 'Bring the ticket back before you answer.')
  if (!isOpen(ticket)) return refused('ticket-not-open', 'Accept the ticket before you answer.')
  if (!owns(who, ticket) && !supervises(who))
    return refused('ticket-taken', 'Another agent has this ticket.', { userId: ticket.context.userId ?? '' })
  const { quotedId } = text
  // Quoting shows the words again, to the customer too: only what this ticket knows can be quoted.
  if (quotedId && !hasReceived(ticket, quotedId) && ackOf(ticket, quotedId) === undefined)
    return refused('invalid', 'quotedId: this ticket has no such message.')
  return [
    {
      type: 'message.queued',
      subject: ticket.context.contactId,
      data: {
        messageId: text.messageId,
        ...(who.kind === 'user' ? { userId: who.userId } : {}),
        kind: 'text',
        deadline: deadlineFrom(at),
        ...(text.quotedId ? { quotedMessageId: text.quotedId } : {}),
        personal: { body: text.body },
      },
    },
  ]
}

export const messageBody = z
  .string()
  .max(BODY_LENGTH_MAX)
  .refine(body => body.trim().length > 0, 'must not be empty')

/** Queues a text for the customer. The message's id follows from the command: a repeated request is one message. */
export const sendMessage = command({
  name: 'message.send',
  summary: 'Answer the customer',
  roles: HANDLERS,
  input: z.object({ ticketId: z.uuid(), body: messageBody, quotedId: z.uuid().optional() }),
  run: async (act, { ticketId, body, quotedId }) => {
    const messageId = act.idFor<string>('message')
    const { state: seen } = await act.state(ticketKind, ticketId)
    const { state: contact } = await act.state(contactKind, seen.context.contactId || ticketId)
    if (maySee(act.principal, seen) && contact.matches('erased'))
      return refused('contact-erased', 'This person was erased.')
    if (maySee(act.principal, seen) && contact.matches({ known: 'blocked' }))
      return refused('forbidden', 'This contact is blocked.')
    const outcome = await act.transact(ticketKind, ticketId, (ticket, at) =>
      maySee(act.principal, ticket)
        ? queueText(ticket, act.principal, { messageId, body, quotedId }, at)
        : notFound(),
    )
    failPoint('send.queued')
    return answerOf(messageId, outcome, { data: { ticketId } })
  },
})
