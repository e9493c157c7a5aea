import { derivedId } from '../shared/ids.ts'

/**
 * Durable timers: what a fact arms for a later time. A timer is named after the fact that armed it, so whoever derives
 * it from the log names the same one, and arming again is another timer.
 */
export const TIMER_KINDS = ['ticket.snooze'] as const
export type TimerKind = (typeof TIMER_KINDS)[number]

/** The timer that the fact with this revision of this actor's stream armed. */
export const timerIdOf = (kind: TimerKind, actorId: string, revision: number): string =>
  derivedId('timer', kind, actorId, revision)
