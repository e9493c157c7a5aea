import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { HANDLERS, SUPERVISORS } from '../../commands/command.ts'
import { ChannelHealth, ChannelTemplate, templateView } from '../channel-schemas.ts'
import { principalOf, type Ctx, type Env, type HttpParts } from '../context.ts'
import type { Told } from '../doors.ts'
import { notFound, Problem } from '../problem.ts'
import { idParam, json } from '../schemas.ts'

const tags = ['Sessions']
const RETRY_SECONDS = 5

const health = createRoute({
  method: 'get',
  path: '/sessions/{id}/health',
  tags,
  summary:
    'What the channel says of the session: its name, quality and limits; asked at most ten minutes ago',
  request: {
    params: idParam,
    query: z.object({
      again: z
        .enum(['true', 'false'])
        .transform(text => text === 'true')
        .optional()
        .meta({ description: 'true: the channel is asked now' }),
    }),
  },
  responses: { 200: json(ChannelHealth, 'What the channel tells') },
})

const templates = createRoute({
  method: 'get',
  path: '/sessions/{id}/templates',
  tags,
  summary: "The templates that the session's channel has; asked now",
  request: { params: idParam },
  responses: { 200: json(z.object({ items: z.array(ChannelTemplate) }), 'All of them') },
})

/** @throws Problem */
const toldOf = <T>(answer: Told<T> & { readonly at?: string }): T => {
  if ('told' in answer) return answer.told
  if (answer.untold === 'not-supported')
    throw new Problem('not-supported', 'This channel has no such thing to tell.')
  const { untold, reason, at } = answer
  const data = { reason, ...(at ? { checkedAt: at } : {}) }
  throw untold === 'channel-unreachable'
    ? new Problem(untold, 'The channel did not answer. Try again.', {
        data,
        headers: { 'Retry-After': String(RETRY_SECONDS) },
      })
    : new Problem(untold, `The channel refused: ${reason}.`, { data })
}

export const inspectionRoutes = ({ readModels, inspection }: HttpParts) => {
  /** @throws Problem for another company's, and for roles that may not. */
  const sessionFor = async (c: Ctx, sessionId: string, roles: readonly string[]) => {
    const who = principalOf(c)
    const session = await readModels.session(who, sessionId)
    if (!session) throw notFound('session')
    if (!roles.includes(who.role)) throw new Problem('forbidden', 'Your role may not do this.')
    return [who.companyId, session] as const
  }
  return new OpenAPIHono<Env>()
    .openapi(health, async c => {
      const asked = await sessionFor(c, c.req.valid('param').id, SUPERVISORS)
      const look = await inspection.health(...asked, c.req.valid('query').again)
      const { notes, problems, ...told } = toldOf(look)
      return c.json(
        {
          checkedAt: look.at,
          ...told,
          ...(notes ? { notes: [...notes] } : {}),
          ...(problems ? { problems: [...problems] } : {}),
        },
        200,
      )
    })
    .openapi(templates, async c => {
      const asked = await sessionFor(c, c.req.valid('param').id, HANDLERS)
      const items = toldOf(await inspection.templates(...asked)).map(templateView)
      return c.json({ items }, 200)
    })
}
