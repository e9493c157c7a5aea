import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { redisUrl } from '../columns.ts'

/** A key prefix of this test run's own on the shared server, and how to leave no key behind. */
export const testPrefix = (): { prefix: string; drop: () => Promise<void> } => {
  const prefix = `fio-test-${randomBytes(6).toString('hex')}`
  const drop = async (): Promise<void> => {
    const redis = new Redis(redisUrl())
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 }))
      if ((keys as string[]).length > 0) await redis.del(...(keys as string[]))
    await redis.quit()
  }
  return { prefix, drop }
}

export const hasRedisServer = (): boolean => spawnSync('redis-server', ['--version']).status === 0

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const answers = async (url: string): Promise<void> => {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 })
  redis.on('error', () => undefined)
  await redis.ping()
  redis.disconnect()
}

/** A Redis server of the test's own, without persistence, that can be stopped, started again and frozen. */
export const startRedis = async () => {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let server: ChildProcess | null = null
  const start = async (): Promise<void> => {
    server = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      {
        stdio: 'ignore',
      },
    )
    await answers(url)
  }
  const stop = async (): Promise<void> => {
    const dying = server
    server = null
    if (!dying) return
    const gone = new Promise(resolve => dying.once('exit', resolve))
    dying.kill('SIGKILL')
    await gone
  }
  await start()
  return {
    url,
    start,
    stop,
    freeze: () => server?.kill('SIGSTOP'),
    thaw: () => server?.kill('SIGCONT'),
  }
}
