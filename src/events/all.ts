import { auditEvents } from './audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from './company.ts'
import { aliasEvents, contactEvents } from './contact.ts'
import { conversationEvents } from './conversation.ts'
import type { FactDefinition, FactOf, Recorded } from './define.ts'
import { sessionEvents } from './session.ts'
import { ticketEvents } from './ticket.ts'

/** The whole vocabulary: every fact that the log may hold, by type. */
export const allEvents = {
  ...companyEvents,
  ...userEvents,
  ...queueEvents,
  ...deadLetterEvents,
  ...aliasEvents,
  ...contactEvents,
  ...sessionEvents,
  ...conversationEvents,
  ...ticketEvents,
  ...auditEvents,
} as const satisfies Record<string, FactDefinition>

export type EventType = keyof typeof allEvents
export type DomainEvent = FactOf<typeof allEvents>
/** Any fact as the log gives it back. */
export type RecordedEvent = Recorded<DomainEvent>
/** The recorded fact of one type. */
export type RecordedOf<T extends EventType> = Extract<RecordedEvent, { type: T }>
