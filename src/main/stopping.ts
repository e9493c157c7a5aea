import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'

/** After so long a stop ends, whatever hangs: whoever started the process kills it soon after, and then nothing is said of why. */
export const STOP_MS_MAX = 20_000
/** What is left at the end for whatever comes last, which keeps what everybody else wrote. */
const LEFT_MS_MIN = 1_000

export type Stopping = {
  /**
   * One thing to be put away: waited for until it is, or its time or that of all is over. Never rejects: what comes after it
   * has to be put away all the same.
   */
  step(what: string, msMax: number, work: () => Promise<unknown>): Promise<void>
  /** What did not end by itself. */
  cut(): readonly string[]
}

/** Puts away one after the other, and says of what it cut off. */
export const createStopping = (tools: {
  readonly clock: Clock
  readonly log: Log
  /** Its time begins so much later: until then it serves. */
  readonly laterMs?: number
}): Stopping => {
  const { clock, log, laterMs = 0 } = tools
  const end = clock.monotonic() + laterMs + STOP_MS_MAX
  const cut: string[] = []
  return {
    step: async (what, msMax, work) => {
      const ms = Math.max(LEFT_MS_MIN, Math.min(msMax, end - LEFT_MS_MIN - clock.monotonic()))
      let cancel = (): void => {}
      const over = new Promise<'over'>(resolve => (cancel = clock.after(ms, () => resolve('over'))))
      try {
        if ((await Promise.race([work(), over])) !== 'over') return
        log.error({ what, ms }, 'the stop waits no longer for this and goes on without it')
      } catch (err) {
        log.error({ what, err }, 'the stop met with an error and goes on')
      } finally {
        cancel()
      }
      cut.push(what)
    },
    cut: () => cut,
  }
}
