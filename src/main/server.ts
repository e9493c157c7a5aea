import type { Config } from '../config.ts'
import type { UserPrincipal } from '../events/principal.ts'
import { decode } from '../eventstore/codec.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import { addressOf } from '../eventstore/streams.ts'
import { createApp } from '../http/app.ts'
import { createAuth } from '../http/auth.ts'
import { Problem, PROBLEM_STATUS } from '../http/problem.ts'
import { createServer } from '../http/serve.ts'
import { createProgress } from '../projections/progress.ts'
import { createReadModels } from '../projections/create-read-models.ts'
import { createProjectionRunner } from '../projections/runner.ts'
import type { Db } from '../projections/tables.ts'
import { channelReads } from '../reactions/channel-reads.ts'
import { runSessions } from '../reactions/run-sessions.ts'
import { createRealtime } from '../realtime/socket.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { startTracing, type Tracing } from '../telemetry/otlp.ts'
import { dataKeys } from '../vault/data-keys.ts'
import { firstRun, type FirstRun } from './first-run.ts'
import { openGround } from './ground.ts'
import { healthOf } from './health.ts'
import { logReads } from './log-reads.ts'
import { ephemeralAdapter } from './ephemeral-adapter.ts'
import { runServices } from './services.ts'
import { simulatorDoor } from './simulator-door.ts'
import { webhookDoor } from './webhook-door.ts'
import { openChannels } from './channels.ts'
import { createEngine, LOOKUP_WAIT_MS } from './engine.ts'
import { createFollowers } from './followers.ts'
import { gauge } from './gauges.ts'

export type Running = {
  readonly url: string
  readonly firstRun: FirstRun | null
  /** Stops taking requests, lets what runs finish, puts everything away. Sessions are closed, not logged out. */
  stop(): Promise<void>
  /** Resolves, with the reason, when something without which the server is useless has died. */
  readonly died: Promise<Error>
}

const KEYS_CACHED_MAX = 50_000
const HTTP_GRACE_MS = 5_000

/** The whole server, wired: the only place that knows everyone. */
export const startServer = async (config: Config, clock: Clock, log: Log): Promise<Running> => {
  const ground = await openGround(config, clock, log)
  const { store, vault, jobs, leases, media } = ground
  const metrics = createMetrics()
  const tracing = traced(config, leases.node, log)
  const aborted = new AbortController()

  const keys = dataKeys(vault, { cacheMax: KEYS_CACHED_MAX, clock })
  const reads = logReads(store, keys)
  const progress = createProgress(clock)
  const db = ground.database.db as unknown as Db
  const opened = (event: StoredEvent) => decode(event, keys)
  const readModels = createReadModels({ db, store, decode: opened, progress })
  const auth = createAuth({
    vault,
    lookups: readModels,
    freshness: () => readModels.freshness(),
    companyName: reads.companyName,
    secretKey: config.secretKey,
    clock,
  })

  const engine = createEngine({
    ground,
    keys,
    reads,
    readModels,
    auth,
    metrics,
    clock,
    log,
    stop: aborted.signal,
    isOnline: (companyId, userId) => realtime.isOnline(companyId, userId),
  })
  const { directory, door, intake, tenantKey } = engine
  const channels = await openChannels(config, clock, log)
  const caughtUp = async (until: AbortSignal): Promise<void> => {
    // An empty log still has tables to be made: any position will do then.
    const head = (await store.head()) ?? ''
    while (!until.aborted && (await readModels.waitFor(head, LOOKUP_WAIT_MS)).stale) continue
  }
  const sessions = runSessions({
    directory,
    door,
    intake,
    leases,
    jobs,
    media,
    clock,
    log,
    random: Math.random,
    reads: channelReads({ store, keys, directory }),
    providers: channels.providers,
    credentials: engine.sessions.credentials,
    caughtUp,
    wantedSessions: readModels.wantedSessions,
    unsentMessages: readModels.unsentMessages,
    unfetchedMedia: readModels.unfetchedMedia,
    showQr: (companyId, sessionId, qr, expiresInMs) =>
      realtime.publishQr(companyId, sessionId, qr, new Date(clock.now() + expiresInMs).toISOString()),
  })

  const app = createApp({
    door,
    readModels,
    lookups: readModels,
    auth,
    media,
    qr: { current: (companyId, sessionId) => Promise.resolve(realtime.currentQr(companyId, sessionId)) },
    webhooks: webhookDoor({ sessions: engine.sessions, intake, clock, log }),
    simulator: simulatorDoor({ phone: channels.phone, readModels, tenantKey }),
    health: healthOf({ ground, config, sessions, progress: readModels, clock }),
    metrics,
    config,
    log,
    clock,
  })
  const server = createServer(app, clock)
  const ephemeral = config.redisUrl
    ? await ephemeralAdapter(config.redisUrl, `fio-${store.epoch}`, log)
    : null
  const realtime = createRealtime({
    httpServer: server.server,
    readModels,
    authenticate: token => principalOf(auth, token),
    epoch: store.epoch,
    clock,
    log,
    ...(ephemeral ? { adapter: ephemeral.adapter } : {}),
  })
  auth.onRevoked(({ companyId, userId }) => realtime.disconnectUser(companyId, userId))

  const mayWrite = config.roles.has('projections')
  const runner = createProjectionRunner({
    store,
    db,
    background: ground.database.background as unknown as Db,
    decode: opened,
    clock,
    log,
    progress,
    onCommit: batch => {
      for (const { type, stream, meta } of batch.facts)
        if (type.startsWith('user.')) auth.forget(meta.companyId, addressOf(stream).id)
      realtime.committed(batch)
    },
    ...(config.redisUrl
      ? { acquireLease: () => (mayWrite ? leases.acquire('projections') : Promise.resolve(null)) }
      : {}),
  })
  gauge(metrics, { directory, runner, realtime, sessions, jobs })

  // Every process follows the log and serves; what else it does is said by its roles.
  const followers = createFollowers({
    config,
    ground,
    engine,
    readModels,
    sessions,
    metrics,
    caughtUp,
    clock,
    log,
  })
  const services = runServices([runner, ...followers], log)
  const told = await firstRun({ door, vault, leases, auth, config })
  const { port } = await server.listen(config.host, config.port)

  const stop = async (): Promise<void> => {
    const closing = server.close(HTTP_GRACE_MS)
    await realtime.close()
    await closing
    for (const follower of followers) await services.stop(follower)
    aborted.abort()
    await services.stop(runner)
    await channels.close()
    await ephemeral?.close()
    await tracing?.stop()
    await ground.close()
  }
  const died = Promise.race([services.died, new Promise<Error>(resolve => ground.database.onLost(resolve))])
  return { url: urlOf(config, port), firstRun: told, stop, died }
}

const traced = (config: Config, node: string, log: Log): Tracing | null =>
  config.otlpEndpoint
    ? startTracing({
        endpoint: config.otlpEndpoint,
        resource: { 'service.name': 'fio', 'service.version': config.version, 'service.instance.id': node },
        log,
      })
    : null

const principalOf = async (
  auth: ReturnType<typeof createAuth>,
  token: string,
): Promise<UserPrincipal | null> => {
  try {
    return (await auth.authenticate(token)).principal
  } catch (error) {
    // Whatever is wrong with the token, a socket only learns that it may not come in.
    if (error instanceof Problem && PROBLEM_STATUS[error.code] === 401) return null
    throw error
  }
}

const urlOf = (config: Config, port: number): string => {
  const url = new URL(config.publicUrl)
  if (url.port === String(config.port)) url.port = String(port)
  return url.href.replace(/\/$/, '')
}
