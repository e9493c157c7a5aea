import { createDirectory, type Directory, type DirectoryTools } from '../actors/directory.ts'
import { createSnapshotKeeper } from '../actors/snapshot-keeper.ts'
import { ticketNumbers } from '../commands/company/ticket-numbers.ts'
import { aliasIdOf, canonicalAddresses } from '../commands/contact/addresses.ts'
import type { Door } from '../commands/define.ts'
import { commandHandler } from '../commands/handle.ts'
import { addressesIn } from '../commands/message/addresses-in.ts'
import { createIntake, type Intake } from '../commands/message/intake.ts'
import { messageReads } from '../commands/message/read-message.ts'
import type { CommandTools } from '../commands/tools.ts'
import type { Auth } from '../http/auth.ts'
import type { Lookups, ReadModels } from '../projections/read-models.ts'
import type { InboundItem } from '../providers/provider.ts'
import { createEarlyActions, type EarlyActions } from '../reactions/early-actions.ts'
import type { Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { tenantKey as vaultTenantKey, type VaultDataKeys } from '../vault/data-keys.ts'
import { vaultAccounts, vaultSessions, type VaultSessions } from './accounts.ts'
import { vaultEarlyActions } from './early-actions.ts'
import { messageFinder, ticketFinder } from './find-message.ts'
import type { Ground } from './ground.ts'
import type { LogReads } from './log-reads.ts'
import { memoryPressure } from './memory-pressure.ts'
import { observeEngine } from './observe.ts'
import { redeliver } from './redeliver.ts'

export type Engine = {
  readonly directory: Directory
  readonly door: Door
  readonly intake: Intake
  readonly early: EarlyActions
  /** Forgets what people with these aliases said of messages that have not come. */
  forgetEarly(companyId: CompanyId, aliasIds: readonly string[]): Promise<void>
  readonly sessions: VaultSessions
  tenantKey(companyId: CompanyId): Promise<Buffer>
}

const bytesOf = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const remembered = <T>(find: (key: CompanyId) => Promise<T>): ((key: CompanyId) => Promise<T>) => {
  const known = new Map<string, Promise<T>>()
  return key => {
    const found = known.get(key) ?? find(key)
    known.set(key, found)
    found.catch(() => known.delete(key))
    return found
  }
}

/** The actors and the one door to them. */
export const createEngine = (parts: {
  readonly ground: Ground
  readonly keys: VaultDataKeys
  readonly reads: LogReads
  readonly readModels: ReadModels & Lookups
  readonly auth: Auth
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly stop: AbortSignal
  /** Memory that actors may take, about. */
  readonly actorBytesMax: number
  isOnline(companyId: string, userId: string): boolean
  readonly capabilities: CommandTools['capabilities']
  readonly fileLinks: CommandTools['fileLinks']
  readonly requestPairingCode: CommandTools['requestPairingCode']
  readonly retryNow: CommandTools['retryNow']
  readonly mediaBytesMax: number
}): Engine => {
  const { ground, keys, reads, readModels, auth, metrics, clock, log } = parts
  const { store, vault, leases, media } = ground
  const tenantKey = remembered(companyId => vaultTenantKey(vault, companyId))
  const sessions = vaultSessions(vault)
  const keepRaw = async (companyId: string, text: string): Promise<string> => {
    const options = { mime: 'application/json', limit: Number.MAX_SAFE_INTEGER }
    return (await media.put(companyId, bytesOf(text), options)).key
  }
  const actorTools: DirectoryTools = {
    store,
    keys,
    clock,
    log,
    stop: parts.stop,
    observe: observeEngine(metrics, store.name),
    writer: store.shared ? leases.node : '',
    snapshots: createSnapshotKeeper({
      snapshots: ground.snapshots,
      epoch: store.epoch,
      clock,
      log,
      observe: outcome => metrics.snapshots.inc({ outcome }),
    }),
    pressure: memoryPressure,
  }
  const directory = createDirectory(actorTools, { bytesMax: parts.actorBytesMax })
  const tools: CommandTools = {
    directory,
    messages: messageReads(store, keys),
    uploads: ground.uploads,
    capabilities: parts.capabilities,
    fileLinks: parts.fileLinks,
    requestPairingCode: parts.requestPairingCode,
    retryNow: parts.retryNow,
    mediaBytesMax: parts.mediaBytesMax,
    clock,
    log,
    tenantKey,
    ticketNumber: ticketNumbers(directory, leases.node, clock),
    accounts: vaultAccounts(vault, auth),
    sessionSecrets: sessions,
    messageByProviderId: messageFinder(readModels, store),
    ticketOfMessage: ticketFinder(readModels, store),
    contactAddresses: reads.contactAddresses,
    contactCard: reads.contactCard,
    conversationAddresses: reads.conversationAddresses,
    keepRaw,
    redeliver: (companyId, id) => redeliverLetter(companyId, id),
    isOnline: parts.isOnline,
    userName: reads.userName,
    userEmails: reads.userEmails,
  }
  const door = commandHandler(tools)
  const early = createEarlyActions({
    drawer: vaultEarlyActions(vault),
    settle: (...early) => intake.settle(...early),
    clock,
    log,
  })
  const intake: Intake = createIntake({
    door,
    early,
    log,
    tenantKey,
    keepRaw,
    count: (companyId, type, status) =>
      metrics.messages.inc({ type: type === 'status' ? 'status' : 'inbound', company_id: companyId, status }),
  })
  const redeliverLetter = redeliver({ reads, media, sessions, intake, clock })
  const forgetEarly: Engine['forgetEarly'] = async (companyId, aliasIds) => {
    const [key, theirs] = [await tenantKey(companyId), new Set(aliasIds)]
    const isTheirs = (item: InboundItem): boolean =>
      canonicalAddresses(addressesIn(item)).some(address => theirs.has(aliasIdOf(key, address)))
    await early.forget(companyId, isTheirs)
  }
  return { directory, door, intake, early, forgetEarly, sessions, tenantKey }
}
