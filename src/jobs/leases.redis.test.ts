import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeColumn, redisUrl } from '../../test/columns.ts'
import { stoppableClock } from '../../test/support/stoppable-clock.ts'
import { hasRedisServer, startRedis, testPrefix } from '../../test/support/redis.ts'
import { systemClock, type Clock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import type { Lease, Leases } from './lease.ts'
import { leasesContract } from './leases.contract.ts'
import { redisLeases } from './leases.ts'

const TTL_MS = 600

await describeColumn('redis', 'leases in Redis', () => {
  const { prefix, drop } = testPrefix()
  const open = (clock: Clock = systemClock, ttlMs = TTL_MS): Promise<Leases> =>
    redisLeases({ redisUrl: redisUrl(), prefix, clock, log: silentLog, ttlMs })

  leasesContract(async () => ({ one: await open(), other: await open(), drop: async () => undefined }))

  let redis: Redis
  beforeAll(() => {
    redis = new Redis(redisUrl())
  })
  afterAll(async () => {
    await redis.quit()
    await drop()
  })
  const wonBy = async (leases: Leases, name: string): Promise<Lease> => {
    let lease: Lease | null = null
    await expect
      .poll(async () => (lease ??= await leases.acquire(name)) !== null, { timeout: 10_000 })
      .toBe(true)
    return lease!
  }

  test('it renews itself for as long as it is held', async () => {
    const leases = await open()
    const lease = await leases.acquire('renewed')
    const key = `${prefix}:lease:renewed`
    // A renewal shows by a life that is longer again than it was.
    let left = await redis.pttl(key)
    let renewals = 0
    await expect
      .poll(
        async () => {
          const now = await redis.pttl(key)
          if (now > left) renewals++
          left = now
          return renewals
        },
        { timeout: 10_000, interval: 20 },
      )
      .toBeGreaterThanOrEqual(3)
    expect(lease?.held()).toBe(true)
    await leases.close()
  })

  test('a holder that stopped thinking has let go before another gets it', async () => {
    const sleeper = stoppableClock()
    const [dead, alive] = [await open(sleeper.clock), await open()]
    const lease = await dead.acquire('taken-over')
    sleeper.stop()
    const next = await wonBy(alive, 'taken-over')
    expect(lease?.held()).toBe(false)
    sleeper.wake()
    await expect.poll(() => lease?.lost.aborted).toBe(true)
    // Waking up, it takes nothing back.
    await lease?.release()
    expect(next.held()).toBe(true)
    expect(await dead.holder('taken-over')).toBe(alive.node)
    await dead.close()
    await alive.close()
  })

  test('at two thirds of its life without renewal it is no longer held', async () => {
    const still = stoppableClock()
    const leases = await open(still.clock, 60_000)
    const lease = await leases.acquire('thirds')
    still.leap(39_000)
    expect(lease?.held()).toBe(true)
    still.leap(1_001)
    expect(lease?.held()).toBe(false)
    await leases.close()
  })

  test('a lease that somebody else has now is lost', async () => {
    const leases = await open()
    const lease = await leases.acquire('stolen')
    await redis.set(`${prefix}:lease:stolen`, 'another-node#1')
    await expect.poll(() => lease?.lost.aborted, { timeout: 10_000 }).toBe(true)
    expect(String(lease?.lost.reason)).toContain('taken by another node')
    await lease?.release()
    expect(await leases.holder('stolen')).toBe('another-node')
    await leases.close()
  })

  test('who waits is told when the life of a dead node ends, and again in vain while it lives', async () => {
    const sleeper = stoppableClock()
    const [holder, waiter] = [await open(sleeper.clock), await open()]
    const lease = await holder.acquire('mortal')
    const got: (Lease | null)[] = []
    let looks = 0
    const watch = (): void =>
      void waiter.whenFree('mortal', () => {
        looks += 1
        void waiter.acquire('mortal').then(mine => (mine ? got.push(mine) : watch()))
      })
    watch()
    await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(1)
    expect([got.length, lease?.held()]).toEqual([0, true])
    sleeper.stop()
    // Nobody asks but who was told.
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(1)
    expect(lease?.held()).toBe(false)
    await holder.close()
    await waiter.close()
  })

  test('a node that stands aside gives up what it has and takes nothing, until it is well again', async () => {
    const [sick, other] = [await open(), await open()]
    const lease = await sick.acquire('aside')
    expect(await sick.othersWell()).toBe(false)
    await sick.sayWell()
    expect(await sick.othersWell()).toBe(false)
    await other.sayWell()
    expect(await sick.othersWell()).toBe(true)
    // What was said long ago does not count.
    await expect.poll(() => sick.othersWell(), { timeout: 10_000 }).toBe(false)
    await sick.standAside(true)
    expect(lease?.lost.aborted).toBe(true)
    expect(await sick.acquire('aside')).toBeNull()
    const next = await other.acquire('aside')
    expect(next?.held()).toBe(true)
    await next?.release()
    await sick.standAside(false)
    expect((await sick.acquire('aside'))?.held()).toBe(true)
    await sick.close()
    await other.close()
  })

  const ownServer = process.env['REQUIRE_COLUMNS'] === 'all' || hasRedisServer()
  test.skipIf(!ownServer)(
    'while Redis is away a lease is lost in time, and asking for one fails',
    async () => {
      const own = await startRedis()
      const leases = await redisLeases({
        redisUrl: own.url,
        prefix,
        clock: systemClock,
        log: silentLog,
        ttlMs: TTL_MS,
      })
      const lease = await leases.acquire('cut')
      await own.stop()
      await expect.poll(() => lease?.lost.aborted, { timeout: 10_000 }).toBe(true)
      expect(lease?.held()).toBe(false)
      await expect(leases.acquire('cut')).rejects.toThrow()
      await own.start()
      await expect
        .poll(
          () =>
            leases.acquire('cut').then(
              again => again?.held(),
              () => false,
            ),
          { timeout: 10_000 },
        )
        .toBe(true)
      await leases.close()
      await own.stop()
    },
  )
})
