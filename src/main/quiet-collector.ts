import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

/**
 * After a rush V8 keeps what it took from the system: a young generation at its largest and old pages that are mostly garbage, several
 * times what is alive, because nothing is allocated that would make it collect. So whoever has nothing to do collects: only in a
 * quiet moment, since it stops the thread (for 0.85 s with 200 MiB alive), and only where much is to be had.
 */
const LOOK_EVERY_MS = 5_000
/**
 * A thread that is busy for less than this share of the time is quiet. One that serves nobody has a hundredth to do for itself, with
 * ten sessions and two hundred sockets; twenty messages a second are a twentieth, and must not meet the pause.
 */
const BUSY_SHARE_MAX = 0.02
const QUIET_LOOKS = 3
const MIB = 1024 * 1024
/** What the heap must have grown by since it was last collected, to be worth the pause. */
const GROWN_MIN_BYTES = 64 * MIB
const GROWN_MIN_SHARE = 0.25

export type Heap = {
  /** Bytes that the heap has of the system. */
  committed(): number
  /** Share of the time since the last call in which the thread was busy, 0 to 1. */
  busyShare(): number
  /** A small collection, of the young generation. */
  collectYoung(): void
  /** A full collection, at once, that gives back what it can. */
  collect(): void
}

/** The heap of this thread. */
export const ownHeap = (): Heap => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  let last = performance.eventLoopUtilization()
  return {
    committed: () => getHeapStatistics().total_heap_size,
    busyShare: () => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, last)
      last = now
      return utilization
    },
    collectYoung: () => gc({ type: 'minor' }),
    collect: () => {
      // Without moving what is alive together, nearly every page keeps something and none can be given back.
      setFlagsFromString('--compact-on-every-full-gc')
      gc()
      setFlagsFromString('--no-compact-on-every-full-gc')
    },
  }
}

/** Gives memory back to the system in quiet moments. */
export const quietCollector = (tools: {
  readonly heap: Heap
  readonly clock: Clock
  readonly log: Log
}): Service => {
  const { heap, clock, log } = tools
  let quietLooks = 0
  let afterLast = 0

  const collect = (): void => {
    const [before, began] = [heap.committed(), clock.monotonic()]
    heap.collectYoung()
    heap.collect()
    afterLast = heap.committed()
    const mib = (bytes: number): number => Math.round(bytes / MIB)
    log.debug(
      { room: 'memory', beforeMiB: mib(before), afterMiB: mib(afterLast), ms: clock.monotonic() - began },
      'collected garbage in a quiet moment',
    )
  }
  const look = (): void => {
    quietLooks = heap.busyShare() < BUSY_SHARE_MAX ? quietLooks + 1 : 0
    const grown = heap.committed() - afterLast
    const worthIt = grown > Math.max(GROWN_MIN_BYTES, afterLast * GROWN_MIN_SHARE)
    if (!worthIt) return
    // V8 shrinks its young generation where little was allocated between the last two small collections. The rush ended between the
    // last of its own and now; so there is one where the quiet begins and one where it has lasted.
    if (quietLooks === 1) heap.collectYoung()
    if (quietLooks >= QUIET_LOOKS) collect()
  }
  return {
    name: 'quiet collector',
    run: async stop => {
      while (!stop.aborted) {
        await pause(clock, LOOK_EVERY_MS, stop)
        if (!stop.aborted) look()
      }
    },
  }
}
