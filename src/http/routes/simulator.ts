import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { isRefusal, type Refusal } from '../../commands/define.ts'
import { principalOf, type Env, type HttpParts } from '../context.ts'
import { SIMULATOR_ACKS, SIMULATOR_STATES } from '../doors.ts'
import { refusalProblem } from '../problem.ts'
import { body, cursor, id, json, limit } from '../schemas.ts'

const tags = ['Simulator']
const params = z.object({ sessionId: id })
const groupId = z.string().min(1).max(200)

const inboundBody = z
  .object({
    from: z.string().min(1).max(256),
    name: z.string().max(200).optional(),
    text: z.string().min(1).max(65_536).optional(),
    media: z
      .object({ mime: z.string().min(1).max(200), name: z.string().max(255).optional(), base64: z.base64() })
      .optional(),
    id: z.string().min(1).max(200).optional(),
    group: z
      .union([
        groupId.transform(value => ({ id: value })),
        z.object({ id: groupId, name: z.string().max(200).optional() }),
      ])
      .optional(),
    quotedId: z.string().min(1).max(200).optional(),
    at: z.iso.datetime().optional(),
  })
  .refine(({ text, media }) => text !== undefined || media !== undefined, {
    path: ['text'],
    message: 'give text or media',
  })

const inbound = createRoute({
  method: 'post',
  path: '/simulator/{sessionId}/inbound',
  tags,
  summary: 'Write as a customer on a virtual phone; answers once it is durable',
  request: { params, body: body(inboundBody) },
  responses: { 202: json(z.object({ messageId: z.string(), duplicate: z.boolean() }), 'Durable') },
})

const outbound = createRoute({
  method: 'get',
  path: '/simulator/{sessionId}/outbound',
  tags,
  summary: 'What virtual phones got, oldest first',
  request: { params, query: z.strictObject({ limit, after: cursor }) },
  responses: {
    200: json(
      z.object({
        items: z.array(
          z.object({
            messageId: z.string(),
            to: z.string(),
            kind: z.string(),
            body: z.string(),
            at: z.string(),
          }),
        ),
        nextCursor: z.string().nullable(),
      }),
      'One page',
    ),
  },
})

const ok = json(z.object({ ok: z.literal(true) }), 'Done')
const acks = createRoute({
  method: 'post',
  path: '/simulator/{sessionId}/acks',
  tags,
  summary: 'The virtual phone says how far a message got',
  request: {
    params,
    body: body(z.object({ messageId: z.string().min(1).max(200), ack: z.enum(SIMULATOR_ACKS) })),
  },
  responses: { 200: ok },
})
const connection = createRoute({
  method: 'post',
  path: '/simulator/{sessionId}/connection',
  tags,
  summary: "Drop, log out, replace or restrict the session's connection, or restore it",
  request: { params, body: body(z.object({ state: z.enum(SIMULATOR_STATES) })) },
  responses: { 200: ok },
})

const allowed = <T>(answer: T): Exclude<T, Refusal> => {
  if (isRefusal(answer)) throw refusalProblem(answer)
  return answer as Exclude<T, Refusal>
}

export const simulatorRoutes = ({ simulator }: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(inbound, async c => {
      const { sessionId } = c.req.valid('param')
      const { messageId, duplicate } = allowed(
        await simulator.inbound(principalOf(c), sessionId, c.req.valid('json')),
      )
      return c.json({ messageId, duplicate }, 202)
    })
    .openapi(outbound, async c => {
      const { sessionId } = c.req.valid('param')
      const found = allowed(await simulator.outbound(principalOf(c), sessionId, c.req.valid('query')))
      return c.json({ items: [...found.items], nextCursor: found.nextCursor }, 200)
    })
    .openapi(acks, async c => {
      allowed(await simulator.ack(principalOf(c), c.req.valid('param').sessionId, c.req.valid('json')))
      return c.json({ ok: true as const }, 200)
    })
    .openapi(connection, async c => {
      allowed(await simulator.connection(principalOf(c), c.req.valid('param').sessionId, c.req.valid('json')))
      return c.json({ ok: true as const }, 200)
    })
