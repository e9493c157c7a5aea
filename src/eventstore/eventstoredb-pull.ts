import type { Readable } from 'node:stream'
import { StoreUnavailable } from './port.ts'

/**
 * Pulls from a stream of the client, one item at a time. The client emits some things as events (`caughtUp`,
 * checkpoints) while objects that came before them still wait in the stream's buffer; `mark` puts such a thing where it
 * belongs, behind what was buffered when it was said.
 */
export type Pull<T, M> = {
  /** The next object or mark; `null` at the end. @throws what the stream failed with, StoreUnavailable after `waitMs`. */
  next(waitMs: number): Promise<{ readonly item: T } | { readonly mark: M } | null>
  mark(mark: M): void
  close(): void
}

/** Nothing came within the time given. */
export class PullTimeout extends StoreUnavailable {}

type ClientStream = Readable & { cancel?(): Promise<void>; unsubscribe?(): Promise<void> }

export const pullFrom = <T, M = never>(stream: ClientStream): Pull<T, M> => {
  const marks: { after: number; mark: M }[] = []
  let taken = 0
  let failure: { readonly error: unknown } | null = null
  let ended = false
  let wake = (): void => undefined

  stream.on('readable', () => wake())
  stream.on('end', () => ((ended = true), wake()))
  stream.on('close', () => ((ended = true), wake()))
  // Stays for good: an error after the last pull must find a listener.
  stream.on('error', (error: unknown) => ((failure ??= { error }), wake()))

  const wait = (waitMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new PullTimeout(`no answer in ${waitMs} ms`)), waitMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const take = (): { item: T } | { mark: M } | null => {
    if (marks[0] && marks[0].after <= taken) return { mark: marks.shift()!.mark }
    const item = stream.read() as T | null
    if (item === null) return null
    taken++
    return { item }
  }

  return {
    next: async waitMs => {
      for (;;) {
        const next = take()
        if (next) return next
        if (failure) throw failure.error
        if (ended) return null
        await wait(waitMs)
      }
    },
    mark: mark => {
      const after = taken + stream.readableLength
      const last = marks.at(-1)
      // Only the newest of two marks with nothing between them says anything: a slow reader can't make a heap of them.
      if (last?.after === after) last.mark = mark
      else marks.push({ after, mark })
      wake()
    },
    close: () => {
      // Cancelling rejects when there never was a call to cancel.
      const cancelled = stream.cancel?.() ?? stream.unsubscribe?.()
      cancelled?.catch(() => undefined)
      // Not destroyed but drained: a call whose last messages nobody reads never ends, and the client holds on to it.
      stream.removeAllListeners('readable')
      stream.resume()
      ended = true
      wake()
    },
  }
}
