import type { Worker } from 'node:worker_threads'
import type { Clock } from '../shared/clock.ts'
import { startWorker } from '../shared/start-worker.ts'
import type { ThumbnailedMime } from '../shared/thumbnails.ts'

/** Loading the decoder and decoding the largest picture take about a second of one core. */
const SHRINK_MS_MAX = 20_000
/** The decoder's memory is given back when nobody needed it for so long. */
const IDLE_MS = 15_000
/** Of scripts; what the decoders themselves may take is bounded in the thread. */
const HEAP_MIB_MAX = 256

/** The picture's bytes go in, a small JPEG comes out, one at a time. Whoever started the thread ends it. */
export type ToThumbnailWorker = { readonly bytes: ArrayBuffer; readonly mime: ThumbnailedMime }
export type FromThumbnailWorker = { readonly jpeg: Uint8Array } | { readonly failed: string }

/** Makes small pictures in a thread that lives while there is work. One at a time: the caller waits for its turn. */
export type ShrinkPicture = {
  /** Takes the bytes away. @throws Error when they can't be decoded, or not in time. */
  shrink(bytes: ArrayBuffer, mime: ThumbnailedMime): Promise<Uint8Array>
  close(): Promise<void>
}

type Options = {
  readonly clock: Clock
  readonly msMax?: number
  readonly idleMs?: number
  readonly program?: URL
}

export const createShrinkPicture = (options: Options): ShrinkPicture => {
  const { clock, msMax = SHRINK_MS_MAX, idleMs = IDLE_MS } = options
  const program = options.program ?? new URL('./thumbnail-worker.ts', import.meta.url)
  let worker: Worker | null = null
  let cancelIdle = (): void => undefined

  const end = async (): Promise<void> => {
    cancelIdle()
    const ending = worker
    worker = null
    await ending?.terminate()
  }
  const started = (): Worker => {
    if (worker) return worker
    const fresh = startWorker(program, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX } })
    // Whoever waits hears of it too; nobody's waiting must not end the server.
    fresh.on('error', () => undefined)
    fresh.on('exit', () => {
      if (worker === fresh) worker = null
    })
    fresh.unref()
    worker = fresh
    return fresh
  }

  const asked = (one: Worker, message: ToThumbnailWorker): Promise<FromThumbnailWorker> =>
    new Promise((resolve, reject) => {
      const cancel = clock.after(msMax, () => settle(() => reject(new Error(`not within ${msMax} ms`))))
      const settle = (done: () => void): void => {
        cancel()
        one.off('message', heard).off('error', died).off('exit', ended)
        done()
      }
      const heard = (told: FromThumbnailWorker): void => settle(() => resolve(told))
      const died = (error: Error): void => settle(() => reject(error))
      const ended = (): void => settle(() => reject(new Error('the thread ended')))
      one.on('message', heard).on('error', died).on('exit', ended)
      one.postMessage(message, [message.bytes])
    })

  return {
    shrink: async (bytes, mime) => {
      cancelIdle()
      try {
        const told = await asked(started(), { bytes, mime })
        if ('failed' in told) throw new Error(told.failed)
        cancelIdle = clock.after(idleMs, () => void end())
        return told.jpeg
      } catch (error) {
        // Whatever state the decoder is in: the next picture starts anew.
        await end()
        throw error
      }
    },
    close: end,
  }
}
