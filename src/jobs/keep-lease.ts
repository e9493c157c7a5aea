import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Lease } from './lease.ts'

/** What a lease needs of the place where nodes agree about it. */
export type LeaseDoor = {
  /** Whether it was still ours. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

/**
 * A lease that is ours now, kept alive. The place (Redis) forgets it `ttlMs` after the last renewal *arrived*; we count from
 * before it was *sent*, and stop believing in it at two thirds of its life: whatever the network does, we have let go
 * before anybody else can have it.
 */
export const keepLease = (
  name: string,
  door: LeaseDoor,
  ttlMs: number,
  sentAt: number,
  clock: Clock,
  log: Log,
): Lease => {
  const over = new AbortController()
  const life = (ttlMs * 2) / 3
  let renewedAt = sentAt
  let cancelRenewal: () => void = () => undefined
  let cancelEnd: () => void = () => undefined

  const held = (): boolean => !over.signal.aborted && clock.monotonic() - renewedAt < life
  const end = (why: string): void => {
    cancelRenewal()
    cancelEnd()
    if (!over.signal.aborted) over.abort(new Error(`lease ${name} ${why}`))
  }
  const believe = (from: number): void => {
    renewedAt = from
    cancelEnd()
    const left = Math.max(0, from + life - clock.monotonic())
    cancelEnd = clock.after(left, () => end('was not renewed in time'))
  }
  const renewIn = (ms: number): void => {
    cancelRenewal = clock.after(ms, () => void renew())
  }
  const renew = async (): Promise<void> => {
    const from = clock.monotonic()
    try {
      const ours = await door.renew()
      if (over.signal.aborted) return
      if (!ours) return end('was taken by another node')
      believe(from)
      renewIn(ttlMs / 3)
    } catch (error) {
      if (over.signal.aborted) return
      log.warn({ err: error, lease: name }, 'a lease could not be renewed, trying again')
      renewIn(ttlMs / 12)
    }
  }
  believe(sentAt)
  renewIn(ttlMs / 3)
  return {
    name,
    held,
    lost: over.signal,
    release: async () => {
      end('was given up')
      try {
        await door.release()
      } catch (error) {
        log.warn({ err: error, lease: name }, 'a lease could not be given back, it lapses by itself')
      }
    },
  }
}
