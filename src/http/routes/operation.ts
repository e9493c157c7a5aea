import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { timingSafeEqual } from 'node:crypto'
import { HEALTH_SERVICES, type HealthService } from '../../telemetry/health.ts'
import type { Ctx, Env, HttpParts } from '../context.ts'
import { Problem } from '../problem.ts'
import { json } from '../schemas.ts'

const tags = ['Operation']
const status = z.enum(['healthy', 'degraded', 'unhealthy'])
const service = z.object({ status, responseTime: z.number(), message: z.string() })
const services = z.object(
  Object.fromEntries(HEALTH_SERVICES.map(name => [name, service])) as Record<HealthService, typeof service>,
)
const Health = z
  .object({
    status,
    services,
    metrics: z.object({
      uptime: z.number(),
      memory: z.object({ rss: z.number(), heapUsed: z.number(), heapTotal: z.number() }),
      cpu: z.number(),
    }),
  })
  .meta({ id: 'Health' })

const health = createRoute({
  method: 'get',
  path: '/health',
  tags,
  summary: 'How everything is; 503 when something vital is down',
  security: [],
  responses: { 200: json(Health, 'Healthy or degraded'), 503: json(Health, 'Unhealthy') },
})
const Ready = z.object({ ready: z.boolean(), reason: z.string() })
const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  tags,
  summary: 'Whether requests may come',
  security: [],
  responses: { 200: json(Ready, 'Ready'), 503: json(Ready, 'Not ready, and why') },
})
const live = createRoute({
  method: 'get',
  path: '/health/live',
  tags,
  summary: 'Whether the process answers at all',
  security: [],
  responses: { 200: json(z.object({ status: z.literal('live') }), 'Alive') },
})
const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  tags,
  summary: 'Prometheus; asks for a bearer token if METRICS_TOKEN is set',
  security: [],
  responses: { 200: { description: 'The metrics', content: { 'text/plain': { schema: z.string() } } } },
})

const allowMetrics = (c: Ctx, token: string | null): void => {
  if (token === null) return
  const given = Buffer.from(c.req.header('authorization') ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return
  throw new Problem('unauthenticated', 'Send the metrics token.')
}

export const operationRoutes = ({ health: state, metrics, config }: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(health, async c => {
      const report = await state.report()
      return report.status === 'unhealthy' ? c.json(report, 503) : c.json(report, 200)
    })
    .openapi(live, c => c.json({ status: 'live' as const }, 200))
    .openapi(ready, c => {
      const answer = state.ready()
      return answer.ready ? c.json(answer, 200) : c.json(answer, 503)
    })
    .openapi(metricsRoute, async c => {
      allowMetrics(c, config.metricsToken)
      return c.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType })
    })
