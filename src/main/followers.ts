import { addressOf } from '../eventstore/streams.ts'
import type { Config } from '../config.ts'
import type { Lookups, ReadModels } from '../projections/read-models.ts'
import { sweepUploads } from '../media/sweep-uploads.ts'
import { dropLateFiles, eraseContacts } from '../reactions/erase-contacts.ts'
import { expireUnsentService } from '../reactions/expire-unsent.ts'
import { createRepair } from '../reactions/repair.ts'
import { mergeContacts } from '../reactions/merge-contacts.ts'
import { returnTickets } from '../reactions/return-tickets.ts'
import type { RunSessions } from '../reactions/run-sessions.ts'
import { replayErasures } from '../reactions/restored-erasures.ts'
import { createReactions, type Reaction } from '../reactions/runner.ts'
import { signRootsDaily } from '../reactions/sign-roots.ts'
import { sessionJobs } from '../reactions/session-jobs.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createTimers } from '../timers/service.ts'
import type { VaultDataKeys } from '../vault/data-keys.ts'
import { signingKey } from './auditor.ts'
import type { Engine } from './engine.ts'
import type { Ground } from './ground.ts'
import { countOutbound } from './observe.ts'

const SWEEP_WAIT_MS = 2_000

/** What follows from facts, as far as this process's roles go; in the order in which it is stopped. */
export const createFollowers = (parts: {
  readonly config: Pick<Config, 'roles' | 'redisUrl'>
  readonly ground: Ground
  readonly engine: Engine
  readonly keys: VaultDataKeys
  readonly readModels: ReadModels & Lookups
  readonly sessions: RunSessions
  readonly metrics: Metrics
  caughtUp(stop: AbortSignal): Promise<void>
  readonly clock: Clock
  readonly log: Log
}): readonly Service[] => {
  const { config, ground, engine, keys, readModels, sessions, metrics, caughtUp, clock, log } = parts
  const { store, vault, jobs, leases, media } = ground
  const { directory, door } = engine
  const unreachable = (error: unknown): void =>
    log.warn({ err: error }, 'the job queue is away; the sweep rings again')

  /** Each with a checkpoint of its own, on one node at a time: one that has to wait keeps the others from nothing. */
  const kept = (name: string, reactions: readonly Reaction[]): Service =>
    createReactions({
      name,
      store,
      reactions,
      checkpoints: {
        read: key => vault.get('checkpoints', key),
        write: async (key, last, position) => {
          const change = (current: string | null) => (current === last ? position : undefined)
          return (await vault.update('checkpoints', key, change)) === position
        },
      },
      ...(config.redisUrl ? { acquireLease: () => leases.acquire(`reactions-${name}`) } : {}),
      clock,
      log,
    })
  const bells = kept('main', [...sessionJobs(directory, jobs, unreachable), countOutbound(metrics)])
  const { waitFor, openTicketsOf } = readModels
  const leavers = kept('leavers', [returnTickets({ door, directory, waitFor, openTicketsOf })])
  const merging = kept('merges', [mergeContacts({ door, store, waitFor, lookups: readModels })])
  const erasure = {
    door,
    store,
    media,
    destroyKey: keys.destroy,
    forgetEarly: engine.forgetEarly,
    waitFor,
    lookups: readModels,
    removeSnapshot: (stream: string) => directory.forget(addressOf(stream)),
    log,
  }
  const erasing = kept('erasures', [eraseContacts(erasure), dropLateFiles(erasure)])
  /** A log that is not the one this vault last saw was restored: whom the vault knows as erased is erased there too. */
  const erasures: Service = {
    name: erasing.name,
    run: async stop => {
      const seen = await vault.get('checkpoints', 'erasures')
      const head = (await store.head()) ?? ''
      if (!seen?.startsWith(store.epoch) || seen > head) {
        const again = await replayErasures({ door, directory, erased: keys.erased })
        if (again > 0) log.warn({ again }, 'erased again what a restore had brought back')
      }
      await erasing.run(stop)
    },
  }
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
  const timers = createTimers({
    door,
    caughtUp,
    dueTimers: readModels.dueTimers,
    ...(config.redisUrl ? { acquireLease: () => leases.acquire('timers') } : {}),
    clock,
    log,
  })
  const { unsentMessages } = readModels
  const expiry = expireUnsentService({ directory, door, clock, log, unsentMessages })
  const roots = signRootsDaily({
    door,
    directory,
    store,
    signingKey: () => signingKey(vault),
    acquireLease: () => leases.acquire('sign-roots'),
    clock,
    log,
  })
  const { isMediaUsed } = readModels
  const leftUploads = sweepUploads({
    uploads: ground.uploads,
    isUsed: async (companyId, key) => {
      const head = await store.head()
      if (head !== null && (await waitFor(head, SWEEP_WAIT_MS)).stale)
        throw new Error('the read models are behind')
      return isMediaUsed(companyId, key)
    },
    clock,
    log,
  })
  return [
    // Whoever takes in what channels say, by socket or by webhook, keeps what comes too early.
    ...(config.roles.has('sessions') || config.roles.has('api') ? [engine.early] : []),
    ...(config.roles.has('sessions') ? [sessions, sessionReactions] : []),
    ...(config.roles.has('jobs')
      ? [timers, repair, expiry, leavers, merging, erasures, roots, leftUploads, bells]
      : []),
  ]
}
