import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { ADMINS } from '../../commands/command.ts'
import type { UserPrincipal } from '../../events/principal.ts'
import { REBUILD_STATES } from '../../projections/rebuild-state.ts'
import { principalOf, type Ctx, type Env, type HttpParts } from '../context.ts'
import { Problem } from '../problem.ts'
import { json } from '../schemas.ts'

const tag = 'Projections'

const Rebuild = z
  .object({
    state: z.enum(REBUILD_STATES),
    reason: z.enum(['empty', 'version', 'asked']),
    factsDone: z.int(),
    factsTotal: z
      .int()
      .nullable()
      .meta({ description: 'An estimate where the store does not number its facts' }),
    factsPerSecond: z.number().nullable(),
    etaSeconds: z.int().nullable(),
    error: z.string().nullable(),
    startedAt: z.string(),
    updatedAt: z.string(),
    endedAt: z.string().nullable(),
  })
  .meta({ id: 'Rebuild' })

const Poisoned = z
  .object({
    eventId: z.string(),
    stream: z.string(),
    revision: z.int(),
    position: z.string(),
    type: z.string(),
    readModel: z.string().meta({ description: 'The table that goes without it; all: nobody could read it' }),
    reason: z.string(),
    at: z.string(),
  })
  .meta({ id: 'PoisonedFact' })

const Projections = z
  .object({
    position: z.string().nullable(),
    generation: z.int().meta({ description: 'One more after each rebuild' }),
    lagSeconds: z.number(),
    behind: z.number().meta({ description: 'Facts, where the store numbers them' }),
    projections: z.array(
      z.object({ name: z.string(), version: z.int(), position: z.string().nullable(), poisoned: z.int() }),
    ),
    poisoned: z.array(Poisoned).meta({ description: 'The newest hundred of the company' }),
    rebuild: Rebuild.nullable().meta({ description: 'The present one, or the latest' }),
  })
  .meta({ id: 'Projections' })

/** @throws Problem for everybody else: what cannot be read may be anybody's words. */
const adminOf = (c: Ctx): UserPrincipal => {
  const who = principalOf(c)
  if ((ADMINS as readonly string[]).includes(who.role)) return who
  throw new Problem('forbidden', 'Only admins look after the read models.')
}

/** @throws Problem for everybody else: all companies' tables are made again, and the machine works for all of them. */
const mayRemake = (c: Ctx): void => {
  if (principalOf(c).role !== 'super-admin')
    throw new Problem(
      'forbidden',
      'Only super-admins have the read models made again: they are of all companies.',
    )
}

const look = createRoute({
  method: 'get',
  path: '/projections',
  summary: 'How the read models are doing: position, lag, what they could not take, the rebuild',
  tags: [tag],
  responses: { 200: json(Projections, 'As they are now') },
})
const again = createRoute({
  method: 'post',
  path: '/projections/rebuild',
  summary:
    'Make all read models, of all companies, again from the log, beside the live ones (super-admins only)',
  tags: [tag],
  responses: { 202: json(Rebuild, 'Asked for, or under way already') },
})

/** The read models' health, and the wish for new ones. */
export const projectionRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(look, async c => {
      const status = await parts.projections.status(adminOf(c))
      return c.json({ ...status, projections: [...status.projections], poisoned: [...status.poisoned] }, 200)
    })
    .openapi(again, async c => {
      mayRemake(c)
      return c.json(await parts.projections.rebuild(), 202)
    })
