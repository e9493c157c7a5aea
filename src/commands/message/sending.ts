import { z } from 'zod'
import { ackOf, ticketKind, type TicketState, type Unsent } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { answerOf } from '../act.ts'
import { command } from '../command.ts'
import { refused } from '../define.ts'
import { HELD_BY } from '../../events/message.ts'
import { effectOf, withActionOutcome } from './action-outcome.ts'
import { deadlineFrom } from './send.ts'

/**
 * The send protocol, as commands of the session's owner: `message.sending` is appended before the wire call, and only
 * whoever won that append sends; then exactly one outcome follows. A crash in between leaves `sending`, which the next
 * owner turns into *unknown*.
 */
const SENDER = ['system'] as const

/** Refusals of the channel that count against a message before it fails for good. */
export const SEND_RETRIES_MAX = 3
const BACKOFF_MS = 2_000

const headOf = (ticket: TicketState, messageId: string): Unsent | null => {
  const [head] = ticket.context.outbox
  return head?.messageId === messageId ? head : null
}

export const startSending = command({
  name: 'message.startSending',
  summary: 'Win the right to hand a message to the channel',
  roles: SENDER,
  input: z.object({ ticketId: z.uuid(), messageId: z.uuid(), fence: z.string() }),
  run: async (act, { ticketId, messageId, fence }) => {
    const outcome = await act.transact(ticketKind, ticketId, ticket => {
      const head = headOf(ticket, messageId)
      if (!head || head.sending) return refused('conflict', 'This message is not waiting to be sent.')
      return [{ type: 'message.sending', data: { messageId, attempt: head.attempts + 1, fence } }]
    })
    return answerOf(messageId, outcome)
  },
})

const result = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('sent'), providerMessageId: z.string().min(1).max(512) }),
  z.object({
    outcome: z.literal('refused'),
    reason: z.string(),
    code: z.string().optional(),
    retryable: z.boolean(),
    retryAfterMs: z.number().nonnegative().optional(),
    /** It never left us (the link was down): waiting for the session, not a refusal of the channel. */
    offline: z.boolean().optional(),
  }),
  z.object({ outcome: z.literal('unknown'), reason: z.string() }),
  z.object({ outcome: z.literal('expired') }),
  /** The session's pacing holds it back: it never started. */
  z.object({ outcome: z.literal('held'), by: z.enum(HELD_BY), until: z.iso.datetime() }),
])
export type SendOutcome = z.output<typeof result>

/** Pure: what the outcome of a send makes of the message. A status that came first has the last word. */
export const outcomeFacts = (
  ticket: TicketState,
  messageId: string,
  outcome: SendOutcome,
  at: string,
): readonly DecidedFact[] => {
  const unsent = ticket.context.outbox.find(message => message.messageId === messageId)
  const ack = ackOf(ticket, messageId)
  // The answer came after all, although a new owner of the session had given it up already.
  if (ack === 'unknown' && outcome.outcome === 'sent')
    return [sentFact(ticket, messageId, outcome.providerMessageId)]
  if (!unsent || ack === undefined) return []
  if (outcome.outcome === 'expired')
    return unsent.sending
      ? []
      : [
          {
            type: 'message.failed',
            data: { messageId, code: 'session-offline', reason: 'session offline', retryable: true },
          },
        ]
  if (outcome.outcome === 'held') return unsent.sending ? [] : [heldFact(unsent, outcome)]
  if (!unsent.sending) return []
  const { attempt } = unsent.sending
  switch (outcome.outcome) {
    case 'sent':
      return [sentFact(ticket, messageId, outcome.providerMessageId)]
    case 'unknown':
      return [{ type: 'message.outcomeUnknown', data: { messageId, attempt, reason: outcome.reason } }]
    case 'refused':
      return [refusalFact(unsent, outcome, at)]
  }
}

const sentFact = (ticket: TicketState, messageId: string, providerMessageId: string): DecidedFact => ({
  type: 'message.sent',
  subject: ticket.context.contactId,
  data: { messageId, personal: { providerMessageId } },
})

/** What we hold back ourselves does not run out of time meanwhile: its hour begins when it may go. */
const heldFact = (
  { messageId, retries }: Unsent,
  { by, until }: Extract<SendOutcome, { outcome: 'held' }>,
): DecidedFact => ({
  type: 'message.deferred',
  data: { messageId, reason: 'pacing', until, retries, held: { by, deadline: deadlineFrom(until) } },
})

const refusalFact = (
  unsent: Unsent,
  { reason, code, retryable, retryAfterMs, offline }: Extract<SendOutcome, { outcome: 'refused' }>,
  at: string,
): DecidedFact => {
  const { messageId } = unsent
  const retries = unsent.retries + (offline ? 0 : 1)
  if (!retryable || retries > SEND_RETRIES_MAX)
    return { type: 'message.failed', data: { messageId, reason, retryable, ...(code ? { code } : {}) } }
  const wait = retryAfterMs ?? BACKOFF_MS * 2 ** Math.max(0, retries - 1)
  const until = new Date(Date.parse(at) + wait).toISOString()
  return { type: 'message.deferred', data: { messageId, reason, until, retries } }
}

export const recordOutcome = command({
  name: 'message.recordOutcome',
  summary: 'Record what a send came to',
  roles: SENDER,
  input: z.object({ ticketId: z.uuid(), messageId: z.uuid(), result }),
  run: async (act, { ticketId, messageId, result: outcome }) => {
    const effect = outcome.outcome === 'sent' ? await effectOf(act, ticketId, messageId) : null
    const done = await act.transact(ticketKind, ticketId, (ticket, at) =>
      withActionOutcome(ticket, messageId, outcomeFacts(ticket, messageId, outcome, at), effect),
    )
    return answerOf(messageId, done)
  },
})
