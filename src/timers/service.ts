import { isRefusal, type Door } from '../commands/define.ts'
import type { TimerKind } from '../events/timer.ts'
import type { Lease } from '../jobs/lease.ts'
import type { DueTimer } from '../projections/read-models.ts'
import { pause, type Clock } from '../shared/clock.ts'
import { failPoint } from '../shared/fail-point.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import { commandFor, TIMER_RULES, type TimerRule } from './rules.ts'

/**
 * Rings for what is due. It knows nothing for certain: its table follows the log and may be behind, made anew, or read
 * by another process too, so a timer may ring early, twice, or for what is over. The command that it asks decides by the
 * log: it refuses unless exactly this timer is armed and its time has come. What must not happen is that one never rings:
 * a timer stays in the table, and is rung for again, until the log says that it is disarmed.
 */
export type TimersTools = {
  readonly door: Door
  dueTimers(now: string): Promise<readonly DueTimer[]>
  /** Resolves when the read models show everything that the log held at this moment. */
  caughtUp(stop: AbortSignal): Promise<void>
  /** One process at a time, where there are several: it only spares double work. */
  readonly acquireLease?: () => Promise<Lease | null>
  readonly rules?: { readonly [K in TimerKind]: TimerRule }
  readonly clock: Clock
  readonly log: Log
}

/** How often it looks. The clock is asked anew each time, so that a jump of it is noticed as soon. */
const LOOK_EVERY_MS = 1_000
/** What was rung for is left alone so long: the table needs a moment to show it. */
const AGAIN_AFTER_MS = 5_000
/** After a start agents' browsers come back within this; before it everybody would look away. */
const SETTLE_MS = 3_000
const STANDBY_MS = 2_000

export type Timers = Service & {
  /** Rings for what is due now; answers how many led to something. */
  look(): Promise<number>
}

export const createTimers = (tools: TimersTools): Timers => {
  const { door, clock } = tools
  const rules = tools.rules ?? TIMER_RULES
  const log = tools.log.child({ room: 'timers' })
  const rung = new Map<string, number>()

  const ring = async ({ companyId, kind, actorId, timerId, dueAt }: DueTimer): Promise<boolean> => {
    failPoint('timer.due')
    const answer = await door.ask(
      { kind: 'system', companyId: companyId as CompanyId, actor: { kind: 'system', id: 'timers' } },
      commandFor(rules[kind], dueAt, clock.now()),
      { id: actorId, timerId },
      // The same command however often it is asked: what a crash repeats is the same fact.
      { key: `timer:${timerId}`, correlationId: timerId, causationId: timerId, rule: kind },
    )
    if (!isRefusal(answer)) {
      failPoint('timer.fired')
      return true
    }
    // Woken, closed or armed anew a moment ago: the table will say so too.
    log.debug({ companyId, kind, actorId, timerId, refused: answer.refused }, 'a timer was not to fire')
    return false
  }

  const look = async (): Promise<number> => {
    const now = clock.monotonic()
    for (const [timerId, at] of rung) if (now - at > AGAIN_AFTER_MS) rung.delete(timerId)
    const due = await tools.dueTimers(new Date(clock.now()).toISOString())
    let fired = 0
    for (const timer of due) {
      if (rung.has(timer.timerId)) continue
      rung.set(timer.timerId, now)
      try {
        if (await ring(timer)) fired++
      } catch (error) {
        // One that cannot be fired keeps no other from it.
        log.error({ timer, err: error }, 'a timer could not be fired; trying again')
      }
    }
    return fired
  }

  const keepLooking = async (stop: AbortSignal): Promise<void> => {
    while (!stop.aborted) {
      try {
        await look()
      } catch (error) {
        log.warn({ err: error }, 'could not look for timers; looking again')
      }
      await pause(clock, LOOK_EVERY_MS, stop)
    }
  }

  const lookWithLease = async (stop: AbortSignal): Promise<void> => {
    if (!tools.acquireLease) return keepLooking(stop)
    const lease = await tools.acquireLease()
    if (!lease) return pause(clock, STANDBY_MS, stop)
    try {
      await keepLooking(AbortSignal.any([stop, lease.lost]))
    } finally {
      await lease.release()
    }
  }

  return {
    name: 'timers',
    look,
    run: async stop => {
      await tools.caughtUp(stop)
      await pause(clock, SETTLE_MS, stop)
      while (!stop.aborted) {
        try {
          await lookWithLease(stop)
        } catch (error) {
          log.warn({ err: error }, 'the timers could not get their lease; trying again')
          await pause(clock, STANDBY_MS, stop)
        }
      }
    },
  }
}
