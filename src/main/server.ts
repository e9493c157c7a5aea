import type { Config } from '../config.ts'
import { createDirectory } from '../actors/directory.ts'
import { ticketNumbers } from '../commands/company/ticket-numbers.ts'
import { commandHandler } from '../commands/handle.ts'
import { createIntake } from '../commands/message/intake.ts'
import type { CommandTools } from '../commands/tools.ts'
import type { UserPrincipal } from '../events/principal.ts'
import { decode } from '../eventstore/codec.ts'
import { createApp } from '../http/app.ts'
import { createAuth } from '../http/auth.ts'
import { Problem, PROBLEM_STATUS } from '../http/problem.ts'
import { createServer } from '../http/serve.ts'
import { createProgress } from '../projections/progress.ts'
import { createReadModels } from '../projections/create-read-models.ts'
import { createProjectionRunner } from '../projections/runner.ts'
import type { Db } from '../projections/tables.ts'
import { cloudProvider } from '../providers/cloud/provider.ts'
import { startSimulatorNetwork } from '../providers/simulator/network.ts'
import { simulatorPhone } from '../providers/simulator/phone.ts'
import { simulatorProvider } from '../providers/simulator/provider.ts'
import { expireUnsentService } from '../reactions/expire-unsent.ts'
import { channelReads } from '../reactions/channel-reads.ts'
import { createRepair } from '../reactions/repair.ts'
import { returnTickets } from '../reactions/return-tickets.ts'
import { createReactions } from '../reactions/runner.ts'
import { runSessions } from '../reactions/run-sessions.ts'
import { sessionJobs } from '../reactions/session-jobs.ts'
import { createRealtime } from '../realtime/socket.ts'
import type { Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { startTracing } from '../telemetry/otlp.ts'
import { dataKeys, tenantKey as vaultTenantKey } from '../vault/data-keys.ts'
import { vaultAccounts, vaultSessions } from './accounts.ts'
import { firstRun, type FirstRun } from './first-run.ts'
import { openGround } from './ground.ts'
import { healthOf } from './health.ts'
import { logReads } from './log-reads.ts'
import { ephemeralAdapter } from './ephemeral-adapter.ts'
import { countOutbound, observeEngine } from './observe.ts'
import { redeliver } from './redeliver.ts'
import { runServices } from './services.ts'
import { simulatorDoor } from './simulator-door.ts'
import { webhookDoor } from './webhook-door.ts'

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
/** How long a command waits for the read models where it has to look something up there. */
const LOOKUP_WAIT_MS = 2_000

/** The whole server, wired: the only place that knows everyone. */
export const startServer = async (config: Config, clock: Clock, log: Log): Promise<Running> => {
  const ground = await openGround(config, clock, log)
  const { store, vault, jobs, leases, media } = ground
  const metrics = createMetrics()
  const tracing = config.otlpEndpoint
    ? startTracing({
        endpoint: config.otlpEndpoint,
        resource: {
          'service.name': 'fio',
          'service.version': config.version,
          'service.instance.id': leases.node,
        },
        log,
      })
    : null
  const aborted = new AbortController()

  const keys = dataKeys(vault, { cacheMax: KEYS_CACHED_MAX, clock })
  const tenantKeys = new Map<string, Promise<Buffer>>()
  const tenantKey = (companyId: CompanyId): Promise<Buffer> => {
    const known = tenantKeys.get(companyId) ?? vaultTenantKey(vault, companyId)
    tenantKeys.set(companyId, known)
    known.catch(() => tenantKeys.delete(companyId))
    return known
  }
  const reads = logReads(store, keys)

  const progress = createProgress(clock)
  const db = ground.database.db as unknown as Db
  const opened = (event: Parameters<typeof decode>[0]) => decode(event, keys)
  const readModels = createReadModels({ db, store, decode: opened, progress })

  const auth = createAuth({
    vault,
    lookups: readModels,
    freshness: () => readModels.freshness(),
    companyName: reads.companyName,
    secretKey: config.secretKey,
    clock,
  })

  const observer = observeEngine(metrics, store.name)
  const directory = createDirectory({
    store,
    keys,
    clock,
    log,
    stop: aborted.signal,
    observe: observer,
    writer: store.shared ? leases.node : '',
  })
  const sessionsInVault = vaultSessions(vault)
  const keepRaw = async (companyId: string, text: string): Promise<string> =>
    (await media.put(companyId, bytesOf(text), { mime: 'application/json', limit: Number.MAX_SAFE_INTEGER }))
      .key

  const tools: CommandTools = {
    directory,
    clock,
    log,
    tenantKey,
    ticketNumber: ticketNumbers(directory, leases.node, clock),
    accounts: vaultAccounts(vault, auth),
    sessionSecrets: sessionsInVault,
    messageByProviderId: async (companyId, sessionId, providerMessageId) => {
      const found = await readModels.messageByProviderId(companyId, sessionId, providerMessageId)
      const head = found ? null : await store.head()
      if (found || !head) return found
      await readModels.waitFor(head, LOOKUP_WAIT_MS)
      return readModels.messageByProviderId(companyId, sessionId, providerMessageId)
    },
    contactAddresses: reads.contactAddresses,
    keepRaw,
    redeliver: (companyId, id) => redeliverLetter(companyId, id),
    isOnline: (companyId, userId) => realtime.isOnline(companyId, userId),
    userName: reads.userName,
    userEmails: reads.userEmails,
  }
  const door = commandHandler(tools)
  const intake = createIntake({
    door,
    log,
    tenantKey,
    keepRaw,
    count: (companyId, type, status) =>
      metrics.messages.inc({ type: type === 'status' ? 'status' : 'inbound', company_id: companyId, status }),
  })

  const redeliverLetter = redeliver({ reads, media, sessions: sessionsInVault, intake, clock })

  const caughtUp = async (until: AbortSignal): Promise<void> => {
    // An empty log still has tables to be made: any position will do then.
    const head = (await store.head()) ?? ''
    while (!until.aborted && (await readModels.waitFor(head, LOOKUP_WAIT_MS)).stale) continue
  }

  const network = config.simulatorUrl ? null : await startSimulatorNetwork({ log, clock })
  const simulatorUrl = config.simulatorUrl ?? network?.url ?? ''
  const phone = simulatorPhone({ url: simulatorUrl, clock })

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
    providers: {
      simulator: simulatorProvider({ url: simulatorUrl, clock, log }),
      cloud: cloudProvider({ graphUrl: config.graphUrl, clock, log }),
    },
    credentials: sessionsInVault.credentials,
    caughtUp,
    wantedSessions: readModels.wantedSessions,
    unsentMessages: readModels.unsentMessages,
    unfetchedMedia: readModels.unfetchedMedia,
    showQr: (companyId, sessionId, qr, expiresInMs) =>
      realtime.publishQr(companyId, sessionId, qr, new Date(clock.now() + expiresInMs).toISOString()),
  })

  const health = healthOf({ ground, config, sessions, progress: readModels, clock })
  const app = createApp({
    door,
    readModels,
    lookups: readModels,
    auth,
    media,
    qr: { current: (companyId, sessionId) => Promise.resolve(realtime.currentQr(companyId, sessionId)) },
    webhooks: webhookDoor({ sessions: sessionsInVault, intake, clock, log }),
    simulator: simulatorDoor({ phone, readModels, tenantKey }),
    health,
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

  const runner = createProjectionRunner({
    store,
    db,
    background: ground.database.background as unknown as Db,
    decode: opened,
    clock,
    log,
    progress,
    onCommit: batch => {
      for (const fact of batch.facts)
        if (fact.type.startsWith('user.'))
          auth.forget(fact.meta.companyId, fact.stream.slice(fact.stream.indexOf('.') + 1))
      realtime.committed(batch)
    },
    ...(config.redisUrl
      ? {
          acquireLease: () =>
            config.roles.has('projections') ? leases.acquire('projections') : Promise.resolve(null),
        }
      : {}),
  })
  metrics.onScrape(
    'fio_projection_lag_now_seconds',
    'Age of the oldest fact not shown yet',
    () => runner.health().lagMs / 1000,
  )
  metrics.onScrape('fio_live_actors_now', 'Actors awake', () => directory.size())
  metrics.onScrape('fio_socket_clients_now', 'Connected sockets', () => realtime.clients())

  const unreachable = (error: unknown): void =>
    log.warn({ err: error }, 'the job queue is away; the sweep rings again')
  const reactions = createReactions({
    name: 'main',
    store,
    checkpoints: {
      read: name => vault.get('checkpoints', name),
      write: (name, position) => vault.write([{ put: ['checkpoints', name, position] }]),
    },
    reactions: [
      ...sessionJobs(directory, jobs, unreachable),
      returnTickets({ door, waitFor: readModels.waitFor, openTicketsOf: readModels.openTicketsOf }),
      countOutbound(metrics),
    ],
    ...(config.redisUrl ? { acquireLease: () => leases.acquire('reactions') } : {}),
    clock,
    log,
  })
  // Every node looks itself whether a session is its to run; what was missed is found by the sweep.
  const sessionReactions = createReactions({
    name: 'sessions',
    store,
    reactions: sessions.reactions,
    clock,
    log,
  })

  const repair = createRepair({
    door,
    caughtUp,
    unsettledConversations: readModels.unsettledConversations,
    clock,
    log,
  })
  const expiry = expireUnsentService({
    directory,
    door,
    clock,
    log,
    unsentMessages: readModels.unsentMessages,
  })
  // Every process follows the log and serves; what else it does is said by its roles.
  const { roles } = config
  const services = runServices(
    [
      runner,
      ...(roles.has('jobs') ? [reactions, repair, expiry] : []),
      ...(roles.has('sessions') ? [sessionReactions, sessions] : []),
    ],
    log,
  )
  const told = await firstRun({ door, vault, leases, config })
  const { port } = await server.listen(config.host, config.port)

  const stop = async (): Promise<void> => {
    const closing = server.close(HTTP_GRACE_MS)
    await realtime.close()
    await closing
    await services.stop(sessions)
    await services.stop(repair)
    await services.stop(expiry)
    await services.stop(sessionReactions)
    await services.stop(reactions)
    aborted.abort()
    await services.stop(runner)
    phone.close()
    await network?.close()
    await ephemeral?.close()
    await tracing?.stop()
    await ground.close()
  }
  const died = Promise.race([services.died, new Promise<Error>(resolve => ground.database.onLost(resolve))])
  return { url: urlOf(config, port), firstRun: told, stop, died }
}

const bytesOf = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

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
