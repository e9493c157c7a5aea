import { keepLease } from '../../src/jobs/keep-lease.ts'
import type { Leases } from '../../src/jobs/lease.ts'
import type { Clock } from '../../src/shared/clock.ts'
import type { Log } from '../../src/shared/log.ts'
import type { Line } from './line.ts'
import type { Scheduler } from './scheduler.ts'

/** As in production. */
const TTL_MS = 15_000

type Held = { token: string; until: number }

/** Where the nodes agree who holds what; a token that nobody renews lapses. */
export const createLeaseServer = (scheduler: Scheduler) => {
  const held = new Map<string, Held>()
  const current = (name: string): Held | null => {
    const found = held.get(name)
    if (found && found.until > scheduler.now()) return found
    held.delete(name)
    return null
  }
  const ours = (name: string, token: string): Held | null => {
    const found = current(name)
    return found?.token === token ? found : null
  }
  return {
    take: (name: string, token: string): boolean => {
      if (current(name)) return false
      held.set(name, { token, until: scheduler.now() + TTL_MS })
      return true
    },
    renew: (name: string, token: string): boolean => {
      const found = ours(name, token)
      if (found) found.until = scheduler.now() + TTL_MS
      return found !== null
    },
    release: (name: string, token: string): void => {
      if (ours(name, token)) held.delete(name)
    },
    holder: (name: string): string | null => current(name)?.token.split('#')[0] ?? null,
  }
}
export type LeaseServer = ReturnType<typeof createLeaseServer>

/** The leases of one node: the production's own keeping of them, over a simulated line. */
export const leasesOf = (parts: {
  readonly server: LeaseServer
  readonly line: Line
  readonly node: string
  readonly clock: Clock
  readonly log: Log
}): Leases => {
  const { server, line, node, clock, log } = parts
  let count = 0
  return {
    kind: 'redis',
    node,
    acquire: async name => {
      const token = `${node}#${++count}`
      const sentAt = clock.monotonic()
      if (!(await line.ask(`lease ${name}`, () => server.take(name, token)))) return null
      const door = {
        renew: () => line.ask(`renew ${name}`, () => server.renew(name, token)),
        release: () => line.ask(`release ${name}`, () => server.release(name, token)),
      }
      return keepLease(name, door, TTL_MS, sentAt, clock, log)
    },
    holder: name => line.ask(`holder ${name}`, () => server.holder(name)),
    // Nobody is told when a lease is given up: the end of its life is what a node can count on.
    whenFree: (_, look) => clock.after(TTL_MS, look),
    sayWell: () => Promise.resolve(),
    othersWell: () => Promise.resolve(true),
    standAside: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
