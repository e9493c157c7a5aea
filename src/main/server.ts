import { createServer as createHttpServer } from 'node:http'
import type { Config } from '../config.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { ProviderKind } from '../events/session.ts'
import { decode, decodeAccepted } from '../eventstore/codec.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import { logDistance } from '../eventstore/position.ts'
import { addressOf } from '../eventstore/streams.ts'
import { createApp } from '../http/app.ts'
import { createOperationApp } from '../http/operation-app.ts'
import { createAuth } from '../http/auth.ts'
import { createFileLinks } from '../http/file-links.ts'
import { createMediaLinks } from '../http/media-links.ts'
import { Problem, PROBLEM_STATUS } from '../http/problem.ts'
import { createServer } from '../http/serve.ts'
import { createKeptAnswers } from '../projections/kept-answers.ts'
import { createProgress } from '../projections/progress.ts'
import { createReadModels } from '../projections/create-read-models.ts'
import { createProjectionsStatus } from '../projections/status.ts'
import { createProjectionRunner } from '../projections/runner.ts'
import { createCaches } from '../projections/rows-cache.ts'
import { SCHEMA, type Db } from '../projections/tables.ts'
import { channelReads } from '../reactions/channel-reads.ts'
import { customerTyping } from './customer-typing.ts'
import { sentBefore } from '../reactions/sent-before.ts'
import { pairingCodeJob, retryJob, sessionQueue } from '../reactions/session-jobs.ts'
import { runSessions } from '../reactions/run-sessions.ts'
import { createRealtime } from '../realtime/socket.ts'
import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { startTracing, type Tracing } from '../telemetry/otlp.ts'
import { dataKeys } from '../vault/data-keys.ts'
import { firstRun, type FirstRun } from './first-run.ts'
import { openGround } from './ground.ts'
import { quarantineDoor } from './quarantine-door.ts'
import { healthOf } from './health.ts'
import { logReads } from './log-reads.ts'
import { ephemeralAdapter } from './ephemeral-adapter.ts'
import { fitnessService } from './fitness.ts'
import { ownHeap, quietCollector } from './quiet-collector.ts'
import { redisPeers } from './redis-peers.ts'
import { runServices } from './services.ts'
import { vaultLifeSigns } from './life-signs.ts'
import { pairingDesk } from './pairing-desk.ts'
import { openSessionStore } from './session-store.ts'
import { createStopping } from './stopping.ts'
import { untilCaughtUp } from './caught-up.ts'
import { simulatorDoor } from './simulator-door.ts'
import { webhookDoor } from './webhook-door.ts'
import { channelInspection } from './channel-inspection.ts'
import { keptLooks } from './kept-looks.ts'
import { openChannels } from './channels.ts'
import { createAuditor, signingKey } from './auditor.ts'
import { createEngine } from './engine.ts'
import { LOOKUP_WAIT_MS } from './find-message.ts'
import { createFollowers } from './followers.ts'
import { gauge } from './gauges.ts'

export type Running = {
  readonly url: string
  readonly firstRun: FirstRun | null
  /**
   * Stops taking requests, lets what runs finish, puts everything away, within 20 seconds and the delay. Sessions are closed, not
   * logged out. @throws Error naming what was cut off
   */
  stop(): Promise<void>
  /** Resolves, with the reason, when something without which the server is useless has died. */
  readonly died: Promise<Error>
}

const KEYS_CACHED_MAX = 50_000
const HTTP_GRACE_MS = 5_000
/** How long each part of a stop may take at most; sessions wait for their connections and reports. */
const FOLLOWER_MS_MAX = 12_000
const RETIRE_MS_MAX = 4_000
const SERVICE_MS_MAX = 5_000

