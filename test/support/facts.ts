import { BEFORE, idOf, type Told } from './given.ts'

/** Facts as stories begin with them. */
type Opening = Extract<Told, { type: 'ticket.opened' }>['data']

export const openingOf = (more: Partial<Omit<Opening, 'ordinal'>> = {}): Omit<Opening, 'ordinal'> => ({
  number: 7,
  sessionId: idOf('session'),
  conversationId: idOf('conversation'),
  contactId: idOf('contact'),
  isGroup: false,
  queueId: idOf('sales'),
  userId: null,
  ...more,
})

export const opened = (more: Partial<Opening> = {}): Told => ({
  type: 'ticket.opened',
  data: { ...openingOf(more), ordinal: more.ordinal ?? 1 },
})
export const received = (name: string): Told => ({
  type: 'message.received',
  data: {
    messageId: idOf(name),
    authorId: idOf('contact'),
    kind: 'text',
    sentAt: BEFORE,
    receivedAt: BEFORE,
    late: false,
  },
})
export const accepted = (by: string): Told => ({
  type: 'ticket.accepted',
  data: { userId: idOf(by), waitedMs: 0 },
})
export const returned = (by: string): Told => ({ type: 'ticket.returned', data: { fromUserId: idOf(by) } })
export const closed = (by: string | null = null, at: string = BEFORE): Told => ({
  type: 'ticket.closed',
  data: { reason: 'solved', userId: by === null ? null : idOf(by) },
  at,
})
export const reopened = (by: string | null, ordinal: number): Told => ({
  type: 'ticket.reopened',
  data: { userId: by === null ? null : idOf(by), by: by === null ? 'customer' : 'user', ordinal },
})

export const snoozed = (by: string, until: string | null): Told => ({
  type: 'ticket.snoozed',
  data: { userId: idOf(by), until },
})
export const woken = (owner: string | null, by: 'timer' | 'reply' | 'user' | 'close' = 'timer'): Told => ({
  type: 'ticket.woken',
  data: { by, userId: owner === null ? null : idOf(owner) },
})

const DEADLINE = '2026-03-02T12:30:00.000Z'
export const queued = (name: string): Told => ({
  type: 'message.queued',
  data: { messageId: idOf(name), userId: idOf('ana'), kind: 'text', deadline: DEADLINE },
})
export const sending = (name: string, attempt = 1): Told => ({
  type: 'message.sending',
  data: { messageId: idOf(name), attempt, fence: '3' },
})
export const sent = (name: string): Told => ({ type: 'message.sent', data: { messageId: idOf(name) } })
export const delivered = (name: string): Told => ({
  type: 'message.delivered',
  data: { messageId: idOf(name), at: BEFORE },
})
export const failed = (name: string): Told => ({
  type: 'message.failed',
  data: { messageId: idOf(name), reason: 'no such number', retryable: false },
})
export const deferred = (name: string, retries: number): Told => ({
  type: 'message.deferred',
  data: { messageId: idOf(name), reason: 'slow down', until: BEFORE, retries },
})
export const outcomeUnknown = (name: string): Told => ({
  type: 'message.outcomeUnknown',
  data: { messageId: idOf(name), attempt: 1, reason: 'cut' },
})
export const requeued = (name: string): Told => ({
  type: 'message.requeued',
  data: { messageId: idOf(name), userId: idOf('ana'), deadline: DEADLINE },
})

export const started = (more: { isGroup?: boolean } = {}): Told => ({
  type: 'conversation.started',
  data: {
    sessionId: idOf('session'),
    contactId: idOf('contact'),
    isGroup: more.isGroup ?? false,
    addressesHash: 'h',
  },
})
export const claimed = (ticket: string, ordinal: number, reopen = false): Told => ({
  type: 'conversation.ticketClaimed',
  data: { ticketId: idOf(ticket), ordinal, reopen, opening: openingOf() },
})
export const released = (
  ticket: string,
  ordinal: number,
  more: { closedAt?: string; userId?: string; messageIds?: string[] } = {},
): Told => ({
  type: 'conversation.ticketReleased',
  data: {
    ticketId: idOf(ticket),
    ordinal,
    closedAt: more.closedAt ?? BEFORE,
    queueId: idOf('sales'),
    userId: more.userId ? idOf(more.userId) : null,
    messageIds: more.messageIds ?? [],
  },
})
