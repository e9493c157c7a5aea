import type { Directory } from '../actors/directory.ts'
import type { Jobs } from '../jobs/port.ts'
import type { ProjectionRunner } from '../projections/runner.ts'
import type { RunSessions } from '../reactions/run-sessions.ts'
import { sessionQueue } from '../reactions/session-jobs.ts'
import type { Realtime } from '../realtime/socket.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** The figures that are looked up when somebody asks, not counted along the way. */
export const gauge = (
  metrics: Metrics,
  parts: {
    readonly directory: Directory
    readonly runner: Pick<ProjectionRunner, 'health'>
    readonly realtime: Pick<Realtime, 'clients'>
    readonly sessions: Pick<RunSessions, 'connected'>
    readonly jobs: Pick<Jobs, 'depth'>
  },
): void =>
  metrics.beforeScrape(async () => {
    const { directory, runner, realtime, sessions, jobs } = parts
    metrics.projectionLag.set({ projection: 'all' }, runner.health().lagMs / 1000)
    metrics.liveActors.set({ type: 'all' }, directory.size())
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
