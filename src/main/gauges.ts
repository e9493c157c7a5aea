import type { Directory } from '../actors/directory.ts'
import type { Jobs } from '../jobs/port.ts'
import type { ProjectionRunner } from '../projections/runner.ts'
import type { RunSessions } from '../reactions/run-sessions.ts'
import { sessionQueue } from '../reactions/session-jobs.ts'
import type { Realtime } from '../realtime/socket.ts'
import type { Ground } from './ground.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** The figures that are looked up when somebody asks, not counted along the way. */
export const gauge = (
  metrics: Metrics,
  parts: {
    readonly directory: Directory
    readonly runner: Pick<ProjectionRunner, 'health' | 'behind'>
    readonly realtime: Pick<Realtime, 'clients'>
    readonly sessions: Pick<RunSessions, 'connected'>
    readonly jobs: Pick<Jobs, 'depth'>
    readonly ground: Pick<Ground, 'statements'>
  },
): void =>
  metrics.beforeScrape(async () => {
    const { directory, runner, realtime, sessions, jobs, ground } = parts
    metrics.statements.set(ground.statements())
    const { lagMs, poisoned, rebuild } = runner.health()
    metrics.projectionLag.set({ projection: 'all' }, lagMs / 1000)
    // A store that does not answer must not keep the other figures back.
    metrics.projectionBehind.set({ projection: 'all' }, await runner.behind().catch(() => Number.NaN))
    metrics.projectionPoisoned.set(poisoned)
    metrics.rebuildDone.set(rebuild?.factsDone ?? 0)
    metrics.rebuildTotal.set(rebuild?.factsTotal ?? 0)
    metrics.rebuildRate.set(rebuild?.factsPerSecond ?? 0)
    metrics.liveActors.set({ type: 'all' }, directory.size())
    metrics.actorBytes.set(directory.bytes())
    metrics.quarantined.set(directory.quarantined().length)
    metrics.mailboxDepth.set(directory.waiting())
    metrics.socketClients.set(realtime.clients())
    metrics.connections.reset()
    metrics.jobDepth.reset()
    for (const { companyId, sessionId, state } of sessions.connected()) {
      metrics.connections.inc({ company_id: companyId, status: state })
      const queue = sessionQueue(sessionId)
      metrics.jobDepth.set({ queue }, await jobs.depth(queue))
    }
  })
