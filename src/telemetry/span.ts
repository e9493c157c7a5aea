import { randomBytes } from 'node:crypto'
import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
  type SpanOptions,
  type SpanStatus,
  type Tracer,
} from '@opentelemetry/api'

/** A span that is over, as OTLP spells it (attributes still plain). */
export type EndedSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: Attributes
  readonly status: { code: number; message?: string }
}

const NANOS_PER_MS = 1_000_000
/** Wall time with the fine grain of the monotonic clock. */
const nanos = (): string =>
  String(
    BigInt(Math.round(performance.timeOrigin * 1000)) * 1000n +
      BigInt(Math.round(performance.now() * NANOS_PER_MS)),
  )

const startSpan = (
  startName: string,
  options: SpanOptions,
  parentContext: Context,
  ended: (span: EndedSpan) => void,
): Span => {
  const parent = options.root ? undefined : trace.getSpanContext(parentContext)
  const own = {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.SAMPLED,
  }
  const startTimeUnixNano = nanos()
  const attributes: Attributes = { ...options.attributes }
  let name = startName
  let status: SpanStatus = { code: SpanStatusCode.UNSET }
  let over = false
  const span: Span = {
    spanContext: () => own,
    setAttribute: (key, value) => {
      attributes[key] = value
      return span
    },
    setAttributes: more => {
      Object.assign(attributes, more)
      return span
    },
    addEvent: () => span,
    addLink: () => span,
    addLinks: () => span,
    setStatus: next => {
      status = next
      return span
    },
    updateName: next => {
      name = next
      return span
    },
    isRecording: () => !over,
    recordException: error => {
      attributes['exception.type'] = typeof error === 'string' ? 'Error' : (error.name ?? 'Error')
    },
    end: () => {
      if (over) return
      over = true
      ended({
        ...{ traceId: own.traceId, spanId: own.spanId },
        ...(parent ? { parentSpanId: parent.spanId } : {}),
        name,
        kind: (options.kind ?? SpanKind.INTERNAL) + 1,
        startTimeUnixNano,
        endTimeUnixNano: nanos(),
        attributes,
        status:
          status.message === undefined
            ? { code: status.code }
            : { code: status.code, message: status.message },
      })
    },
  }
  return span
}

/** A tracer that hands every span to `ended` when it is over. */
export const createTracer = (ended: (span: EndedSpan) => void): Tracer => {
  const start: Tracer['startSpan'] = (name, options = {}, parent = context.active()) =>
    startSpan(name, options, parent, ended)
  const startActive = (name: string, ...rest: unknown[]): unknown => {
    const work = rest.pop() as (span: Span) => unknown
    const [options, parent = context.active()] = rest as [SpanOptions | undefined, Context | undefined]
    const span = start(name, options, parent)
    return context.with(trace.setSpan(parent, span), () => work(span))
  }
  return { startSpan: start, startActiveSpan: startActive as Tracer['startActiveSpan'] }
}
