import { spawn } from 'node:child_process'
import { once as onceOf } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { columnReady, describeColumn, redisUrl } from '../../test/columns.ts'
import { hasRedisServer, startRedis, testPrefix } from '../../test/support/redis.ts'
import { silentLog } from '../shared/log.ts'
import { openBullJobs } from './bullmq.ts'
import { jobsContract } from './contract.ts'
import type { Jobs } from './port.ts'

const LOCK_MS = 1_000
const WORKER = fileURLToPath(new URL('../../test/doubles/job-worker.main.ts', import.meta.url))

/** A process that takes a job of this queue and dies with it. */
const startWorker = (prefix: string, queue: string) => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(
    process.execPath,
    ['--import', loader, WORKER, redisUrl(), prefix, queue, String(LOCK_MS)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return {
    took: async (): Promise<string> => String(((await onceOf(child.stdout, 'data')) as [Buffer])[0]).trim(),
    kill: async (): Promise<void> => {
      const gone = onceOf(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

const once = { concurrency: 1, attempts: 1, backoffMs: 1 }

await describeColumn('redis', 'jobs on Redis', () => {
  jobsContract(async log => {
    const { prefix, drop } = testPrefix()
    return { jobs: await openBullJobs({ redisUrl: redisUrl(), prefix, log }), drop }
  })

  test('what a process had in its hands when it was killed is delivered again, to another one', async () => {
    const { prefix, drop } = testPrefix()
    const jobs = await openBullJobs({ redisUrl: redisUrl(), prefix, log: silentLog, lockMs: LOCK_MS })
    await jobs.addAll('q', [
      { id: 'in-hand', data: {} },
      { id: 'behind', data: {} },
    ])
    const dying = startWorker(prefix, 'q')
    expect(await dying.took()).toBe('in-hand')
    await dying.kill()
    const ran: string[] = []
    jobs.work('q', once, async job => void ran.push(job.id) as undefined)
    await expect.poll(() => [...ran].sort(), { timeout: 20_000 }).toEqual(['behind', 'in-hand'])
    await jobs.close()
    await drop()
  })
})

test('a Redis that is not there is said in plain words, without the password', async () => {
  const opened = openBullJobs({ redisUrl: 'redis://:hush@127.0.0.1:9', prefix: 'x', log: silentLog })
  await expect(opened).rejects.toThrow('REDIS_URL: no Redis at redis://127.0.0.1:9')
  await expect(opened).rejects.not.toThrow('hush')
})

const ownServer =
  (await columnReady('redis')) && (process.env['REQUIRE_COLUMNS'] === 'all' || hasRedisServer())

describe.skipIf(!ownServer)('jobs when Redis fails', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  let jobs: Jobs
  let back = 0
  const ran: string[] = []
  beforeAll(async () => {
    redis = await startRedis()
    jobs = await openBullJobs({ redisUrl: redis.url, prefix: 'own', log: silentLog })
    jobs.onReconnect(() => back++)
    jobs.work('q', once, async job => void ran.push(job.id) as undefined)
    await jobs.add('q', { id: 'before', data: {} })
    await vi.waitFor(() => expect(ran).toContain('before'), { timeout: 20_000 })
  })
  afterAll(async () => {
    await jobs.close()
    await redis.stop()
  })
  const runs = async (id: string): Promise<void> => {
    await expect
      .poll(
        () =>
          jobs.add('q', { id, data: {} }).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true)
    await expect.poll(() => ran, { timeout: 20_000 }).toContain(id)
  }
  const command = async (...words: [string, ...string[]]): Promise<void> => {
    const client = new Redis(redis.url)
    await client.call(...words)
    client.disconnect()
  }

  test('a cut of every connection is announced when it is over, and work goes on', async () => {
    const before = back
    await command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await expect.poll(() => back, { timeout: 10_000 }).toBeGreaterThan(before)
    await runs('after-the-cut')
  })

  test('jobs lost in Redis do not stand in the way of later ones', async () => {
    await jobs.add('q', { id: 'lost', data: {}, delayMs: 3_600_000 })
    await command('FLUSHALL')
    expect(await jobs.depth('q')).toBe(0)
    await runs('lost')
  })

  test('while Redis is away adding fails at once; after its restart the same worker works', async () => {
    await redis.stop()
    await expect(jobs.add('q', { id: 'in-vain', data: {} })).rejects.toThrow()
    await expect(jobs.addAll('q', [{ id: 'in-vain', data: {} }])).rejects.toThrow()
    await expect(jobs.depth('q')).rejects.toThrow()
    const before = back
    await redis.start()
    await expect.poll(() => back, { timeout: 10_000 }).toBeGreaterThan(before)
    await runs('in-vain')
  })

  test('a Redis that accepts and says nothing makes adding fail, and is used again afterwards', async () => {
    redis.freeze()
    await expect(jobs.add('q', { id: 'mute', data: {} })).rejects.toThrow()
    redis.thaw()
    await runs('after-the-silence')
  })

  test('a worker stops and everything closes while Redis is away', async () => {
    const other = await openBullJobs({ redisUrl: redis.url, prefix: 'other', log: silentLog })
    const worker = other.work('q', once, async () => undefined)
    other.work('r', once, async () => undefined)
    await other.add('q', { id: 'a', data: {} })
    await redis.stop()
    await worker.stop()
    await other.close()
    await redis.start()
  })
})
