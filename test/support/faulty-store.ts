import { StoreUnavailable, type Appended, type EventStore, type NewEvent } from '../../src/eventstore/port.ts'

/**
 * What befalls an append: `lost`: the store took it and the answer was lost; `cut`: it never arrived; `crash`: the
 * process dies before it, and with it everything that it would have done.
 */
export type Fault = 'lost' | 'cut' | 'crash' | undefined

/** The process of this store has died: nothing it tries comes to anything any more. */
export class Crashed extends Error {}

/** A real store behind an unreliable line. `fault` is asked before each append, numbered from 1. */
export const faultyStore = (
  store: EventStore,
  fault: (n: number, stream: string) => Fault,
  shared = store.shared,
): EventStore & { readonly tries: readonly (readonly string[])[]; appends(): number } => {
  const tries: string[][] = []
  let n = 0
  let dead = false
  return {
    ...store,
    shared,
    tries,
    appends: () => n,
    append: async (stream, expected, events: readonly NewEvent[]): Promise<Appended> => {
      if (dead) throw new Crashed()
      n += 1
      const what = fault(n, stream)
      tries.push([stream, String(expected), ...events.map(event => event.id)])
      if (what === 'crash') {
        dead = true
        throw new Crashed()
      }
      if (what === 'cut') throw new StoreUnavailable('cut before it arrived')
      const appended = await store.append(stream, expected, events)
      if (what === 'lost') throw new StoreUnavailable('the answer was lost')
      return appended
    },
    readStream: (...asked) => {
      if (dead) throw new Crashed()
      return store.readStream(...asked)
    },
    close: () => Promise.resolve(),
  }
}
