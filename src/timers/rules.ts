import type { TimerKind } from '../events/timer.ts'

/**
 * What becomes of a timer that comes late, because the server was down or its clock jumped: it runs all the same, or past
 * `afterMs` another command takes its place, one that lets it go (`skip`) or one that puts it before a person (`ask`).
 */
export type LatePolicy =
  | { readonly policy: 'run' }
  | { readonly policy: 'skip' | 'ask'; readonly afterMs: number; readonly command: string }

/** `command` is asked with `{id, timerId}` of the actor that armed it, and refuses unless that very timer is armed and due. */
export type TimerRule = { readonly command: string; readonly late: LatePolicy }

export const TIMER_RULES: { readonly [K in TimerKind]: TimerRule } = {
  // However late: a ticket that nobody sees again would be forgotten.
  'ticket.snooze': { command: 'ticket.wakeByTimer', late: { policy: 'run' } },
}

/** Pure: what is asked of a timer that was due at `dueAt` (ISO 8601) when it is `nowMs`. */
export const commandFor = ({ command, late }: TimerRule, dueAt: string, nowMs: number): string =>
  late.policy !== 'run' && nowMs - Date.parse(dueAt) > late.afterMs ? late.command : command
