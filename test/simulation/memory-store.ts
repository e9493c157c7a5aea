import type {
  EventStore,
  Position,
  StoredEvent,
  SubscriptionItem,
  SubscriptionOptions,
} from '../../src/eventstore/port.ts'
import type { MemoryLog } from './memory-log.ts'

/** How one of the store's calls gets there and back. `ask` runs the call at the log and brings its answer. */
export type StoreLine = {
  ask<T>(what: string, call: () => T): Promise<T>
  /** Resolves when there may be something after a position, or as soon as `signal` aborts. */
  grown(after: Position | null, signal: AbortSignal): Promise<void>
  /** How many events of a reading come before the line breaks; `null`: it does not. */
  breaksAfter(): number | null
}

/** How many events a subscriber is given at once. */
const PAGE = 64

/** The line of a store in the same process: there is none. */
export const directLine = (log: MemoryLog): StoreLine => ({
  ask: async (_, call) => call(),
  grown: (after, signal) =>
    new Promise(resolve => {
      const done = (): void => {
        forget()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const forget = log.onAppended(done)
      signal.addEventListener('abort', done)
      if (signal.aborted || (log.head() ?? '') > (after ?? '')) done()
    }),
  breaksAfter: () => null,
})

/** The event store's port over a log in memory, through any line. */
export const memoryStore = (
  log: MemoryLog,
  line: StoreLine,
  broken: () => Error,
  shared: boolean,
): EventStore => {
  const read = async function* (
    what: string,
    events: () => readonly StoredEvent[],
  ): AsyncGenerator<StoredEvent> {
    const found = await line.ask(what, events)
    const breaks = line.breaksAfter()
    for (const [n, event] of found.entries()) {
      if (n === breaks) throw broken()
      yield event
    }
  }

  const closed = new AbortController()
  const subscribe = async function* (
    { after, streamPrefixes }: SubscriptionOptions,
    until: AbortSignal,
  ): AsyncGenerator<SubscriptionItem> {
    const signal = AbortSignal.any([until, closed.signal])
    let position = after === 'end' ? null : after
    if (!signal.aborted && after === 'end') position = await line.ask('subscribe', () => log.head())
    let told = false
    while (!signal.aborted) {
      const from = position
      const page = await line.ask('follow', () =>
        log.readAll({ ...(from ? { after: from } : {}), limit: PAGE }),
      )
      if (signal.aborted) return
      let matched = false
      for (const event of page) {
        position = event.position
        if (streamPrefixes && !streamPrefixes.some(prefix => event.stream.startsWith(prefix))) continue
        matched = true
        yield { kind: 'event', event }
        if (signal.aborted) return
      }
      if (page.length > 0 && !matched && position) yield { kind: 'checkpoint', position }
      if (page.length === PAGE) continue
      if (page.length > 0 || !told) yield { kind: 'caughtUp' }
      told = true
      await line.grown(position, signal)
    }
  }

  return {
    name: 'eventstoredb',
    epoch: log.epoch,
    shared,
    append: (stream, expected, events) =>
      line.ask(`append ${stream}@${expected} ${events.map(({ type }) => type).join()}`, () =>
        log.append(stream, expected, events),
      ),
    readStream: (stream, options) => read(`read ${stream}`, () => log.readStream(stream, options)),
    readAll: options => read('read all', () => log.readAll(options)),
    subscribe,
    head: () => line.ask('head', () => log.head()),
    close: async () => closed.abort(),
  }
}
