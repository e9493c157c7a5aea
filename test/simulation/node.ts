import { MEDIA_BYTES_MAX } from '../../src/shared/media-limits.ts'
import { createDirectory, type Directory } from '../../src/actors/directory.ts'
import { ticketNumbers } from '../../src/commands/company/ticket-numbers.ts'
import type { Door } from '../../src/commands/define.ts'
import { commandHandler } from '../../src/commands/handle.ts'
import { createIntake, type Intake } from '../../src/commands/message/intake.ts'
import { messageReads } from '../../src/commands/message/read-message.ts'
import type { CommandTools } from '../../src/commands/tools.ts'
import type { Freshness } from '../../src/projections/read-models.ts'
import { LOOKUP_WAIT_MS, messageFinder, ticketFinder } from '../../src/main/find-message.ts'
import type { EventStore } from '../../src/eventstore/port.ts'
import { vaultSessions } from '../../src/main/accounts.ts'
import { logReads } from '../../src/main/log-reads.ts'
import { channelReads } from '../../src/reactions/channel-reads.ts'
import { expireUnsentService } from '../../src/reactions/expire-unsent.ts'
import { mergeContacts } from '../../src/reactions/merge-contacts.ts'
import { createRepair } from '../../src/reactions/repair.ts'
import { runSessions, type RunSessions } from '../../src/reactions/run-sessions.ts'
import { createReactions, type Reaction } from '../../src/reactions/runner.ts'
import { sessionJobs } from '../../src/reactions/session-jobs.ts'
import { newId, type CompanyId } from '../../src/shared/ids.ts'
import type { Service } from '../../src/shared/service.ts'
import { dataKeys, tenantKey } from '../../src/vault/data-keys.ts'
import { EVERYTHING } from '../support/capabilities.ts'
import type { Chance } from './chance.ts'
import { leasesOf } from './lease-server.ts'
import { clockOf, createLine, createStoreLine, storeFailed, type Weather } from './line.ts'
import { jobsOf } from './job-server.ts'
import { memoryStore } from './memory-store.ts'
import { memoryVault } from './memory-vault.ts'
import type { Outside } from './outside.ts'
import type { Life } from './scheduler.ts'

/** A server: the production's own parts over simulated lines. All that it knows dies with it. */
export type SimulatedNode = {
  readonly life: Life
  readonly directory: Directory
  readonly door: Door
  readonly intake: Intake
  readonly sessions: RunSessions
  /** Asks it to stop; resolves when it has. */
  stop(): Promise<void>
}

/** What the tests break on purpose, to see that somebody notices. */
export type Sabotage = {
  readonly store?: (store: EventStore) => EventStore
  readonly directory?: (directory: Directory) => Directory
  readonly door?: (door: Door) => Door
  readonly intake?: (intake: Intake) => Intake
}

