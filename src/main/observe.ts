import type { EngineObserver } from '../actors/aggregate.ts'
import type { Reaction } from '../reactions/runner.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** The engine's own figures. */
export const observeEngine = (metrics: Metrics, store: string): EngineObserver => ({
  appended: seconds => metrics.append.observe({ store, outcome: 'done' }, seconds),
  commanded: seconds => metrics.command.observe({ command: 'transact', outcome: 'done' }, seconds),
  revived: (type, from) => metrics.rehydrations.inc({ type, from }),
  restarted: type => metrics.restarts.inc({ type }),
})

/** Counts what became of outgoing messages. */
export const countOutbound = (metrics: Metrics): Reaction => ({
  name: 'count-outbound',
  types: ['message.sent', 'message.delivered', 'message.read', 'message.failed', 'message.outcomeUnknown'],
  react: ({ company }, fact) => {
    metrics.messages.inc({
      type: 'outbound',
      company_id: company,
      status: fact.type.slice('message.'.length),
    })
    return Promise.resolve()
  },
})
