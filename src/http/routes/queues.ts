import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { UserPrincipal } from '../../events/principal.ts'
import type { Queue as QueueRow } from '../../realtime/protocol.ts'
import { change, create, pageOf, principalOf, type Env, type HttpParts } from '../context.ts'
import { notFound } from '../problem.ts'
import {
  changeRoute,
  createOneRoute,
  LIST_LIMIT_MAX,
  listQuery,
  listRoute,
  Queue,
  readRoute,
  removeRoute,
} from '../schemas.ts'

const tag = 'Queues'
const fields = z.object({
  name: z.string().trim().min(1).max(120),
  color: z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #1d9bf0'),
})

/** A company has few queues: walking the list is cheaper than a query of its own. */
const findQueue = async ({ readModels }: HttpParts, who: UserPrincipal, id: string): Promise<QueueRow> => {
  let cursor: string | undefined
  do {
    const page = await readModels.queues(who, { limit: LIST_LIMIT_MAX, cursor })
    const found = page.items.find(queue => queue.id === id)
    if (found) return found
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  throw notFound('queue')
}

export const queueRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(listRoute('/queues', 'List queues', tag, Queue, listQuery), async c =>
      c.json(pageOf(await parts.readModels.queues(principalOf(c), c.req.valid('query'))), 200),
    )
    .openapi(createOneRoute('/queues', 'Create a queue', tag, fields), async c =>
      create(c, parts, 'queue.create', c.req.valid('json'), made => `/queues/${made}`),
    )
    .openapi(readRoute('/queues/{id}', 'Read a queue', tag, Queue), async c =>
      c.json(await findQueue(parts, principalOf(c), c.req.valid('param').id), 200),
    )
    .openapi(changeRoute('/queues/{id}', 'Change a queue', tag, fields.partial()), async c =>
      change(c, parts, 'queue.change', { ...c.req.valid('json'), ...c.req.valid('param') }),
    )
    .openapi(removeRoute('/queues/{id}', 'Remove a queue', tag), async c =>
      change(c, parts, 'queue.remove', c.req.valid('param')),
    )
