import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Snapshots } from '../snapshots/port.ts'
import type { Kind } from './kind.ts'
import type { Standing } from './live.ts'
import { machineHash } from './machine-hash.ts'
import { packSnapshot, unpackSnapshot } from './snapshot-format.ts'

/** A snapshot that has not come by then is done without. */
export const FIND_MS_MAX = 500
/** How many streams may wait to be written; what comes while so many wait is not written at all. */
export const OFFERS_WAITING_MAX = 256
/** Answers go first. */
const WRITE_AFTER_MS = 5
/** After a failure the place of the snapshots is left in peace for so long. */
const REST_MS = 10_000

/** Reads and writes snapshots so that nobody ever waits long for them, or fails because of them. */
export type SnapshotKeeper = {
  /** Where the actor stood when it was last written down; `null`: replay all of it. Not yet checked against the log. */
  find(kind: Kind, stream: string): Promise<Standing | null>
  /** To be written when there is time; dropped when too much waits. */
  offer(kind: Kind, stream: string, standing: () => Standing): void
  /** Removes what is kept of a stream, and what waits to be. Resolves when it is gone. */
  remove(stream: string): Promise<void>
  /** Resolves when nothing waits to be written. */
  settled(): Promise<void>
}

/** For an engine without snapshots: every actor is revived from its whole stream. */
export const noSnapshots: SnapshotKeeper = {
  find: () => Promise.resolve(null),
  offer: () => undefined,
  remove: () => Promise.resolve(),
  settled: () => Promise.resolve(),
}

export const createSnapshotKeeper = (tools: {
  readonly snapshots: Snapshots
  readonly epoch: string
  readonly clock: Clock
  readonly log: Log
  readonly observe?: ((what: 'written' | 'dropped' | 'failed') => void) | undefined
}): SnapshotKeeper => {
  const { snapshots, epoch, clock, log } = tools
  const waiting = new Map<string, () => Buffer>()
  let restUntil = Number.NEGATIVE_INFINITY
  let writing: { readonly stream: string; readonly done: Promise<void> } | null = null
  let pumping: Promise<void> | null = null

  const rest = (error: unknown, what: string): void => {
    restUntil = clock.monotonic() + REST_MS
    tools.observe?.('failed')
    log.warn({ err: error }, what)
  }
  const resting = (): boolean => clock.monotonic() < restUntil

  const inTime = <T>(asked: Promise<T>): Promise<T> => {
    let cancel = (): void => undefined
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(FIND_MS_MAX, () => reject(new Error(`no answer within ${FIND_MS_MAX} ms`)))
    })
    return Promise.race([asked, late]).finally(() => cancel())
  }

  const write = async (stream: string, pack: () => Buffer): Promise<void> => {
    try {
      await snapshots.put(stream, pack())
      tools.observe?.('written')
    } catch (error) {
      rest(error, 'a snapshot could not be written')
    }
  }

  const pump = async (): Promise<void> => {
    await new Promise<void>(resolve => void clock.after(WRITE_AFTER_MS, resolve))
    for (const [stream, pack] of waiting) {
      waiting.delete(stream)
      if (resting()) continue
      const done = write(stream, pack)
      writing = { stream, done }
      await done
      writing = null
    }
    pumping = null
  }

  return {
    find: async (kind, stream) => {
      if (resting()) return null
      let bytes: Buffer | null
      try {
        bytes = await inTime(snapshots.get(stream))
      } catch (error) {
        rest(error, 'a snapshot could not be read')
        return null
      }
      try {
        return bytes && unpackSnapshot({ stream, machine: machineHash(kind.chart), epoch }, bytes)
      } catch (error) {
        log.warn({ stream, err: error }, 'a snapshot is not readable; the log is')
        return null
      }
    },
    offer: (kind, stream, standing) => {
      if (!waiting.has(stream) && waiting.size >= OFFERS_WAITING_MAX) return tools.observe?.('dropped')
      const of = { stream, machine: machineHash(kind.chart), epoch }
      waiting.set(stream, () => packSnapshot(of, standing()))
      pumping ??= pump()
    },
    remove: async stream => {
      waiting.delete(stream)
      if (writing?.stream === stream) await writing.done
      await snapshots.remove(stream)
    },
    settled: async () => {
      while (pumping) await pumping
    },
  }
}
