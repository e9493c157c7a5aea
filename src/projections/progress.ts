import type { Clock } from '../shared/clock.ts'
import type { Freshness } from './read-models.ts'

/** How far the read models are, for whoever wants to read what was just written. */
export type Progress = {
  position(): string | null
  /** Where the tables are now. May go back when they are made again. */
  reached(position: string | null): void
  waitFor(position: string, timeoutMs: number): Promise<Freshness>
}

type Waiter = { readonly position: string; readonly done: () => void }

export const createProgress = (clock: Clock): Progress => {
  let current: string | null = null
  const waiters = new Set<Waiter>()
  const freshness = (asked: string): Freshness => ({
    position: current,
    stale: current === null || current < asked,
  })
  return {
    position: () => current,
    reached: position => {
      current = position
      if (position !== null) for (const waiter of waiters) if (waiter.position <= position) waiter.done()
    },
    waitFor: (position, timeoutMs) => {
      if (!freshness(position).stale) return Promise.resolve(freshness(position))
      return new Promise(resolve => {
        const done = (): void => {
          cancel()
          waiters.delete(waiter)
          resolve(freshness(position))
        }
        const waiter = { position, done }
        const cancel = clock.after(timeoutMs, done)
        waiters.add(waiter)
      })
    },
  }
}
