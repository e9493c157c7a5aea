import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { contentFields, messageBody } from '../../commands/message/content.ts'
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

const PARTS = ['body', 'uploadId', 'location', 'contacts', 'interactive', 'template'] as const
const messageParam = idParam.extend({ messageId: id })
const sent = z
  .object({ ...contentFields, uploadId: id.optional(), quotedId: id.optional() })
  .refine(given => PARTS.some(part => given[part] !== undefined), {
    path: ['body'],
    message: 'is needed, or a file, a place, contacts, choices or a template',
  })

const send = createRoute({
  method: 'post',
  path: '/tickets/{id}/messages',
  tags,
  summary: 'Write to the customer; answers once the message is durable and queued',
  description:
    'One thing a message: a text (`body`), an uploaded file (`uploadId`, with `body` as caption where the channel has ' +
    'captions), a `location`, `contacts`, `interactive` choices under `body`, or a `template` whose `body` is what the ' +
    'customer reads. What the channel cannot carry is refused with `unsupported-by-channel` before anything is queued; ' +
    'with `window-closed` where only a template may be sent.',
  request: { params: idParam, body: body(sent) },
  responses: { 201: json(CommandAnswer, 'Queued; `id` is the message') },
})

const retry = createRoute({
  method: 'post',
  path: '/tickets/{id}/messages/{messageId}/retry',
  tags,
  summary: 'Try a failed message again',
  request: { params: messageParam },
  responses: { 200: json(CommandAnswer, 'Queued again') },
})

const ACTED = { 200: json(CommandAnswer, "Queued; `id` is the action's, as in the message's `actions`") }

const edit = createRoute({
  method: 'patch',
  path: '/tickets/{id}/messages/{messageId}',
  tags,
  summary: 'Change the words of a message that was sent from here',
  request: { params: messageParam, body: body(z.object({ body: messageBody })) },
  responses: ACTED,
})

const revoke = createRoute({
  method: 'delete',
  path: '/tickets/{id}/messages/{messageId}',
  tags,
  summary: 'Delete a message for everyone; what it said stays readable to auditors',
  request: { params: messageParam },
  responses: ACTED,
})

const react = createRoute({
  method: 'post',
  path: '/tickets/{id}/messages/{messageId}/reactions',
  tags,
  summary: 'React to a message; an empty emoji takes the reaction back',
  request: { params: messageParam, body: body(z.object({ emoji: z.string().max(32) })) },
  responses: ACTED,
})

const forward = createRoute({
  method: 'post',
  path: '/tickets/{id}/messages/{messageId}/forward',
  tags,
  summary: 'Say the same again in another ticket, file included',
  request: { params: messageParam, body: body(z.object({ ticketId: id })) },
  responses: { 201: json(CommandAnswer, 'Queued there; `id` is the new message') },
})

const FoundMessage = z
  .object({
    messageId: id,
    revision: z.int().meta({ description: "The message's place in its ticket" }),
    beside: z.literal(true).optional().meta({
      description:
        'It belongs to no ticket (said before the number was linked, for one): `revision` is its place in the conversation, and `ticket` the newest above which it is read',
    }),
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

const messageHistory = createRoute({
  method: 'get',
  path: '/tickets/{id}/messages/{messageId}/history',
  tags,
  summary:
    'Everything that happened to one message, oldest first: when it was sent, delivered, read, changed',
  request: { params: messageParam },
  responses: { 200: json(z.object({ items: z.array(HistoryEntry) }), 'All of it') },
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
    .openapi(edit, async c => {
      const { id: ticketId, messageId } = c.req.valid('param')
      return change(c, parts, 'message.edit', { ...c.req.valid('json'), ticketId, messageId })
    })
    .openapi(revoke, async c => {
      const { id: ticketId, messageId } = c.req.valid('param')
      return change(c, parts, 'message.revoke', { ticketId, messageId })
    })
    .openapi(react, async c => {
      const { id: ticketId, messageId } = c.req.valid('param')
      return change(c, parts, 'message.react', { ...c.req.valid('json'), ticketId, messageId })
    })
    .openapi(forward, async c => {
      const { id: ticketId, messageId } = c.req.valid('param')
      const { ticketId: toTicketId } = c.req.valid('json')
      return create(
        c,
        parts,
        'message.forward',
        { ticketId, messageId, toTicketId },
        () => `/tickets/${toTicketId}/messages`,
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
    .openapi(messageHistory, async c => {
      const { id: ticketId, messageId } = c.req.valid('param')
      const found = await parts.readModels.messageHistory(principalOf(c), ticketId, messageId)
      if (!found) throw notFound('message')
      return c.json({ items: [...found] }, 200)
    })
