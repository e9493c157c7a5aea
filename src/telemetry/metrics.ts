import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

const SECONDS_FINE = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Every figure that `/metrics` tells. Names are part of the product: dashboards hang on them. One registry per process,
 * made here, so that two servers in one test process do not meet.
 */
export const createMetrics = () => {
  const registry = new Registry()
  const registers = [registry]
  const looks: (() => Promise<void>)[] = []
  collectDefaultMetrics({ register: registry })
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name, help, labelNames, registers })
  const seconds = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS_FINE, registers })

  return {
    httpRequest: seconds('http_request_duration_seconds', 'Time to answer an HTTP request', [
      'method',
      'route',
      'status',
    ]),
    /** `type`: inbound, outbound. `status`: received, duplicate, sent, delivered, read, failed, unknown, … */
    messages: counter('whatsapp_messages_total', 'Messages by direction and outcome', [
      'type',
      'company_id',
      'status',
    ]),
    connections: gauge('whatsapp_active_connections', 'Sessions by state', ['company_id', 'status']),
    /** `outcome`: done, duplicate, or the code of the refusal. */
    command: seconds('fio_command_duration_seconds', 'From the door to the durable answer', [
      'command',
      'outcome',
    ]),
    append: seconds('fio_append_duration_seconds', 'Time until an append was durable', ['store', 'outcome']),
    projectionLag: gauge('fio_projection_lag_seconds', 'Age of the oldest fact not yet projected', [
      'projection',
    ]),
    /** Only grows, so that a rate can be made of it. */
    statements: gauge('fio_database_statements_total', 'SQL statements sent for the read models', []),
    projectionBehind: gauge('fio_projection_behind_facts', 'Facts not yet projected', ['projection']),
    projectionBatch: new Histogram({
      name: 'fio_projection_batch_facts',
      help: 'Facts written to the read models at once',
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
      registers,
    }),
    projectionWrite: seconds('fio_projection_write_seconds', 'Time to fold and write one batch', []),
    projectionPoisoned: gauge('fio_projection_poisoned', 'Facts that a read model goes on without', []),
    /** While this process makes the read models again; 0 otherwise. */
    rebuildDone: gauge('fio_rebuild_facts_done', 'Facts that the rebuild of this process has read', []),
    rebuildTotal: gauge('fio_rebuild_facts_total', 'Facts that the rebuild of this process has to read', []),
    rebuildRate: gauge('fio_rebuild_facts_per_second', 'How fast the rebuild of this process reads', []),
    mailboxDepth: gauge('fio_mailbox_depth', 'Commands waiting in the mailboxes of live actors', []),
    liveActors: gauge('fio_live_actors', 'Actors in memory', ['type']),
    actorBytes: gauge('fio_live_actors_bytes', 'Memory of the actors in memory, estimated', []),
    /** `from`: snapshot (and the facts after it) or log. */
    rehydrations: counter('fio_rehydrations_total', 'Actors revived', ['type', 'from']),
    restarts: counter('fio_actor_restarts_total', 'Actors that failed and started again', ['type']),
    quarantined: gauge('fio_quarantined_actors', 'Actors refused after repeated failures', []),
    /** `outcome`: written, dropped (too much waited) or failed. */
    snapshots: counter('fio_snapshots_total', 'Snapshots of actors', ['outcome']),
    jobDepth: gauge('fio_job_depth', 'Jobs waiting, delayed or running', ['queue']),
    socketClients: gauge('fio_socket_clients', 'Connected realtime clients', []),
    rateLimited: counter('fio_rate_limited_total', 'Requests refused by a rate limit', ['limit']),
    contentType: registry.contentType,
    /** The text that Prometheus reads. */
    text: async (): Promise<string> => {
      for (const look of looks) await look()
      return registry.metrics()
    },
    /** Sets gauges whenever somebody scrapes. */
    beforeScrape: (look: () => Promise<void>): void => void looks.push(look),
  }
}
export type Metrics = ReturnType<typeof createMetrics>
