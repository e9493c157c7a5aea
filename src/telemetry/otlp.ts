import { AsyncLocalStorage } from 'node:async_hooks'
import { context, ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api'
import type { Log } from '../shared/log.ts'
import { createTracer, type EndedSpan } from './span.ts'

/**
 * Sends spans to an OTLP collector over HTTP, as JSON. Behind the standard API and loaded only when an endpoint is
 * configured: the whole SDK would weigh more than everything that it would do here. A collector that is down costs
 * nothing but its spans.
 */
const BATCH_SPANS = 512
const KEPT_SPANS_MAX = 4_096
const SEND_EVERY_MS = 2_000
const SEND_MS_MAX = 5_000

export type Tracing = { flush(): Promise<void>; stop(): Promise<void> }

const asyncContexts = (): ContextManager => {
  const store = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => store.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...args) =>
      store.run(active, () => work.apply(self, args) as ReturnType<typeof work>),
    bind: (active, target) =>
      typeof target === 'function'
        ? (((...args: unknown[]) =>
            store.run(active, () => (target as (...a: unknown[]) => unknown)(...args))) as typeof target)
        : target,
    enable: () => manager,
    disable: () => {
      store.disable()
      return manager
    },
  }
  return manager
}

const valueOf = (value: unknown): object => {
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } }
  return { stringValue: String(value) }
}
const attributesOf = (attributes: Readonly<Record<string, unknown>>): object[] =>
  Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: valueOf(value) }))

const written = ({ attributes, ...span }: EndedSpan): object => ({
  ...span,
  attributes: attributesOf(attributes),
})

/** Registers the tracer of this process. `stop` sends what is left. */
export const startTracing = (options: {
  endpoint: string
  resource: Readonly<Record<string, string>>
  log: Log
}): Tracing => {
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`
  const resource = { attributes: attributesOf(options.resource) }
  const waiting: EndedSpan[] = []
  let dropped = 0

  const send = async (spans: readonly EndedSpan[]): Promise<void> => {
    const body = {
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'fio' }, spans: spans.map(written) }] }],
    }
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(SEND_MS_MAX),
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`the collector answered ${answer.status}`)
  }

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_SPANS)
      try {
        await send(batch)
      } catch (error) {
        dropped += batch.length
        options.log.warn({ room: 'telemetry', dropped, err: error }, 'spans could not be sent')
        return
      }
    }
  }
  // One at a time, so that a slow collector is never asked twice at once.
  let draining: Promise<void> = Promise.resolve()
  const flush = (): Promise<void> => (draining = draining.then(drain))
  const timer = setInterval(() => void flush(), SEND_EVERY_MS).unref()

  const tracer = createTracer(span => {
    if (waiting.length < KEPT_SPANS_MAX) waiting.push(span)
    else dropped += 1
  })
  context.setGlobalContextManager(asyncContexts())
  trace.setGlobalTracerProvider({ getTracer: () => tracer })
  return {
    flush,
    stop: async () => {
      clearInterval(timer)
      trace.disable()
      context.disable()
      await flush()
    },
  }
}
