import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { createWaiting } from './lease-waiting.ts'
import type { Leases } from './lease.ts'

/** A name that no other start of any process has. */
export const nodeName = (): string => `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`

/** Leases where there is only this process: whoever comes first has it until it lets go. */
export const processLeases = (): Leases => {
  const node = nodeName()
  const taken = new Map<string, AbortController>()
  const waiting = createWaiting()
  const release = (name: string, over: AbortController): void => {
    if (taken.get(name) === over) taken.delete(name)
    over.abort(new Error(`lease ${name} was given up`))
    waiting.tell(name)
  }
  return {
    kind: 'process',
    node,
    acquire: async name => {
      if (taken.has(name)) return null
      const over = new AbortController()
      taken.set(name, over)
      return {
        name,
        held: () => !over.signal.aborted,
        lost: over.signal,
        release: async () => release(name, over),
      }
    },
    holder: async name => (taken.has(name) ? node : null),
    whenFree: (name, look) => {
      const cancel = waiting.add(name, look)
      // Given up between asking and waiting.
      if (!taken.has(name)) queueMicrotask(() => waiting.tell(name))
      return cancel
    },
    // There is nobody to stand aside for.
    sayWell: async () => undefined,
    othersWell: async () => false,
    standAside: async () => undefined,
    close: async () => {
      for (const [name, over] of taken) release(name, over)
    },
  }
}
