import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'

const AGAIN_MS = 1_000

/**
 * Waits until the read models show everything that the log held when it was first asked. Log and database may be away
 * meanwhile: whoever waits here begins its work late, and does not end for that.
 */
export const untilCaughtUp =
  (tools: {
    head(): Promise<string | null>
    /** Waits a while for the position; answers whether it is still not shown. */
    stale(head: string): Promise<boolean>
    readonly clock: Clock
    readonly log: Log
  }) =>
  async (stop: AbortSignal): Promise<void> => {
    const { clock, log } = tools
    let head: string | null = null
    while (!stop.aborted)
      try {
        // An empty log still has tables to be made: any position will do then.
        head ??= (await tools.head()) ?? ''
        if (!(await tools.stale(head))) return
      } catch (error) {
        log.warn({ err: error }, 'could not look whether the read models are up to date; looking again')
        await pause(clock, AGAIN_MS, stop)
      }
  }
