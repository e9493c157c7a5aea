import { monitorEventLoopDelay } from 'node:perf_hooks'

const LOOK_EVERY_MS = 5

/** How long this process served nobody, at most, until it is asked: a load generator that stands still measures itself. */
export const watchStanding = (): { stop(): number } => {
  const delays = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS })
  delays.enable()
  return {
    stop: () => {
      delays.disable()
      return Math.max(0, delays.max / 1e6 - LOOK_EVERY_MS)
    },
  }
}
