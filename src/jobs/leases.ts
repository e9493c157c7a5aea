import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Lease, Leases } from './lease.ts'
import { keepLease, type LeaseDoor } from './keep-lease.ts'
import { createWaiting } from './lease-waiting.ts'
import { nodeName } from './process-leases.ts'
import { hastyRedis, patientRedis, redisReady, watchRedis } from './redis.ts'

export type RedisLeasesOptions = {
  readonly redisUrl: string
  readonly prefix: string
  readonly clock: Clock
  readonly log: Log
  /** How long Redis remembers a lease that nobody renews. */
  readonly ttlMs?: number
}

/** Within this time somebody else does what a dead node did. */
export const LEASE_SECONDS = 15
/** The life of a lease in Redis; what is left of the lease time is for taking over. */
const LIFE_SECONDS = 10
/** Who waits looks a moment after the end, and not all at once. */
const LOOK_SPREAD_MS = 50
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`
const RELEASE = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.call('publish', ARGV[2], ARGV[3])
return 1`
/** By the clock of Redis: the nodes' own may differ. */
const NOW = `local t = redis.call('time') local now = t[1] * 1000 + math.floor(t[2] / 1000)`
const SAY_WELL = `${NOW}
redis.call('zadd', KEYS[1], now, ARGV[1])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[2] * 10)
return redis.call('pexpire', KEYS[1], ARGV[2] * 10)`
const OTHERS_WELL = `${NOW}
local well = redis.call('zrangebyscore', KEYS[1], now - ARGV[2], '+inf')
local others = 0
for _, node in ipairs(well) do if node ~= ARGV[1] then others = others + 1 end end
return others`

/** Leases between nodes, in Redis. @throws Error in plain words when there is no Redis at the address. */
export const redisLeases = async (options: RedisLeasesOptions): Promise<Leases> => {
  const { redisUrl, prefix, clock, log, ttlMs = LIFE_SECONDS * 1000 } = options
  const redis = hastyRedis(redisUrl)
  watchRedis(redis, log, 'leases')
  const hearing = patientRedis(redisUrl)
  hearing.on('error', () => undefined)
  try {
    await redisReady(redis, redisUrl)
    await redisReady(hearing, redisUrl)
  } catch (error) {
    redis.disconnect()
    hearing.disconnect()
    throw error
  }
  const node = nodeName()
  const mine = new Set<Lease>()
  const waiting = createWaiting()
  const [freed, well] = [`${prefix}:leases-freed`, `${prefix}:nodes-well`]
  hearing.on('message', (_, name) => waiting.tell(name))
  await hearing.subscribe(freed)
  let count = 0
  let aside = false
  const keyOf = (name: string): string => `${prefix}:lease:${name}`
  const releaseAll = (): Promise<unknown> => Promise.all([...mine].map(lease => lease.release()))

  /** Looks when the present life of the lease ends; one that is given up already has none. */
  const lookAtItsEnd = async (name: string, look: () => void): Promise<() => void> => {
    const left = await redis.pttl(keyOf(name)).catch(() => ttlMs)
    return clock.after(Math.max(0, left) + 1 + Math.random() * LOOK_SPREAD_MS, look)
  }
  return {
    kind: 'redis',
    node,
    acquire: async name => {
      if (aside) return null
      // The number tells an earlier lease of this same node from the present one.
      const token = `${node}#${++count}`
      const key = keyOf(name)
      const sentAt = clock.monotonic()
      if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
      const door: LeaseDoor = {
        renew: async () => (await redis.eval(RENEW, 1, key, token, ttlMs)) === 1,
        release: async () => void (await redis.eval(RELEASE, 1, key, token, freed, name)),
      }
      const lease = keepLease(name, door, ttlMs, sentAt, clock, log)
      mine.add(lease)
      lease.lost.addEventListener('abort', () => mine.delete(lease))
      if (aside) await lease.release()
      return lease.held() ? lease : null
    },
    holder: async name => (await redis.get(keyOf(name)))?.split('#')[0] ?? null,
    whenFree: (name, look) => {
      let over = false
      let cancelTimer: () => void = () => undefined
      const stop = (): void => {
        over = true
        forget()
        cancelTimer()
      }
      const lookOnce = (): void => {
        stop()
        look()
      }
      const forget = waiting.add(name, lookOnce)
      void lookAtItsEnd(name, lookOnce).then(cancel => {
        cancelTimer = cancel
        if (over) cancel()
      })
      return stop
    },
    sayWell: async () => void (await redis.eval(SAY_WELL, 1, well, node, ttlMs)),
    othersWell: async () => Number(await redis.eval(OTHERS_WELL, 1, well, node, ttlMs)) > 0,
    standAside: async to => {
      aside = to
      if (aside) await releaseAll()
    },
    close: async () => {
      await releaseAll()
      await redis.zrem(well, node).catch(() => undefined)
      redis.disconnect()
      hearing.disconnect()
    },
  }
}
