import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { contentFields } from '../../commands/message/content.ts'
import type { UserPrincipal } from '../../events/principal.ts'
import { ticketStatus } from '../../events/ticket.ts'
import { change, create, pageOf, principalOf, type Env, type HttpParts } from '../context.ts'
import { capabilitiesView } from '../channel-schemas.ts'
import { notFound, Problem } from '../problem.ts'
import {
  actionRoute,
  body,
  CommandAnswer,
  createOneRoute,
  id,
  idParam,
  json,
  LIST_LIMIT_MAX,
  listQuery,
  listRoute,
  Message,
  readRoute,
  text,
  Ticket,
  TicketWithChannel,
} from '../schemas.ts'

const tag = 'Tickets'
const noneOr = <S extends z.ZodType>(schema: S) => z.union([z.literal('none'), schema])
const statuses = z
  .union([z.string(), z.array(z.string())])
  .transform(given => [given].flat().flatMap(text => text.split(',')))
  .pipe(z.array(ticketStatus).max(6))
  .meta({ description: 'One or more, with commas between', type: 'string' })

const query = listQuery.extend({
  status: statuses.optional(),
  queueId: noneOr(id).optional(),
  /** `me`: the person who asks. */
  userId: z.union([z.literal('me'), noneOr(id)]).optional(),
  contactId: id.optional(),
  sessionId: id.optional(),
  unread: z
    .enum(['true', 'false'])
    .transform(text => text === 'true')
    .optional(),
  q: text(200).optional(),
  sort: z.enum(['newest', 'oldest']).optional(),
})

const counts = createRoute({
  method: 'get',
  path: '/tickets/counts',
  tags: [tag],
  summary: "Numbers for the inbox's tabs",
  responses: {
    200: json(
      z.object({ mine: z.int(), mineUnread: z.int(), pending: z.int(), open: z.int(), closed: z.int() }),
      'The numbers',
    ),
  },
})

const close = createRoute({
  method: 'post',
  path: '/tickets/{id}/close',
  tags: [tag],
  summary: 'Close a ticket; silently: without a word to the customer',
  request: {
    params: idParam,
    body: { content: { 'application/json': { schema: z.object({ silent: z.boolean().optional() }) } } },
  },
  responses: { 200: json(CommandAnswer, 'Done, durably') },
})

const snooze = createRoute({
  method: 'post',
  path: '/tickets/{id}/snooze',
  tags: [tag],
  summary:
    'Put an open ticket aside, until a time or until the customer writes; a message always brings it back',
  request: {
    params: idParam,
    body: body(
      z.object({
        until: z.iso.datetime({ offset: true }).optional(),
        untilReply: z.literal(true).optional(),
      }),
    ),
  },
  responses: { 200: json(CommandAnswer, 'Done, durably') },
})

/** The first message is one thing, as in `POST /tickets/{id}/messages`; none: the ticket is opened without a word. */
const opened = z.object({
  contactId: id,
  sessionId: id.optional(),
  ...contentFields,
  uploadId: id.optional(),
})

const at = createRoute({
  method: 'get',
  path: '/tickets/{id}/at/{revision}',
  tags: [tag],
  summary: 'The ticket and its messages as they were right after one event; 0 is the first',
  request: {
    params: idParam.extend({ revision: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
  },
  responses: { 200: json(z.object({ ticket: Ticket, messages: z.array(Message) }), 'As it was') },
})

/** A company has few sessions: all of them fit on a page or two. */
const defaultSession = async ({ readModels }: HttpParts, who: UserPrincipal): Promise<string> => {
  let cursor: string | undefined
  do {
    const page = await readModels.sessions(who, { limit: LIST_LIMIT_MAX, cursor })
    const found = page.items.find(({ isDefault }) => isDefault)
    if (found) return found.id
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  throw new Problem('invalid', 'There is no default session: say which one.', {
    issues: [{ path: 'sessionId', message: 'is needed, because there is no default session' }],
  })
}

/** Tickets, and what people do with them. Messages and history: `messages.ts`. */
export const ticketRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(listRoute('/tickets', 'List tickets', tag, Ticket, query), async c => {
      const filter = c.req.valid('query')
      const who = principalOf(c)
      const userId = filter.userId === 'me' ? who.userId : filter.userId
      return c.json(pageOf(await parts.readModels.tickets(who, { ...filter, userId })), 200)
    })
    .openapi(counts, async c => c.json(await parts.readModels.ticketCounts(principalOf(c)), 200))
    .openapi(
      createOneRoute(
        '/tickets',
        'Open a ticket for a contact, as its agent, with a first message if you like: a text, a file, a template …',
        tag,
        opened,
      ),
      async c => {
        const asked = c.req.valid('json')
        const sessionId = asked.sessionId ?? (await defaultSession(parts, principalOf(c)))
        return create(c, parts, 'ticket.open', { ...asked, sessionId }, made => `/tickets/${made}`)
      },
    )
    .openapi(
      readRoute('/tickets/{id}', 'Read a ticket, with what its channel can carry', tag, TicketWithChannel),
      async c => {
        const ticket = await parts.readModels.ticket(principalOf(c), c.req.valid('param').id)
        if (!ticket) throw notFound('ticket')
        const known = parts.capabilities(ticket.session.provider)
        const session = known ? { ...ticket.session, capabilities: capabilitiesView(known) } : ticket.session
        return c.json({ ...ticket, session }, 200)
      },
    )
    .openapi(actionRoute('/tickets/{id}/accept', 'Accept a waiting ticket', tag), async c =>
      change(c, parts, 'ticket.accept', c.req.valid('param')),
    )
    .openapi(actionRoute('/tickets/{id}/return', 'Give a ticket back to its queue', tag), async c =>
      change(c, parts, 'ticket.return', c.req.valid('param')),
    )
    .openapi(close, async c =>
      change(c, parts, 'ticket.close', { ...c.req.valid('json'), ...c.req.valid('param') }),
    )
    .openapi(snooze, async c =>
      change(c, parts, 'ticket.snooze', { ...c.req.valid('json'), ...c.req.valid('param') }),
    )
    .openapi(actionRoute('/tickets/{id}/wake', 'Bring a snoozed ticket back now', tag), async c =>
      change(c, parts, 'ticket.wake', c.req.valid('param')),
    )
    .openapi(actionRoute('/tickets/{id}/reopen', 'Reopen a closed ticket', tag), async c =>
      change(c, parts, 'ticket.reopen', c.req.valid('param')),
    )
    .openapi(actionRoute('/tickets/{id}/read', 'Everything so far was seen', tag), async c =>
      change(c, parts, 'ticket.read', c.req.valid('param')),
    )
    .openapi(actionRoute('/tickets/{id}/takeover', "Take over another agent's ticket", tag), async c =>
      change(c, parts, 'ticket.takeover', c.req.valid('param')),
    )
    .openapi(at, async c => {
      const { id: ticketId, revision } = c.req.valid('param')
      const then = await parts.readModels.ticketAt(principalOf(c), ticketId, revision)
      if (!then) throw notFound('ticket or revision')
      return c.json({ ticket: then.ticket, messages: [...then.messages] }, 200)
    })
