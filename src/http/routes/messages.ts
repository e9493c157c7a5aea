import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { messageKind } from '../../events/message.ts'
import { change, create, pageOf, principalOf, type Env, type HttpParts } from '../context.ts'
import { notFound } from '../problem.ts'
import {
  body,
  CommandAnswer,
  cursor,
  HistoryEntry,
  id,
  idParam,
  json,
  limit,
  listQuery,
  Message,
  page,
  text,
  Ticket,
} from '../schemas.ts'

const tags = ['Messages']

const list = createRoute({
  method: 'get',
  path: '/tickets/{id}/messages',
  tags,
  summary:
    "A page of a ticket's messages, oldest first; without `before` the newest. `nextCursor` is for `before`",
  request: { params: idParam, query: z.strictObject({ limit, before: cursor }) },
  responses: { 200: json(page(Message), 'One page') },
})

const send = createRoute({
  method: 'post',
  path: '/tickets/{id}/messages',
  tags,
  summary: 'Write to the customer; answers once the message is durable and queued',
  request: {
    params: idParam,
    body: body(z.object({ body: z.string().min(1).max(65_536), quotedId: id.optional() })),
  },
  responses: { 201: json(CommandAnswer, 'Queued; `id` is the message') },
})

const retry = createRoute({
  method: 'post',
  path: '/tickets/{id}/messages/{messageId}/retry',
  tags,
  summary: 'Try a failed message again',
  request: { params: idParam.extend({ messageId: id }) },
  responses: { 200: json(CommandAnswer, 'Queued again') },
})

const FoundMessage = z
  .object({
    messageId: id,
    revision: z.int().meta({ description: "The message's place in its ticket" }),
    kind: messageKind,
    fromMe: z.boolean(),
    timestamp: z.iso.datetime(),
    snippet: z.string().meta({ description: 'One line of the message, from a little before the hit' }),
    ticket: Ticket,
  })
  .meta({ id: 'FoundMessage' })

const search = createRoute({
  method: 'get',
  path: '/messages/search',
  tags,
  summary: 'Messages that hold all these words, each found by its beginning; newest first',
  request: {
    query: listQuery.extend({
      q: text(200),
      ticketId: id.optional(),
      contactId: id.optional(),
      from: z.iso.datetime({ offset: true }).optional(),
      to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Not included' }),
    }),
  },
  responses: { 200: json(page(FoundMessage), 'One page') },
})

const history = createRoute({
  method: 'get',
  path: '/tickets/{id}/history',
  tags: ['Tickets'],
  summary: 'Everything that happened to a ticket, oldest first',
  request: { params: idParam, query: listQuery },
  responses: { 200: json(page(HistoryEntry), 'One page') },
})

export const messageRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(list, async c => {
      const found = await parts.readModels.messages(
        principalOf(c),
        c.req.valid('param').id,
        c.req.valid('query'),
      )
      if (!found) throw notFound('ticket')
      return c.json(pageOf(found), 200)
    })
    .openapi(search, async c =>
      c.json(pageOf(await parts.readModels.searchMessages(principalOf(c), c.req.valid('query'))), 200),
    )
    .openapi(send, async c => {
      const { id: ticketId } = c.req.valid('param')
      return create(
        c,
        parts,
        'message.send',
        { ...c.req.valid('json'), ticketId },
        () => `/tickets/${ticketId}/messages`,
      )
    })
    .openapi(retry, async c => {
      const { id: ticketId, messageId } = c.req.valid('param')
      return change(c, parts, 'message.retry', { ticketId, messageId })
    })
    .openapi(history, async c => {
      const found = await parts.readModels.history(
        principalOf(c),
        c.req.valid('param').id,
        c.req.valid('query'),
      )
      if (!found) throw notFound('ticket')
      return c.json(pageOf(found), 200)
    })
