import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDirectory, type Directory, type DirectoryLimits } from '../../src/actors/directory.ts'
import { ticketNumbers } from '../../src/commands/company/ticket-numbers.ts'
import type { Answer, AskOptions, Door, Refusal } from '../../src/commands/define.ts'
import { isRefusal } from '../../src/commands/define.ts'
import { commandHandler } from '../../src/commands/handle.ts'
import { createIntake, type Intake, type IntakeTools } from '../../src/commands/message/intake.ts'
import { messageReads } from '../../src/commands/message/read-message.ts'
import type { CommandTools } from '../../src/commands/tools.ts'
import type { RecordedEvent } from '../../src/events/all.ts'
import type { Role } from '../../src/events/company.ts'
import type { Principal, SystemPrincipal, UserPrincipal } from '../../src/events/principal.ts'
import { decode } from '../../src/eventstore/codec.ts'
import { addressOf } from '../../src/eventstore/streams.ts'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'
import type { EventStore, StoredEvent } from '../../src/eventstore/port.ts'
import { vaultSessions } from '../../src/main/accounts.ts'
import { logReads } from '../../src/main/log-reads.ts'
import { redeliver } from '../../src/main/redeliver.ts'
import type { Upload } from '../../src/media/uploads.ts'
import type { Capabilities } from '../../src/providers/provider.ts'
import { systemClock, type Clock } from '../../src/shared/clock.ts'
import { newId, type CompanyId, type QueueId, type UserId } from '../../src/shared/ids.ts'
import { MEDIA_BYTES_MAX } from '../../src/shared/media-limits.ts'
import { silentLog } from '../../src/shared/log.ts'
import { dataKeys, tenantKey } from '../../src/vault/data-keys.ts'
import { openEmbeddedVault } from '../../src/vault/embedded.ts'
import { EVERYTHING } from './capabilities.ts'

/** A clock that a test moves; timers run in real time. */
export const movableClock = (): Clock & { move(minutes: number): void } => {
  let ahead = 0
  return {
    ...systemClock,
    now: () => Date.now() + ahead,
    move: minutes => void (ahead += minutes * 60_000),
  }
}

const MASTER_KEY = Buffer.alloc(32, 7)
const CACHED_MAX = 1_000
const NO_MEDIA = { get: () => Promise.resolve(null) }

