import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { timerIdOf, type TimerKind } from '../events/timer.ts'
import { derivedId } from '../shared/ids.ts'
import { ignoring, instant, type Projection } from './define.ts'
import { idIn, idOf } from './place.ts'

/** One armed timer: of each kind an actor has at most one. What is not armed has no row. */
export type TimerRow = {
  readonly company_id: string
  /** Of the actor's place for timers of this kind. */
  readonly id: string
  readonly kind: TimerKind
  readonly actor_id: string
  /** Named after the fact that armed it. */
  readonly timer_id: string
  readonly due_at: string
}

const placeOf = (kind: TimerKind, actorId: string): string => derivedId('timer-row', kind, actorId)

/** Which timers are due is f(facts): this table can be thrown away and made again. Whether one may fire, its actor says. */
export const timerRow: Projection<TimerRow> = {
  table: 'timer_row',
  version: 1,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    kind: 'text not null',
    actor_id: 'uuid not null',
    timer_id: 'uuid not null',
    due_at: 'text collate "C" not null',
  },
  indexes: ['(due_at, id)'],
  creates: [],
  keyOf: fact => {
    if (fact.type !== 'ticket.snoozed' && fact.type !== 'ticket.woken') return null
    const ticketId = idIn('ticket', fact)
    return ticketId && placeOf('ticket.snooze', ticketId)
  },
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'ticket.snoozed': (_, { data, meta, stream, revision }) => {
      if (data.until === null) return undefined
      const ticketId = idOf(stream)
      return {
        company_id: meta.companyId,
        id: placeOf('ticket.snooze', ticketId),
        kind: 'ticket.snooze',
        actor_id: ticketId,
        timer_id: timerIdOf('ticket.snooze', ticketId, revision),
        due_at: instant(data.until),
      }
    },
    'ticket.woken': () => undefined,
  },
}
