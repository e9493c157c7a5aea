import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import type { UploadShelf } from './upload-shelf.ts'

const LOOK_EVERY_MS = 10 * 60_000

/** Removes uploads that nobody sent. Two processes at once do no harm: what is gone is gone. */
export const sweepUploads = (tools: {
  readonly uploads: Pick<UploadShelf, 'sweep'>
  isUsed(companyId: string, key: string): Promise<boolean>
  readonly clock: Clock
  readonly log: Log
}): Service => ({
  name: 'sweep-uploads',
  run: async stop => {
    const { uploads, isUsed, clock, log } = tools
    while (!stop.aborted) {
      await pause(clock, LOOK_EVERY_MS, stop)
      if (stop.aborted) return
      try {
        const removed = await uploads.sweep(isUsed)
        if (removed > 0) log.info({ removed }, 'removed uploads that nobody sent')
      } catch (error) {
        log.warn({ err: error }, 'could not look for uploads that nobody sent; looking again')
      }
    }
  },
})
