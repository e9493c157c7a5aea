import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from '../shared/log.ts'

const CONNECT_SECONDS_MAX = 5
export const COMMAND_SECONDS_MAX = 5
const RECONNECT_MS_MAX = 2_000

const common = {
  connectTimeout: CONNECT_SECONDS_MAX * 1000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), RECONNECT_MS_MAX),
} satisfies RedisOptions

/** A connection on which a command fails at once, or within seconds, when Redis is not there. */
export const hastyRedis = (url: string): Redis =>
  new Redis(url, {
    ...common,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_SECONDS_MAX * 1000,
  })

/** A connection for workers, which wait for work as long as it takes, through outages too. */
export const patientRedis = (url: string): Redis => new Redis(url, { ...common, maxRetriesPerRequest: null })

/** The address without its password, for people and logs. */
const withoutPassword = (url: string): string => {
  try {
    return `redis://${new URL(url).host}`
  } catch {
    return 'an address that is no URL'
  }
}

/** Waits until the connection stands. @throws Error in plain words when it does not in time. */
export const redisReady = async (redis: Redis, url: string): Promise<void> => {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve, reject) => {
    let last: Error | undefined
    const keep = (error: Error): void => void (last = error)
    const timer = setTimeout(() => {
      redis.off('error', keep)
      const why = last ? last.message || ((last as NodeJS.ErrnoException).code ?? '') : 'no answer'
      reject(new Error(`REDIS_URL: no Redis at ${withoutPassword(url)}: ${why}`, { cause: last }))
    }, CONNECT_SECONDS_MAX * 1000)
    redis.on('error', keep)
    redis.once('ready', () => {
      clearTimeout(timer)
      redis.off('error', keep)
      resolve()
    })
  })
}

/** Logs the beginning and the end of an outage, once each, and tells who wants to know that it is over. */
export const watchRedis = (
  redis: Redis,
  log: Log,
  room: string,
): { onReconnect(listener: () => void): void } => {
  const listeners: (() => void)[] = []
  let away = false
  const leave = (error?: Error): void => {
    if (!away) log.warn({ err: error, room }, 'Redis is away')
    away = true
  }
  redis.on('error', leave)
  redis.on('close', () => leave())
  redis.on('ready', () => {
    if (!away) return
    away = false
    log.info({ room }, 'Redis is back')
    for (const listener of listeners) listener()
  })
  return { onReconnect: listener => void listeners.push(listener) }
}
