import type { Config } from '../config.ts'
import type { Lookups, ReadModels } from '../projections/read-models.ts'
import { expireUnsentService } from '../reactions/expire-unsent.ts'
import { createRepair } from '../reactions/repair.ts'
import { returnTickets } from '../reactions/return-tickets.ts'
import type { RunSessions } from '../reactions/run-sessions.ts'
import { createReactions, type Reaction } from '../reactions/runner.ts'
import { sessionJobs } from '../reactions/session-jobs.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Engine } from './engine.ts'
import type { Ground } from './ground.ts'
import { countOutbound } from './observe.ts'

/** What follows from facts, as far as this process's roles go; in the order in which it is stopped. */
export const createFollowers = (parts: {
  readonly config: Pick<Config, 'roles' | 'redisUrl'>
  readonly ground: Ground
  readonly engine: Engine
  readonly readModels: ReadModels & Lookups
  readonly sessions: RunSessions
  readonly metrics: Metrics
  caughtUp(stop: AbortSignal): Promise<void>
  readonly clock: Clock
  readonly log: Log
}): readonly Service[] => {
  const { config, ground, engine, readModels, sessions, metrics, caughtUp, clock, log } = parts
  const { store, vault, jobs, leases } = ground
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
        write: (key, position) => vault.write([{ put: ['checkpoints', key, position] }]),
      },
      ...(config.redisUrl ? { acquireLease: () => leases.acquire(`reactions-${name}`) } : {}),
      clock,
      log,
    })
  const bells = kept('main', [...sessionJobs(directory, jobs, unreachable), countOutbound(metrics)])
  const { waitFor, openTicketsOf } = readModels
  const leavers = kept('leavers', [returnTickets({ door, directory, waitFor, openTicketsOf })])
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
  const { unsentMessages } = readModels
  const expiry = expireUnsentService({ directory, door, clock, log, unsentMessages })
  return [
    ...(config.roles.has('sessions') ? [sessions, sessionReactions] : []),
    ...(config.roles.has('jobs') ? [repair, expiry, leavers, bells] : []),
  ]
}