/** The real store and the real vault in a folder of their own, and as many nodes over them as a test wants. */
export const openEngine = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-engine-'))
  const store = await openEmbeddedStore({ folder: join(folder, 'events') })
  const vault = await openEmbeddedVault({ folder: join(folder, 'vault'), masterKey: MASTER_KEY })
  const clock = movableClock()
  const companyId = newId<CompanyId>()
  const stop = new AbortController()
  const keys = dataKeys(vault, { cacheMax: CACHED_MAX, clock })
  const online = new Set<string>()
  /** What the channel can do, and what lies ready to be sent: a test changes them. */
  const channel: { capabilities: Capabilities } = { capabilities: EVERYTHING }
  const uploads = new Map<string, Upload>()
  const codesAsked: { sessionId: string; phone: string }[] = []
  const retried: string[] = []

  const events = async (prefix = ''): Promise<StoredEvent[]> => {
    const found: StoredEvent[] = []
    for await (const event of store.readAll(prefix ? { streamPrefixes: [prefix] } : {})) found.push(event)
    return found
  }
  const facts = async (prefix = ''): Promise<RecordedEvent[]> =>
    Promise.all((await events(prefix)).map(event => decode(event, keys)))

  const byProviderId = async (id: string) => {
    for (const fact of await facts())
      if (
        fact.type === 'message.received' ||
        fact.type === 'message.mirrored' ||
        fact.type === 'message.sent'
      )
        if (fact.data.personal?.providerMessageId === id)
          return {
            stream: fact.stream,
            messageId: fact.data.messageId,
            fromMe: fact.type !== 'message.received',
          }
    return null
  }

  /** One server over the log; `through` may be a store that fails. What it holds in memory dies with it. */
  const node = (
    name = 'node',
    through: EventStore = store,
    limits: Partial<DirectoryLimits> = {},
    early?: IntakeTools['early'],
  ): Node => {
    const directory = createDirectory(
      {
        store: through,
        keys,
        clock,
        log: silentLog,
        stop: stop.signal,
        writer: name,
      },
      limits,
    )
    const tools: CommandTools = {
      mediaBytesMax: MEDIA_BYTES_MAX,
      directory,
      clock,
      log: silentLog,
      messages: messageReads(through, keys),
      fileLinks: {
        reachable: true,
        make: (company, message, at) => `https://fio.example/files/${company}/${message}/${at}`,
      },
      uploads: { take: (_, id) => Promise.resolve(uploads.get(id) ?? null) },
      capabilities: () => channel.capabilities,
      requestPairingCode: (sessionId, phone) => {
        codesAsked.push({ sessionId, phone })
        return Promise.resolve()
      },
      retryNow: sessionId => {
        retried.push(sessionId)
        return Promise.resolve()
      },
      tenantKey: company => tenantKey(vault, company),
      ticketNumber: ticketNumbers(directory, name, clock),
      accounts: {
        claimEmail: () => Promise.resolve(true),
        releaseEmail: () => Promise.resolve(),
        setPassword: () => Promise.resolve(),
        revokeLogins: () => Promise.resolve(),
      },
      sessionSecrets: vaultSessions(vault),
      messageByProviderId: (_, __, id) => byProviderId(id),
      ticketOfMessage: async (_, id) => {
        const queued = (await facts('ticket-')).find(
          fact => fact.type === 'message.queued' && fact.data.messageId === id,
        )
        return queued ? addressOf(queued.stream).id : null
      },
      contactAddresses: logReads(store, keys).contactAddresses,
      contactCard: logReads(store, keys).contactCard,
      conversationAddresses: logReads(store, keys).conversationAddresses,
      keepRaw: () => Promise.resolve('raw-key'),
      redeliver: (company, id) =>
        redeliver({
          reads: logReads(store, keys),
          media: NO_MEDIA,
          sessions: vaultSessions(vault),
          intake,
          clock,
        })(company, id),
      isOnline: (_, userId) => online.has(userId),
      userName: () => Promise.resolve(null),
      userEmails: logReads(store, keys).userEmails,
    }
    const door = commandHandler(tools)
    const counted: string[] = []
    const intake: Intake = createIntake({
      door,
      ...(early ? { early } : {}),
      log: silentLog,
      tenantKey: tools.tenantKey,
      keepRaw: tools.keepRaw,
      count: (_, type, status) => void counted.push(`${type} ${status}`),
    })
    const ask = (who: Principal, command: string, input: unknown, options: Partial<AskOptions> = {}) =>
      door.ask(who, command, input, { correlationId: 'test', ...options })
    const done = async (...asked: Parameters<typeof ask>): Promise<Answer> => {
      const answer = await ask(...asked)
      if (isRefusal(answer)) throw new Error(`${asked[1]}: ${answer.refused}: ${answer.detail}`)
      return answer
    }
    return { directory, tools, door, intake, counted, ask, done }
  }

  const system: SystemPrincipal = { kind: 'system', companyId, actor: { kind: 'system', id: 'test' } }
  const user = (role: Role, ...queueIds: string[]): UserPrincipal => ({
    kind: 'user',
    companyId,
    userId: newId<UserId>(),
    role,
    queueIds: queueIds as QueueId[],
  })

  /** A company with one queue, a session that serves it, and some people. */
  const found = async (settings: object = {}) => {
    const first = node()
    const admin = user('admin')
    await first.done(system, 'company.create', {
      name: 'Acme',
      locale: 'pt-BR',
      timeZone: 'America/Sao_Paulo',
    })
    const queue = await first.done(admin, 'queue.create', { name: 'Sales', color: '#00aa55' })
    const session = await first.done(admin, 'session.create', {
      name: 'Front desk',
      provider: 'simulator',
      queueIds: [queue.id],
      settings,
    })
    return {
      admin,
      supervisor: user('supervisor', queue.id),
      ana: user('agent', queue.id),
      bob: user('agent', queue.id),
      queueId: queue.id,
      sessionId: session.id,
    }
  }

  return {
    store,
    vault,
    keys,
    clock,
    companyId,
    system,
    online,
    channel,
    uploads,
    codesAsked,
    retried,
    user,
    found,
    node,
    events,
    facts,
    close: async () => {
      stop.abort()
      await store.close()
      await vault.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type Engine = Awaited<ReturnType<typeof openEngine>>
export type Node = {
  readonly directory: Directory
  readonly tools: CommandTools
  readonly door: Door
  readonly intake: Intake
  /** What the intake counted: `type status`. */
  readonly counted: readonly string[]
  ask(
    who: Principal,
    command: string,
    input: unknown,
    options?: Partial<AskOptions>,
  ): Promise<Answer | Refusal>
  /** As `ask`, where a refusal fails the test. */
  done(who: Principal, command: string, input: unknown, options?: Partial<AskOptions>): Promise<Answer>
}
