import { z } from 'zod'
import { fact, type FactOf, type OpenFactOf } from './define.ts'
import { messageEvents } from './message.ts'

export const TICKET_STATUSES = ['bot', 'pending', 'open', 'snoozed', 'rating', 'closed'] as const
export const ticketStatus = z.enum(TICKET_STATUSES)
export type TicketStatus = z.output<typeof ticketStatus>

/** What is decided about a ticket when it is claimed by its conversation; repeated in its first fact. */
export const ticketOpening = {
  number: z.int().positive(),
  sessionId: z.uuid(),
  conversationId: z.uuid(),
  contactId: z.uuid(),
  isGroup: z.boolean(),
  queueId: z.uuid().nullable(),
  /** Set when an agent opened it by writing first; the ticket is then `open`. */
  userId: z.uuid().nullable(),
}

export const ticketEvents = {
  /** `ordinal`: of the conversation's claim under which it lives. */
  'ticket.opened': fact({ ...ticketOpening, ordinal: z.int().positive() }),
  /** `waitedMs`: from the time it became pending. */
  'ticket.accepted': fact({ userId: z.uuid(), waitedMs: z.int().nonnegative() }),
  'ticket.returned': fact({ fromUserId: z.uuid() }),
  'ticket.takenOver': fact({ userId: z.uuid(), fromUserId: z.uuid() }),
  'ticket.queueChanged': fact({ queueId: z.uuid().nullable() }),
  'ticket.closed': fact({
    reason: z.enum(['solved', 'silent', 'merged', 'inactive']),
    userId: z.uuid().nullable(),
  }),
  /** `userId` null: it waits again (`pending`). */
  'ticket.reopened': fact({
    userId: z.uuid().nullable(),
    by: z.enum(['customer', 'user']),
    ordinal: z.int().positive(),
  }),
  /** `userId` put it aside. `until` null: only the customer's next message brings it back. Said again, it counts anew. */
  'ticket.snoozed': fact({ userId: z.uuid(), until: z.iso.datetime().nullable() }),
  /** The one way out of being snoozed. `userId`: whose it is again (`open`); null: it waits (`pending`). */
  'ticket.woken': fact({
    by: z.enum(['timer', 'reply', 'user', 'close', 'agent-left']),
    userId: z.uuid().nullable(),
  }),
  /**
   * While it lived, another person's conversation was parted from the one that it lives in (`conversation.parted` there): what was on
   * its way from that one, by the redirection of revision `redirect`, comes here no more.
   */
  'ticket.parted': fact({ conversationId: z.uuid(), redirect: z.int().nonnegative() }),
  /** Everything up to here was seen by an agent. */
  'ticket.seen': fact({ userId: z.uuid() }),
  ...messageEvents,
} as const

export type TicketEvent = FactOf<typeof ticketEvents>
export type TicketOpenFact = OpenFactOf<typeof ticketEvents>
