import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'

/**
 * Tells the session's actor what happened to the link: one report after the other, each tried until it is durable, since
 * a lost "connected" would leave the chart saying "reconnecting" for ever.
 */
export type Reports = {
  add(name: string, report: () => Promise<void>): void
  /** No report is told any more, not even the waiting ones; one that is under way is no longer waited for. */
  drop(): void
  /** Resolves when nothing waits to be told. */
  told(): Promise<void>
}

export const REPORT_RETRY_MS = 1_000

export const createReports = (options: { clock: Clock; log: Log }): Reports => {
  let dropped = false
  let last: Promise<void> = Promise.resolve()
  let wake = () => {}
  let end = () => {}
  const over = new Promise<void>(resolve => (end = resolve))

  const pause = () =>
    new Promise<void>(resolve => {
      const cancel = options.clock.after(REPORT_RETRY_MS, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })

  const tell = async (name: string, report: () => Promise<void>): Promise<void> => {
    for (let tries = 1; !dropped; tries += 1) {
      try {
        return await report()
      } catch (error) {
        options.log.warn(
          { err: error, report: name, tries },
          'what happened to a session could not be recorded yet',
        )
        await pause()
      }
    }
  }

  return {
    add(name, report) {
      last = last.then(() => tell(name, report))
    },
    drop() {
      dropped = true
      wake()
      end()
    },
    told: () => Promise.race([last, over]),
  }
}