const KEYS_CACHED_MAX = 1_000
/** So few that actors are put to sleep and revived all the time. */
const AWAKE_BYTES_MAX = 200_000
export const startNode = (
  outside: Outside,
  life: Life,
  chance: Chance,
  skewMs: number,
  sabotage: Sabotage = {},
): SimulatedNode => {
  const { scheduler, log, weather, readModels, pino, traffic } = outside
  const clock = clockOf(scheduler, life, outside.epochMs, skewMs)
  const random = (size: number): Buffer => chance.bytes(size)
  const correlate = (): string => newId(clock.now(), random)
  const lineTo = (kind: keyof typeof weather, failed = (what: string): Error => new Error(`away: ${what}`)) =>
    createLine({ scheduler, chance, life, weather: (): Weather => weather[kind], traffic, failed })

  const toStore = { scheduler, chance, life, weather: (): Weather => weather.store }
  const storeLine = createStoreLine(lineTo('store', storeFailed), log, toStore)
  const honestStore = memoryStore(log, storeLine, () => storeFailed('the reading broke off'), true)
  const store = sabotage.store?.(honestStore) ?? honestStore
  const vault = memoryVault(outside.vault, lineTo('vault').ask)
  const jobs = jobsOf(outside.jobs, lineTo('jobs'), life)
  const leases = leasesOf({
    server: outside.leases,
    line: lineTo('leases'),
    node: life.name,
    clock,
    log: pino,
  })
  const keys = dataKeys(vault, { cacheMax: KEYS_CACHED_MAX, clock, random })
  const reads = logReads(store, keys)
  const database = lineTo('database')
  const stopped = new AbortController()

  const honestDirectory = createDirectory(
    { store, keys, clock, log: pino, stop: stopped.signal, writer: life.name, random },
    { bytesMax: AWAKE_BYTES_MAX },
  )
  const directory = sabotage.directory?.(honestDirectory) ?? honestDirectory
  const tenantKeys = new Map<string, Promise<Buffer>>()
  const tenantKeyOf = (company: CompanyId): Promise<Buffer> => {
    const found = tenantKeys.get(company) ?? tenantKey(vault, company, random)
    tenantKeys.set(company, found)
    found.catch(() => tenantKeys.delete(company))
    return found
  }
  const secrets = vaultSessions(vault)
  const shownWithin = (position: string, ms: number): Promise<boolean> =>
    new Promise(resolve => {
      const cancel = clock.after(ms, () => resolve(false))
      void readModels.shown(position).then(() => {
        cancel()
        scheduler.after(0, 'shown', life, () => resolve(true))
      })
    })
  const waitFor = async (position: string, ms: number): Promise<Freshness> => ({
    position,
    stale: !(await shownWithin(position, ms)),
  })
  const tools: CommandTools = {
    mediaBytesMax: MEDIA_BYTES_MAX,
    directory,
    clock,
    log: pino,
    random,
    messages: messageReads(store, keys),
    fileLinks: { reachable: true, make: (_, id, at) => `https://fio.example/${id}/${at}` },
    uploads: { take: () => Promise.resolve(null) },
    capabilities: () => EVERYTHING,
    tenantKey: tenantKeyOf,
    ticketNumber: ticketNumbers(directory, life.name, clock, random),
    accounts: {
      claimEmail: () => Promise.resolve(true),
      releaseEmail: () => Promise.resolve(),
      setPassword: () => Promise.resolve(),
      revokeLogins: () => Promise.resolve(),
    },
    sessionSecrets: secrets,
    messageByProviderId: messageFinder(
      {
        waitFor,
        messageByProviderId: (_, sessionId, id) =>
          database.ask('message by id', () => readModels.messageByProviderId(sessionId, id)),
      },
      store,
    ),
    ticketOfMessage: ticketFinder(
      {
        waitFor,
        ticketOfMessage: (_, id) => database.ask('ticket of a message', () => readModels.ticketOfMessage(id)),
      },
      store,
    ),
    contactAddresses: reads.contactAddresses,
    contactCard: reads.contactCard,
    conversationAddresses: reads.conversationAddresses,
    keepRaw: () => Promise.resolve('raw-key'),
    retryNow: () => Promise.reject(new Error('nobody is impatient here')),
    requestPairingCode: () => Promise.reject(new Error('no session is linked by a code here')),
    redeliver: () => Promise.reject(new Error('nobody retries a dead letter here')),
    isOnline: () => true,
    userName: () => Promise.resolve(null),
    userEmails: reads.userEmails,
  }
  const honestDoor = commandHandler(tools)
  const door = sabotage.door?.(honestDoor) ?? honestDoor
  const honestIntake = createIntake({
    door,
    log: pino,
    correlate,
    tenantKey: tenantKeyOf,
    keepRaw: tools.keepRaw,
    count: () => undefined,
  })
  const intake = sabotage.intake?.(honestIntake) ?? honestIntake
  const caughtUp = async (until: AbortSignal): Promise<void> => {
    const head = (await store.head()) ?? ''
    while (!until.aborted && !(await shownWithin(head, LOOKUP_WAIT_MS))) continue
  }
  const lookUp =
    <T>(what: string, look: () => T) =>
    (): Promise<T> =>
      database.ask(what, look)
  const unsentMessages = lookUp('unsent', readModels.unsentMessages)
  const sessions = runSessions({
    directory,
    door,
    intake,
    leases,
    jobs,
    takeIn: () => Promise.reject(new Error('there is no media here')),
    media: { get: () => Promise.resolve(null) },
    clock,
    log: pino,
    random: () => chance.float(),
    correlate,
    reads: channelReads({ store, keys, directory }),
    providers: { simulator: outside.channel().providerOf(life) },
    credentials: secrets.credentials,
    caughtUp,
    wantedSessions: lookUp('wanted', readModels.wantedSessions),
    unsentMessages,
    unfetchedMedia: () => Promise.resolve([]),
    showQr: () => undefined,
    showPairingCode: () => undefined,
    sentBefore: () => Promise.resolve(null),
  })
  const kept = (name: string, reactions: readonly Reaction[]): Service =>
    createReactions({
      name,
      store,
      reactions,
      checkpoints: {
        read: key => vault.get('checkpoints', key),
        write: async (key, last, position) =>
          (await vault.update('checkpoints', key, now => (now === last ? position : undefined))) === position,
      },
      acquireLease: () => leases.acquire(`reactions-${name}`),
      clock,
      log: pino,
    })
  const services: readonly Service[] = [
    sessions,
    createReactions({ name: 'sessions', store, reactions: sessions.reactions, clock, log: pino }),
    createRepair({
      door,
      caughtUp,
      unsettledConversations: before =>
        database.ask('unsettled', () => readModels.unsettledConversations(before)),
      clock,
      log: pino,
      correlate,
    }),
    expireUnsentService({ directory, door, clock, log: pino, unsentMessages }),
    kept(
      'main',
      sessionJobs(directory, jobs, () => undefined),
    ),
    kept('merges', [
      mergeContacts({
        door,
        store,
        waitFor,
        lookups: {
          conversationsOf: (_, contactId) =>
            database.ask('conversations', () => readModels.conversationsOf(contactId)),
        },
      }),
    ]),
  ]
  const stopping = new AbortController()
  const running = services.map(async service => {
    try {
      await service.run(stopping.signal)
    } catch (error) {
      // In production a service that fails ends the process, and something starts it again.
      outside.died(life, `${service.name}: ${String(error)}`)
    }
  })
  return {
    life,
    directory: honestDirectory,
    door,
    intake,
    sessions,
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
      stopped.abort()
    },
  }
}
