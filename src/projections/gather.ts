import type { Clock } from '../shared/clock.ts'

/**
 * Facts come one by one, tables like them by the hundred. While a batch is being written the next one gathers by
 * itself, so a busy log makes large batches and a quiet one pays next to no delay: on a log that was quiet the first item
 * of a batch waits for those of its own turn only; on a busy one a batch begins `paceMs` after the one before it began, and
 * `gatherMs` after its first item where that is later. What a batch costs by itself (a statement, its way to the database and
 * back, a look at every socket) is so paid at most `1000 / paceMs` times a second, and nobody waits longer than `paceMs` for it. The
 * reader is held back once `itemsMax` wait.
 */
/** A log that gave nothing for so long is quiet: nobody else is to be expected soon. */
const QUIET_MS = 15

const nextTurn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve))

export async function* gather<T>(
  items: AsyncIterable<T>,
  options: { itemsMax: number; gatherMs: number; paceMs: number; clock: Clock },
): AsyncGenerator<T[], void, void> {
  let waiting: T[] = []
  let ended = false
  let failure: { error: unknown } | null = null
  let wake: () => void = () => {}
  let room: () => void = () => {}
  let enough: () => void = () => {}
  /** So long, or until it is no use. */
  const company = (ms: number): Promise<void> =>
    new Promise(resolve => {
      const cancel = options.clock.after(ms, resolve)
      enough = () => {
        cancel()
        resolve()
      }
    })
  const woken = (): Promise<void> => new Promise(resolve => (wake = resolve))
  const iterator = items[Symbol.asyncIterator]()

  const pump = async (): Promise<void> => {
    try {
      for (;;) {
        const next = await iterator.next()
        if (next.done) break
        waiting.push(next.value)
        wake()
        if (waiting.length < options.itemsMax) continue
        enough()
        await new Promise<void>(resolve => (room = resolve))
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    wake()
    enough()
  }
  void pump()

  let [begunAt, busyAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  try {
    for (;;) {
      if (waiting.length === 0 && !ended) await woken()
      if (!ended && waiting.length < options.itemsMax) {
        const now = options.clock.monotonic()
        const wait = Math.max(options.gatherMs, begunAt + options.paceMs - now)
        if (now - busyAt > QUIET_MS) await nextTurn()
        else await company(wait)
      }
      begunAt = options.clock.monotonic()
      const batch = waiting
      waiting = []
      room()
      if (batch.length > 0) {
        yield batch
        busyAt = options.clock.monotonic()
      } else if (ended) break
    }
    if (failure) throw (failure as { error: unknown }).error
  } finally {
    room()
    void iterator.return?.()
  }
}
