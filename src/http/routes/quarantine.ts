import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { ADMINS } from '../../commands/command.ts'
import type { UserPrincipal } from '../../events/principal.ts'
import { principalOf, type Ctx, type Env, type HttpParts } from '../context.ts'
import { notFound, Problem } from '../problem.ts'
import { json, page } from '../schemas.ts'

const tags = ['Quarantine']

const QuarantinedActor = z
  .object({
    type: z.string().meta({ description: 'What it is: ticket, conversation, session, contact, …' }),
    id: z.string(),
    reason: z.string().meta({ description: 'What it failed of last, in English' }),
    since: z.iso.datetime(),
    failures: z.number().int().meta({ description: 'How often it failed' }),
  })
  .meta({ id: 'QuarantinedActor' })

const Trial = z
  .object({
    recovered: z.boolean(),
    reason: z.string().nullable().meta({ description: 'What is wrong still; null: nothing' }),
  })
  .meta({ id: 'QuarantineTrial' })

const list = createRoute({
  method: 'get',
  path: '/quarantine',
  tags,
  summary: 'List what is held back after repeated failures, in the process that answers',
  responses: { 200: json(page(QuarantinedActor), 'All of them') },
})
const params = z.object({ type: z.string().min(1).max(40), id: z.string().min(1).max(200) })
const retry = createRoute({
  method: 'post',
  path: '/quarantine/{type}/{id}/retry',
  tags,
  summary: 'Bring one back from its log and let commands in again, if it can be',
  request: { params },
  responses: { 200: json(Trial, 'What came of it') },
})

/** @throws Problem for everybody else: reasons are for those who run the place. */
const adminOf = (c: Ctx): UserPrincipal => {
  const who = principalOf(c)
  if ((ADMINS as readonly string[]).includes(who.role)) return who
  throw new Problem('forbidden', 'Only admins see what is held back.')
}

/** Actors that failed again and again: commands to them are refused (`quarantined`) until one is tried again here. */
export const quarantineRoutes = ({ quarantine }: Pick<HttpParts, 'quarantine'>) =>
  new OpenAPIHono<Env>()
    .openapi(list, c => c.json({ items: [...quarantine.list(adminOf(c).companyId)], nextCursor: null }, 200))
    .openapi(retry, async c => {
      const { companyId } = adminOf(c)
      const { type, id } = c.req.valid('param')
      const tried = await quarantine.retry(companyId, type, id)
      if (!tried) throw notFound('held back actor')
      return c.json(tried, 200)
    })
