import { StoreUnavailable } from '../../src/eventstore/port.ts'
import type { Clock } from '../../src/shared/clock.ts'
import type { Chance } from './chance.ts'
import type { StoreLine } from './memory-store.ts'
import type { MemoryLog } from './memory-log.ts'
import type { Life, Scheduler } from './scheduler.ts'

/**
 * What may befall a call on its way. `cut`: it never arrives, and the caller is told so after a while. `lost`: it is done
 * and its answer is lost. `late`: the caller has been told that there was no answer when it arrives and is done after all.
 */
export type Weather = {
  /** Chances of each, per call. */
  cut: number
  lost: number
  late: number
  /** Milliseconds that one way takes at most, when nothing is wrong. */
  wayMs: number
}

export const CALM: Weather = { cut: 0, lost: 0, late: 0, wayMs: 4 }
/** How long a caller waits for an answer that does not come. */
const PATIENCE_MS = 2_000
/** How much later than that something may still arrive. */
const LATENESS_MS = 15_000
const READING_BREAKS = 5

export type Line = {
  /** Brings a call to somebody and its answer back. */
  ask<T>(what: string, call: () => T): Promise<T>
}

/** The line from one node to one service. `failed` makes the error that the caller is told. */
export const createLine = (parts: {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly life: Life
  readonly weather: () => Weather
  readonly traffic: { late: number }
  failed(what: string): Error
}): Line => {
  const { scheduler, chance, life, weather, traffic, failed } = parts
  const way = (): number => {
    // Mostly quick; now and then one is overtaken by many others.
    const { wayMs } = weather()
    return chance.happens(0.03) ? chance.between(wayMs, wayMs * 30) : chance.float() * wayMs
  }
  return {
    ask: (what, call) =>
      new Promise((resolve, reject) => {
        const { cut, lost, late } = weather()
        const fate = chance.float()
        const arrives = (then: (answer: () => void) => void, ms: number): void =>
          void scheduler.after(ms, `> ${what}`, null, () => {
            // What a dying node had handed to its own network card may or may not have left it.
            if (life.state === 'over' && chance.happens(0.5)) return
            try {
              const value = call()
              then(() => resolve(value))
            } catch (error) {
              then(() => reject(error as Error))
            }
          })
        const answered = (answer: () => void): void => void scheduler.after(way(), `< ${what}`, life, answer)
        const unanswered = (): void =>
          void scheduler.after(chance.between(20, PATIENCE_MS), `x ${what}`, life, () => reject(failed(what)))
        if (fate < cut) return unanswered()
        if (fate < cut + lost) return arrives(unanswered, way())
        if (fate < cut + lost + late) {
          unanswered()
          const ms = chance.between(PATIENCE_MS, LATENESS_MS)
          traffic.late++
          scheduler.after(ms + 1, 'arrived at last', null, () => void traffic.late--)
          return arrives(() => undefined, ms)
        }
        arrives(answered, way())
      }),
  }
}

export const storeFailed = (what: string): Error => new StoreUnavailable(`no answer: ${what}`)

/** The line to the event store; a long reading may break in its middle. */
export const createStoreLine = (
  line: Line,
  log: MemoryLog,
  parts: { scheduler: Scheduler; chance: Chance; life: Life; weather: () => Weather },
): StoreLine => {
  const { scheduler, chance, life, weather } = parts
  return {
    ask: line.ask,
    breaksAfter: () => (chance.happens(weather().cut / 2) ? chance.int(READING_BREAKS) : null),
    grown: (after, signal) =>
      new Promise(resolve => {
        let rung = false
        const ring = (): void => {
          if (rung) return
          rung = true
          forget()
          signal.removeEventListener('abort', ring)
          scheduler.after(chance.float() * weather().wayMs, 'log grew', life, resolve)
        }
        const forget = log.onAppended(ring)
        signal.addEventListener('abort', ring)
        if (signal.aborted || (log.head() ?? '') > (after ?? '')) ring()
      }),
  }
}

/** The clock of one node: its time of day may be wrong, its seconds are as long as everybody's. */
export const clockOf = (scheduler: Scheduler, life: Life, epochMs: number, skewMs: number): Clock => ({
  now: () => Math.floor(epochMs + scheduler.now() + skewMs),
  monotonic: () => scheduler.now(),
  after: (ms, task) => scheduler.after(ms, `timer ${Math.round(ms)}`, life, task),
})
