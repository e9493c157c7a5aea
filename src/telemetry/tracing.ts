import { SpanStatusCode, trace, type Attributes } from '@opentelemetry/api'

/**
 * Spans around requests and commands. Without a registered tracer provider (see `otlp.ts`, started only when an OTLP
 * endpoint is configured) every call here is the API's no-op.
 */
const tracer = () => trace.getTracer('fio')

/** Runs the work inside a span; an error ends the span as failed and goes on. */
export const inSpan = <T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> =>
  tracer().startActiveSpan(name, { attributes }, async span => {
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' })
      throw error
    } finally {
      span.end()
    }
  })

/** Adds to the span that is running, if there is one. */
export const noteOnSpan = (attributes: Attributes): void => {
  trace.getActiveSpan()?.setAttributes(attributes)
}