/** The whole server, wired: the only place that knows everyone. */
export const startServer = async (config: Config, clock: Clock, log: Log): Promise<Running> => {
  const ground = await openGround(config, clock, log)
  const { store, vault, jobs, leases, media, uploads } = ground
  const metrics = createMetrics()
  const tracing = traced(config, leases.node, log)
  const aborted = new AbortController()

  const keys = dataKeys(vault, { cacheMax: KEYS_CACHED_MAX, clock })
  const reads = logReads(store, keys)
  const progress = createProgress(clock)
  const db = ground.database.db as unknown as Db
  const opened = (event: StoredEvent) => {
    // Every process follows the log, so no process answers from memory what is being erased.
    if (event.type === 'contact.erased') {
      const { company, id } = addressOf(event.stream)
      keys.uncache(company, id)
    }
    return decode(event, keys)
  }
  const rows = createCaches()
  const answers = createKeptAnswers(clock)
  const readModels = createReadModels({ db, store, decode: opened, progress, rows })
  const auth = createAuth({
    vault,
    lookups: readModels,
    freshness: () => readModels.freshness(),
    companyName: reads.companyName,
    secretKey: config.secretKey,
    clock,
  })

  const channels = await openChannels(config, clock, log)
  const pairing = pairingDesk(vault, Buffer.from(config.secretKey))
  const capabilities = (kind: ProviderKind) => channels.providers[kind]?.capabilities ?? null
  const fileLinks = createFileLinks({ secretKey: config.secretKey, publicUrl: config.publicUrl, clock })
  const engine = createEngine({
    fileLinks,
    ground,
    keys,
    reads,
    readModels,
    auth,
    metrics,
    clock,
    log,
    stop: aborted.signal,
    actorBytesMax: config.actorBytesMax,
    isOnline: (companyId, userId) => realtime.isOnline(companyId, userId),
    mediaBytesMax: config.mediaBytesMax,
    capabilities,
    requestPairingCode: (sessionId, phone) =>
      pairing
        .leave(sessionId, phone)
        .then(request => jobs.add(sessionQueue(sessionId), pairingCodeJob(request))),
    retryNow: sessionId => jobs.add(sessionQueue(sessionId), retryJob(sessionId)),
  })
  const { directory, door, intake, tenantKey } = engine
  const caughtUp = untilCaughtUp({
    head: () => store.head(),
    stale: async head => (await readModels.waitFor(head, LOOKUP_WAIT_MS)).stale,
    clock,
    log,
  })
  const channel = channelReads({ store, keys, directory })
  const inMs = (ms: number): string => new Date(clock.now() + ms).toISOString()
  const typing = customerTyping({
    directory,
    tenantKey,
    views: readModels,
    clock,
    log,
    tell: (place, push) => realtime.publishTyping(place, push),
  })
  const sessions = runSessions({
    directory,
    door,
    intake,
    leases,
    jobs,
    takeIn: ground.takeIn,
    mediaBytesMax: config.mediaBytesMax,
    media,
    clock,
    log,
    random: Math.random,
    reads: channel,
    sentBefore: sentBefore({ lookups: readModels, directory, reads: channel, media }),
    providers: channels.providers,
    credentials: engine.sessions.credentials,
    caughtUp,
    wantedSessions: readModels.wantedSessions,
    unsentMessages: readModels.unsentMessages,
    unfetchedMedia: readModels.unfetchedMedia,
    lifeSigns: vaultLifeSigns(vault),
    pairingPhone: pairing.take,
    sessionStore: (companyId, sessionId, fence) => openSessionStore(vault, companyId, sessionId, fence),
    showQr: (companyId, sessionId, qr, expiresInMs) =>
      realtime.publishCode(companyId, { action: 'qr', sessionId, qr, expiresAt: inMs(expiresInMs) }),
    showPairingCode: (companyId, sessionId, pairingCode, expiresInMs) =>
      realtime.publishCode(companyId, {
        action: 'pairingCode',
        sessionId,
        pairingCode,
        expiresAt: inMs(expiresInMs),
      }),
    showRetry: (companyId, sessionId, { attempt, attemptsMax, inMs: wait }) =>
      realtime.publishCode(companyId, {
        action: 'retry',
        sessionId,
        attempt,
        attemptsMax,
        expiresAt: inMs(wait),
      }),
    showPresence: (...presence) => void typing(...presence),
  })

  let stopping = false
  const serves = config.roles.has('api')
  const app = (serves ? createApp : createOperationApp)({
    projections: createProjectionsStatus({
      db,
      runner: { health: () => runner.health(), behind: () => runner.behind() },
    }),
    door,
    readModels,
    answers,
    lookups: readModels,
    auth,
    media,
    thumbnails: ground.thumbnails,
    mediaLinks: createMediaLinks({ secretKey: config.secretKey, publicUrl: config.publicUrl, clock }),
    fileLinks,
    uploads,
    mediaBytesMax: config.mediaBytesMax,
    capabilities,
    codes: { current: (companyId, sessionId) => realtime.currentCodes(companyId, sessionId) },
    inspection: channelInspection({
      providers: channels.providers,
      credentials: engine.sessions.credentials,
      looks: keptLooks(vault, clock),
      clock,
      log,
    }),
    webhooks: webhookDoor({ sessions: engine.sessions, intake, door, pages: channels.pages, clock, log }),
    audit: createAuditor({
      store,
      vault,
      roots: { door, directory, store, signingKey: () => signingKey(vault) },
      clock,
      log,
      stop: aborted.signal,
    }),
    simulator: simulatorDoor({ phone: channels.phone, readModels, tenantKey }),
    quarantine: quarantineDoor(directory),
    health: healthOf({
      ground,
      config,
      sessions,
      progress: readModels,
      caughtUp: () => runner.health().caughtUp,
      stopping: () => stopping,
      directory,
      clock,
    }),
    metrics,
    config,
    log,
    clock,
  })
  const server = createServer(app, clock)
  const others = config.redisUrl
    ? await Promise.all([
        ephemeralAdapter(config.redisUrl, `fio-${store.epoch}`, log),
        redisPeers({ redisUrl: config.redisUrl, prefix: `fio-${store.epoch}`, node: leases.node, log }),
      ])
    : null
  const realtime = createRealtime({
    // Without the role, nobody comes in: it only speaks to the sockets of others.
    httpServer: serves ? server.server : createHttpServer(),
    readModels,
    authenticate: token => principalOf(auth, token),
    epoch: store.epoch,
    clock,
    log,
    ...(others ? { adapter: others[0].adapter, peers: others[1] } : {}),
  })
  auth.onRevoked(({ companyId, userId }) => realtime.disconnectUser(companyId, userId))

  const mayWrite = config.roles.has('projections')
  const runner = createProjectionRunner({
    store,
    db,
    database: ground.database,
    background: ground.database.background as unknown as Db,
    onWritten: (facts, seconds) => {
      metrics.projectionBatch.observe(facts)
      metrics.projectionWrite.observe(seconds)
    },
    decode: opened,
    decodeAccepted: event => decodeAccepted(event, keys),
    distance: logDistance(store.epoch),
    caches: rows,
    answers,
    clock,
    log,
    progress,
    onCommit: batch => {
      for (const { type, stream, meta } of batch.facts)
        if (type.startsWith('user.')) auth.forget(meta.companyId, addressOf(stream).id)
      if (serves) realtime.committed(batch)
    },
    writes: mayWrite,
    // Of these very tables: another release beside this one writes its own.
    ...(config.redisUrl ? { acquireLease: () => leases.acquire(`projections-${SCHEMA}`) } : {}),
  })
  gauge(metrics, { ground, directory, runner, realtime, sessions, jobs })

  // Every process follows the log and serves; what else it does is said by its roles.
  const followers = createFollowers({
    config,
    ground,
    engine,
    keys,
    readModels,
    sessions,
    metrics,
    caughtUp,
    clock,
    log,
  })
  const look = () => Promise.all([store.head(), ground.database.ping(LOOKUP_WAIT_MS)])
  const fitness = fitnessService({ leases, look, clock, log })
  const collector = quietCollector({ heap: ownHeap(), clock, log })
  const services = runServices([runner, ...followers, fitness, collector], log)
  const told = await firstRun({ door, vault, leases, auth, config })
  const { port } = await server.listen(config.host, config.port)

  /** What others can do goes to them at once; requests are served until whoever sends them knows not to. */
  const stop = async (): Promise<void> => {
    stopping = true
    server.drain()
    const { step, cut } = createStopping({ clock, log, laterMs: config.shutdownDelayMs })
    const away = (service: Service, msMax = SERVICE_MS_MAX) =>
      step(service.name, msMax, () => services.stop(service))
    const handedOver = (async () => {
      for (const follower of followers) await away(follower, FOLLOWER_MS_MAX)
    })()
    await pause(clock, config.shutdownDelayMs, aborted.signal)
    const closing = step('http', HTTP_GRACE_MS + SERVICE_MS_MAX, () => server.close(HTTP_GRACE_MS))
    await step('sockets', SERVICE_MS_MAX, () => realtime.close())
    await closing
    await handedOver
    await step('actors', RETIRE_MS_MAX, () => directory.retire())
    aborted.abort()
    for (const service of [runner, fitness, collector]) await away(service)
    await step('channels', SERVICE_MS_MAX, () => channels.close())
    for (const other of others ?? []) await step('other processes', SERVICE_MS_MAX, () => other.close())
    await step('traces', SERVICE_MS_MAX, () => tracing?.stop() ?? Promise.resolve())
    await ground.close(step)
    if (cut().length > 0) throw new Error(`not put away: ${cut().join(', ')}`)
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
