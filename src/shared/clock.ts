/** Time and timers, handed in so that tests and simulations own them. */
export type Clock = {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds that never go backwards, for leases and durations. */
  monotonic(): number
  /** Runs `task` after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, task: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}

/** The time as facts carry it: ISO 8601, UTC. */
export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString()

/** Resolves after `ms` milliseconds, or as soon as `stop` aborts. */
export const pause = (clock: Clock, ms: number, stop: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const done = (): void => {
      cancel()
      stop.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(ms, done)
    stop.addEventListener('abort', done)
    if (stop.aborted) done()
  })
