import { systemClock, type Clock } from '../../src/shared/clock.ts'

/** A clock whose alarms ring only when told: a node that has stopped thinking. */
export const stoppableClock = () => {
  let stopped = false
  let ahead = 0
  const waiting: (() => void)[] = []
  const clock: Clock = {
    now: () => Date.now(),
    monotonic: () => performance.now() + ahead,
    after: (ms, task) => systemClock.after(ms, () => (stopped ? waiting.push(task) : task())),
  }
  return {
    clock,
    stop: () => (stopped = true),
    wake: () => {
      stopped = false
      for (const task of waiting.splice(0)) task()
    },
    leap: (ms: number) => (ahead += ms),
  }
}
