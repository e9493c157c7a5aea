import { OpenAPIHono, z } from '@hono/zod-openapi'
import { ADMINS } from '../../commands/command.ts'
import type { UserPrincipal } from '../../events/principal.ts'
import { keptText } from '../../media/kept-text.ts'
import { DEAD_LETTER_STATUSES } from '../../projections/dead-letter-row.ts'
import { change, pageOf, principalOf, type Ctx, type Env, type HttpParts } from '../context.ts'
import { notFound, Problem } from '../problem.ts'
import { actionRoute, DeadLetter, listQuery, listRoute, readRoute } from '../schemas.ts'

const tag = 'Dead letters'
const query = listQuery.extend({ status: z.enum(DEAD_LETTER_STATUSES).optional() })

/** What is shown of a payload; the rest stays where it is kept. */
const PAYLOAD_SHOWN_BYTES_MAX = 1024 * 1024

const WithPayload = DeadLetter.extend({
  payload: z.string().nullable().meta({ description: 'As it came, usually JSON; null: no longer there' }),
  payloadCut: z.boolean(),
}).meta({ id: 'DeadLetterWithPayload' })

/** @throws Problem for everybody else: what nobody sorted yet may be anybody's words. */
const adminOf = (c: Ctx): UserPrincipal => {
  const who = principalOf(c)
  if ((ADMINS as readonly string[]).includes(who.role)) return who
  throw new Problem('forbidden', 'Only admins see what could not be processed.')
}

/** What could not be processed: looked at, tried again, or put aside. */
export const deadLetterRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(
      listRoute('/dead-letters', 'List what could not be processed', tag, DeadLetter, query),
      async c => c.json(pageOf(await parts.readModels.deadLetters(adminOf(c), c.req.valid('query'))), 200),
    )
    .openapi(readRoute('/dead-letters/{id}', 'Read one, with its payload', tag, WithPayload), async c => {
      const who = adminOf(c)
      const found = await parts.readModels.deadLetter(who, c.req.valid('param').id)
      if (!found) throw notFound('dead letter')
      const kept =
        found.payload === null
          ? null
          : await keptText(parts.media, who.companyId, found.payload, PAYLOAD_SHOWN_BYTES_MAX)
      return c.json({ ...found, payload: kept?.text ?? null, payloadCut: kept?.cut ?? false }, 200)
    })
    .openapi(actionRoute('/dead-letters/{id}/retry', 'Try again to process one', tag), async c =>
      change(c, parts, 'deadLetter.retry', c.req.valid('param')),
    )
    .openapi(actionRoute('/dead-letters/{id}/drop', 'Put one aside for good', tag), async c =>
      change(c, parts, 'deadLetter.drop', c.req.valid('param')),
    )
