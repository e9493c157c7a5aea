import { eventAt, ordinalOf, type Readable } from './embedded-reader.ts'
import { ordinalPosition } from './position.ts'
import type { SubscriptionItem, SubscriptionOptions } from './port.ts'

/** Records looked at before the event loop gets its turn and a reader that matched nothing learns how far it is. */
const SLICE_RECORDS = 256

/** A bell that commits ring and a reader at the end of the log waits for. */
export type Bell = { onRing(listener: () => void): () => void }

const ringOrAbort = (bell: Bell, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      off()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const off = bell.onRing(done)
    signal.addEventListener('abort', done)
  })

/**
 * Follows the log from a place on: reads while there is something to read, otherwise waits for the bell. It looks at a
 * record only when its consumer asks for the next item, so a slow consumer costs nothing but its own lag.
 */
export const follow = (
  store: Readable,
  bell: Bell,
  { after, streamPrefixes }: SubscriptionOptions,
  signal: AbortSignal,
): AsyncIterable<SubscriptionItem> => {
  // Fixed now and not at the first pull: what is appended between the two is new.
  const start = after === 'end' ? store.last() : after === null ? 0 : ordinalOf(store.epoch, after)
  return run(store, bell, start, streamPrefixes, signal)
}

async function* run(
  store: Readable,
  bell: Bell,
  start: number,
  prefixes: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionItem> {
  let ordinal = start
  let yielded = start
  let behind = true
  while (!signal.aborted) {
    const sliceEnd = Math.min(store.last(), ordinal + SLICE_RECORDS)
    while (ordinal < sliceEnd && !signal.aborted) {
      const event = eventAt(store, ++ordinal, prefixes)
      if (!event) continue
      yielded = ordinal
      yield { kind: 'event', event }
    }
    if (signal.aborted) return
    if (yielded < ordinal) {
      yielded = ordinal
      yield { kind: 'checkpoint', position: ordinalPosition(store.epoch, ordinal) }
    }
    if (ordinal < store.last()) {
      behind ||= store.last() - ordinal > SLICE_RECORDS
      await new Promise<void>(resolve => setImmediate(resolve))
      continue
    }
    if (behind) yield { kind: 'caughtUp' }
    behind = false
    // Nothing can be committed between this look and the bell being hung up: both happen in one turn.
    if (ordinal >= store.last()) await ringOrAbort(bell, signal)
  }
}
