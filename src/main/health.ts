import { access, constants } from 'node:fs/promises'
import { Redis } from 'ioredis'
import type { Directory } from '../actors/directory.ts'
import type { Config } from '../config.ts'
import type { ReadModels } from '../projections/read-models.ts'
import type { RunSessions } from '../reactions/run-sessions.ts'
import type { Clock } from '../shared/clock.ts'
import { createHealth, notUsed, type Health, type HealthCheck } from '../telemetry/health.ts'
import type { Ground } from './ground.ts'

const PING_MS_MAX = 2_000

const redisCheck =
  (url: string): HealthCheck =>
  async () => {
    const redis = new Redis(url, { lazyConnect: true, connectTimeout: PING_MS_MAX, maxRetriesPerRequest: 0 })
    redis.on('error', () => undefined)
    try {
      await redis.connect()
      await redis.ping()
      return { status: 'healthy', message: 'answers' }
    } finally {
      redis.disconnect()
    }
  }

/** How everything is doing, asked of the real parts each time. */
export const healthOf = (tools: {
  readonly ground: Ground
  readonly config: Config
  readonly sessions: Pick<RunSessions, 'connected'>
  readonly progress: Pick<ReadModels, 'freshness'>
  /** Whether the read models have shown everything that the log held at the start. */
  caughtUp(): boolean
  /** Whether the server was told to stop. */
  stopping(): boolean
  readonly directory: Pick<Directory, 'quarantined'>
  readonly clock: Clock
}): Health => {
  const { ground, config, sessions, progress, directory, clock } = tools
  return createHealth({
    clock,
    checks: {
      eventstore: async () => {
        const fault = ground.store.fault?.()
        if (fault) throw fault
        await ground.store.head()
        const held = directory.quarantined().length
        if (held === 0) return { status: 'healthy', message: ground.store.name }
        // The log itself is well; some of what lives on it is not.
        const message = `${ground.store.name}; ${held} of this node's actors are in quarantine`
        return { status: 'degraded', message }
      },
      database: async () => {
        await ground.database.ping(PING_MS_MAX)
        return { status: 'healthy', message: ground.database.kind }
      },
      redis: config.redisUrl
        ? redisCheck(config.redisUrl)
        : notUsed('not used: jobs and leases are in process'),
      whatsapp: () => {
        const here = sessions.connected()
        const up = here.filter(({ state }) => state === 'connected').length
        const message = `${up} of ${here.length} sessions of this node connected`
        return Promise.resolve({ status: up === here.length ? 'healthy' : 'degraded', message })
      },
      filesystem: async () => {
        const { eventStoreUrl, databaseUrl, dataDir } = config
        // With everything outside only media are files, and DATA_DIR need not even be there.
        const local = eventStoreUrl && databaseUrl ? null : access(dataDir, constants.W_OK)
        await Promise.all([local, ground.media.check()])
        return {
          status: 'healthy',
          message: ground.media.name === 's3' ? 'writable, media in S3' : 'writable',
        }
      },
    },
    readiness: () => {
      if (tools.stopping()) return { ready: false, reason: 'the server is stopping' }
      if (ground.store.fault?.()) return { ready: false, reason: 'the event log cannot be written' }
      const { position, stale } = progress.freshness()
      return position === null || stale || !tools.caughtUp()
        ? { ready: false, reason: 'the read models are being filled' }
        : { ready: true, reason: 'ready' }
    },
  })
}
