import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Env, HttpParts } from '../context.ts'
import { WEBHOOK_CHANNELS, type WebhookChannel } from '../doors.ts'
import { notFound, Problem, type ProblemCode } from '../problem.ts'
import { id } from '../schemas.ts'

const tags = ['Webhooks']
const params = z.object({ sessionId: id })
const text = { 'text/plain': { schema: z.string() } }

const verify = <C extends WebhookChannel>(channel: C) =>
  createRoute({
    method: 'get',
    path: `/webhooks/${channel}/{sessionId}` as const,
    tags,
    summary: "Meta's handshake: answers the challenge when the verify token is right",
    security: [],
    request: { params },
    responses: { 200: { description: 'The challenge', content: text } },
  })
const deliver = <C extends WebhookChannel>(channel: C) =>
  createRoute({
    method: 'post',
    path: `/webhooks/${channel}/{sessionId}` as const,
    tags,
    summary:
      'A delivery of Meta, signed over its raw bytes; 200 only when all of it is durable, 503: come again',
    security: [],
    request: { params },
    responses: { 200: { description: 'Durable', content: text } },
  })

const CODES = {
  400: ['bad-json', 'The delivery is not valid JSON.'],
  401: ['signature-invalid', 'The delivery is not signed by the app of this session.'],
  403: ['forbidden', 'The delivery is refused.'],
  404: ['not-found', 'There is no such session.'],
  503: ['store-unavailable', 'Not everything could be made durable: deliver it again.'],
} as const satisfies Record<number, readonly [ProblemCode, string]>

/** No login: Meta calls. Sessions that do not exist, and ids that are none, look the same. */
export const webhookRoutes = ({ webhooks }: HttpParts) => {
  const app = new OpenAPIHono<Env>()
  for (const channel of WEBHOOK_CHANNELS)
    app
      .openapi(verify(channel), async c => {
        const { status, body } = await webhooks.verify(c.req.valid('param').sessionId, c.req.query())
        if (status === 404) throw notFound('session')
        if (status === 403) throw new Problem('forbidden', 'The verify token is wrong.')
        return c.text(body, 200)
      })
      .openapi(deliver(channel), async c => {
        const raw = Buffer.from(await c.req.arrayBuffer())
        const { sessionId } = c.req.valid('param')
        const { status, detail } = await webhooks.deliver(sessionId, raw, c.req.header(), channel)
        if (status === 200) return c.text('OK', 200)
        const [code, sentence] = CODES[status]
        throw new Problem(code, detail ?? sentence, status === 503 ? { headers: { 'Retry-After': '1' } } : {})
      })
  return app
}
