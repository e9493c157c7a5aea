import type { Clock } from '../shared/clock.ts'

/**
 * Facts come one by one, tables like them by the hundred. While a batch is being written the next one gathers by
 * itself, so a busy log makes large batches and a quiet one pays next to no delay: the first item of a batch waits
 * `gatherMs` for company, and never more; on a log that was quiet it waits for those of its own turn only. The reader
 * is held back once `itemsMax` wait.
 */
/** A log that gave nothing for so long is quiet: nobody else is to be expected within `gatherMs`. */
const QUIET_MS = 15

const nextTurn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve))

export async function* gather<T>(
  items: AsyncIterable<T>,
  options: { itemsMax: number; gatherMs: number; clock: Clock },
): AsyncGenerator<T[], void, void> {
  let waiting: T[] = []
  let ended = false
  let failure: { error: unknown } | null = null
  let wake: () => void = () => {}
  let room: () => void = () => {}
  const woken = (): Promise<void> => new Promise(resolve => (wake = resolve))
  const iterator = items[Symbol.asyncIterator]()

  const pump = async (): Promise<void> => {
    try {
      for (;;) {
        const next = await iterator.next()
        if (next.done) break
        waiting.push(next.value)
        wake()
        if (waiting.length >= options.itemsMax) await new Promise<void>(resolve => (room = resolve))
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    wake()
  }
  void pump()

  let busyAt = Number.NEGATIVE_INFINITY
  try {
    for (;;) {
      if (waiting.length === 0 && !ended) await woken()
      if (!ended && waiting.length < options.itemsMax) {
        if (options.clock.monotonic() - busyAt > QUIET_MS) await nextTurn()
        else await new Promise<void>(resolve => void options.clock.after(options.gatherMs, resolve))
      }
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
