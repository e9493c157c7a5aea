import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Lease, Leases } from './lease.ts'
import { hastyRedis, redisReady, watchRedis } from './redis.ts'

const nodeName = (): string => `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`

/** Leases where there is only this process: whoever comes first has it until it lets go. */
export const processLeases = (): Leases => {
  const node = nodeName()
  const taken = new Map<string, AbortController>()
  const release = (name: string, over: AbortController): void => {
    if (taken.get(name) === over) taken.delete(name)
    over.abort(new Error(`lease ${name} was given up`))
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
    close: async () => {
      for (const [name, over] of taken) release(name, over)
    },
  }
}

export type RedisLeasesOptions = {
  readonly redisUrl: string
  readonly prefix: string
  readonly clock: Clock
  readonly log: Log
  /** How long a dead node keeps its leases. */
  readonly ttlMs?: number
}

const LEASE_SECONDS = 15
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/** What a lease needs of Redis. */
type Door = {
  /** Whether it was still ours. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

/**
 * A lease that is ours now, kept alive. Redis forgets it `ttlMs` after the last renewal *arrived*; we count from
 * before it was *sent*, and stop believing in it at two thirds of its life: whatever the network does, we have let go
 * before anybody else can have it.
 */
const keepLease = (
  name: string,
  door: Door,
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

/** Leases between nodes, in Redis. @throws Error in plain words when there is no Redis at the address. */
export const redisLeases = async (options: RedisLeasesOptions): Promise<Leases> => {
  const { redisUrl, prefix, clock, log, ttlMs = LEASE_SECONDS * 1000 } = options
  const redis = hastyRedis(redisUrl)
  watchRedis(redis, log, 'leases')
  try {
    await redisReady(redis, redisUrl)
  } catch (error) {
    redis.disconnect()
    throw error
  }
  const node = nodeName()
  const mine = new Set<Lease>()
  let count = 0
  const keyOf = (name: string): string => `${prefix}:lease:${name}`
  return {
    kind: 'redis',
    node,
    acquire: async name => {
      // The number tells an earlier lease of this same node from the present one.
      const token = `${node}#${++count}`
      const key = keyOf(name)
      const sentAt = clock.monotonic()
      if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
      const door: Door = {
        renew: async () => (await redis.eval(RENEW, 1, key, token, ttlMs)) === 1,
        release: async () => void (await redis.eval(RELEASE, 1, key, token)),
      }
      const lease = keepLease(name, door, ttlMs, sentAt, clock, log)
      mine.add(lease)
      lease.lost.addEventListener('abort', () => mine.delete(lease))
      return lease
    },
    holder: async name => (await redis.get(keyOf(name)))?.split('#')[0] ?? null,
    close: async () => {
      await Promise.all([...mine].map(lease => lease.release()))
      redis.disconnect()
    },
  }
}
