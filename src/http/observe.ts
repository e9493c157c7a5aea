import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { inSpan, noteOnSpan } from '../telemetry/tracing.ts'
import type { Ctx, Env, HttpParts } from './context.ts'

/** The route's pattern, never the path itself: labels must stay few. */
const routeOf = (c: Ctx): string => {
  const route = matchedRoutes(c).findLast(({ path }) => !path.includes('*'))
  return route?.path ?? (c.res.status === 404 ? 'unmatched' : 'ui')
}

/** Measures and logs every request. */
export const observe =
  ({ metrics, log, clock }: HttpParts): MiddlewareHandler<Env> =>
  async (c, next) => {
    const started = clock.monotonic()
    await inSpan(`http ${c.req.method}`, { 'http.request.method': c.req.method }, async () => {
      await next()
      noteOnSpan({ 'http.route': routeOf(c), 'http.response.status_code': c.res.status })
    })
    const ms = clock.monotonic() - started
    const { method } = c.req
    const { status } = c.res
    const route = routeOf(c)
    metrics.httpRequest.observe({ method, route, status: String(status) }, ms / 1000)
    const line = {
      room: 'http',
      correlationId: c.var.correlationId,
      company: c.var.login?.principal.companyId,
      method,
      route,
      status,
      ms: Math.round(ms * 10) / 10,
    }
    if (status >= 500) log.warn(line, 'request failed')
    else log.debug(line, 'request')
  }
