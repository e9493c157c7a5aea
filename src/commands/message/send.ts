import { z } from 'zod'
import {
  ackOf,
  hasMessage,
  isClosed,
  isOpen,
  isSnoozed,
  ticketKind,
  type TicketState,
} from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import type { Principal } from '../../events/principal.ts'
import type { OutboundKind } from '../../providers/provider.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf, type Act } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { personOf } from '../contact/person.ts'
import { overCompanyLimit } from '../company/settings.ts'
import { isRefusal, refused, type Answer, type Refusal } from '../define.ts'
import { maySee, notFound, notLive, owns, supervises } from '../ticket/rights.ts'
import { asLink } from './as-link.ts'
import { contentLimits, limitsOf, windowRefusal, type ChannelLimits } from './channel-limits.ts'
import { contentFields, contentOf, type Content } from './content.ts'

/** How long a message may wait for its session before it fails with `session-offline`. */
export const SEND_DEADLINE_MINUTES = 60

export const deadlineFrom = (at: string): string =>
  new Date(Date.parse(at) + SEND_DEADLINE_MINUTES * 60_000).toISOString()

/** A message that is to be queued. Its id follows from the command: a repeated request is one message. */
export type Draft = {
  readonly messageId: string
  readonly content: Content
  readonly quotedId?: string | undefined
}

/** Pure: why the channel cannot carry this now. */
export const limitsRefusal = (
  limits: ChannelLimits,
  { content, quotedId }: Pick<Draft, 'content' | 'quotedId'>,
  at: string,
): Refusal | null =>
  contentLimits(limits, content, quotedId !== undefined) ??
  windowRefusal(limits, content.kind as OutboundKind, at)

/** Pure: an agent's message into an open ticket. Whoever answers has read what was there. */
export const queueMessage = (
  ticket: TicketState,
  who: Principal,
  draft: Draft,
  at: string,
  limits: ChannelLimits,
): readonly DecidedFact[] | Refusal => {
  if (ackOf(ticket, draft.messageId) !== undefined) return []
  if (isClosed(ticket)) return notLive()
  if (isSnoozed(ticket)) return refused('ticket-not-open', 'Bring the ticket back before you answer.')
  if (!isOpen(ticket)) return refused('ticket-not-open', 'Accept the ticket before you answer.')
  if (!owns(who, ticket) && !supervises(who))
    return refused('ticket-taken', 'Another agent has this ticket.', { userId: ticket.context.userId ?? '' })
  const { quotedId } = draft
  // Quoting shows the words again, to the customer too: only what this ticket knows can be quoted.
  if (quotedId && !hasMessage(ticket, quotedId))
    return refused('invalid', 'quotedId: this ticket has no such message.')
  const wrong = limitsRefusal(limits, draft, at)
  if (wrong) return wrong
  const userId = who.kind === 'user' ? who.userId : null
  const { contactId, unread } = ticket.context
  return [
    ...(userId !== null && unread > 0 ? [{ type: 'ticket.seen', data: { userId } } as const] : []),
    queuedFact(draft, { contactId, userId }, at),
  ]
}

export const queuedFact = (
  { messageId, content, quotedId }: Draft,
  { contactId, userId }: { readonly contactId: string; readonly userId: string | null },
  at: string,
): DecidedFact => {
  const { kind, media, forwardedId, link, ...personal } = content
  return {
    type: 'message.queued',
    subject: contactId,
    data: {
      messageId,
      ...(userId === null ? {} : { userId }),
      kind,
      deadline: deadlineFrom(at),
      ...(quotedId ? { quotedMessageId: quotedId } : {}),
      ...(media ? { media } : {}),
      ...(forwardedId ? { forwardedId } : {}),
      ...(link ? { link: { expiresAt: link.expiresAt } } : {}),
      personal: link ? { ...personal, linkText: link.text } : personal,
    },
  }
}

/** Whether nobody can be written to in this ticket; answered only to whoever may see it. */
export const recipientRefusal = async (act: Act, ticket: TicketState): Promise<Refusal | null> => {
  const { state: contact } = await personOf(act, ticket.context.contactId, 0)
  if (contact.matches('erased')) return refused('contact-erased', 'This person was erased.')
  if (contact.matches({ known: 'blocked' })) return refused('forbidden', 'This contact is blocked.')
  return null
}

/** A message's content as it goes out, and what the channel is asked about it. */
type Sendable = { readonly content: Content; readonly limits: ChannelLimits }

/**
 * What goes to the customer where somebody wants to send this: the file, or a link to it where the channel takes less.
 * Refused: what the company does not let out at all.
 */
export const sendable = async (
  act: Act,
  content: Content,
  { sessionId, conversationId }: { readonly sessionId: string; readonly conversationId: string },
  messageId: string,
): Promise<Sendable | Refusal> => {
  const over = content.media ? await overCompanyLimit(act, content.media.size) : null
  if (over) return over
  const limits = await limitsOf(act, sessionId, conversationId)
  return { content: await asLink(act, content, limits, messageId), limits }
}

/** Queues what `content` makes into a ticket, unless this very command did so before. */
export const queueInto = async (
  act: Act,
  ticketId: string,
  quotedId: string | undefined,
  content: () => Promise<Content | Refusal>,
): Promise<Answer | Refusal> => {
  const messageId = act.idFor<string>('message')
  const { state: seen } = await act.state(ticketKind, ticketId)
  if (!maySee(act.principal, seen)) return notFound()
  const repeated = ackOf(seen, messageId) !== undefined
  const unreachable = repeated ? null : await recipientRefusal(act, seen)
  if (unreachable) return unreachable
  const made = repeated ? null : await content()
  if (made && isRefusal(made)) return made
  const ready = made && (await sendable(act, made, seen.context, messageId))
  if (ready && isRefusal(ready)) return ready
  const outcome = await act.transact(ticketKind, ticketId, (ticket, at) => {
    if (!maySee(act.principal, ticket)) return notFound()
    if (!ready) return []
    return queueMessage(
      ticket,
      act.principal,
      { messageId, content: ready.content, quotedId },
      at,
      ready.limits,
    )
  })
  failPoint('send.queued')
  return answerOf(messageId, outcome, { data: { ticketId } })
}

/** Queues a message for the customer. */
export const sendMessage = command({
  name: 'message.send',
  summary: 'Answer the customer',
  roles: HANDLERS,
  input: z.object({ ticketId: z.uuid(), quotedId: z.uuid().optional(), ...contentFields }),
  run: (act, { ticketId, quotedId, ...asked }) =>
    queueInto(act, ticketId, quotedId, () => contentOf(act, asked)),
})
