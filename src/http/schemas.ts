import { createRoute, z } from '@hono/zod-openapi'
import { DEAD_LETTER_STATUSES } from '../projections/dead-letter-row.ts'
import {
  contactSchema,
  historyEntrySchema,
  messageSchema,
  queueSchema,
  sessionActivitySchema,
  sessionSchema,
  ticketSchema,
  userSchema,
} from '../realtime/protocol.ts'
import { Capabilities } from './channel-schemas.ts'

/** Shapes that several routes share. Names given with `meta({id})` become components of the OpenAPI document. */
export const LIST_LIMIT_DEFAULT = 40
export const LIST_LIMIT_MAX = 100

/** Ids are read in any case and kept in lower case, as they are stored. */
export const id = z.uuid().toLowerCase()
export const idParam = z.object({ id })

/** Something that people type to find something. No database keeps a NUL, so none is looked for. */
export const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine(given => !given.includes('\0'), 'must not contain NUL')

export const cursor = z.string().min(1).max(512).optional()
export const limit = z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT)
/** Unknown filters are refused: ignoring a misspelt one would answer rows that nobody asked for. */
export const listQuery = z.strictObject({ limit, cursor })

// `z.json()` is recursive without a name, which the document generator cannot write down.
const anyJson = z.any()

export const Ticket = ticketSchema.meta({ id: 'Ticket' })
/** One ticket, with what its channel can carry. */
export const TicketWithChannel = ticketSchema
  .extend({ session: ticketSchema.shape.session.extend({ capabilities: Capabilities.optional() }) })
  .meta({ id: 'TicketWithChannel' })
export const Message = messageSchema.extend({ details: anyJson.optional() }).meta({ id: 'Message' })
export const Contact = contactSchema.meta({ id: 'Contact' })
export const Session = sessionSchema.extend({ capabilities: Capabilities.optional() }).meta({ id: 'Session' })
export const SessionActivity = sessionActivitySchema.meta({ id: 'SessionActivity' })
export const User = userSchema.meta({ id: 'User' })
export const Queue = queueSchema.meta({ id: 'Queue' })
export const HistoryEntry = historyEntrySchema
  .extend({ data: z.record(z.string(), anyJson) })
  .meta({ id: 'HistoryEntry' })

export const DeadLetter = z
  .object({
    id: z.uuid(),
    source: z.string(),
    reason: z.string(),
    sessionId: z.uuid().nullable(),
    status: z.enum(DEAD_LETTER_STATUSES),
    attempts: z.int(),
    lastError: z.string().nullable(),
    revision: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'DeadLetter' })

export const CommandAnswer = z
  .object({ id: z.uuid(), revision: z.int(), position: z.string().nullable() })
  .meta({ id: 'CommandAnswer' })

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    choices: z.array(z.object({ companyId: z.uuid(), name: z.string().nullable() })).optional(),
  })
  .meta({ id: 'Problem' })

export const page = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** A JSON response with one schema. */
export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  content: { 'application/json': { schema } },
  description,
})

/** A JSON body that must be there. */
export const body = <S extends z.ZodType>(schema: S) => ({
  content: { 'application/json': { schema } },
  required: true as const,
})

export const CHANGED = { 200: json(CommandAnswer, 'Done, durably') }
const CREATED = { 201: json(CommandAnswer, 'Created, durably') }

/** `POST` on one thing, without a body: an action. */
export const actionRoute = <P extends string>(path: P, summary: string, tag: string) =>
  createRoute({
    method: 'post',
    path,
    summary,
    tags: [tag],
    request: { params: idParam },
    responses: CHANGED,
  })

/** `PATCH` on one thing. */
export const changeRoute = <P extends string, S extends z.ZodType>(
  path: P,
  summary: string,
  tag: string,
  schema: S,
) =>
  createRoute({
    method: 'patch',
    path,
    summary,
    tags: [tag],
    request: { params: idParam, body: body(schema) },
    responses: CHANGED,
  })

/** `DELETE` on one thing. */
export const removeRoute = <P extends string>(path: P, summary: string, tag: string) =>
  createRoute({
    method: 'delete',
    path,
    summary,
    tags: [tag],
    request: { params: idParam },
    responses: CHANGED,
  })

/** `POST` that creates one. */
export const createOneRoute = <P extends string, S extends z.ZodType>(
  path: P,
  summary: string,
  tag: string,
  schema: S,
) =>
  createRoute({
    method: 'post',
    path,
    summary,
    tags: [tag],
    request: { body: body(schema) },
    responses: CREATED,
  })

/** `GET` of one thing. */
export const readRoute = <P extends string, S extends z.ZodType>(
  path: P,
  summary: string,
  tag: string,
  schema: S,
) =>
  createRoute({
    method: 'get',
    path,
    summary,
    tags: [tag],
    request: { params: idParam },
    responses: { 200: json(schema, 'Found') },
  })

/** `GET` of a list, by keyset. */
export const listRoute = <P extends string, S extends z.ZodType, Q extends z.ZodObject>(
  path: P,
  summary: string,
  tag: string,
  item: S,
  query: Q,
) =>
  createRoute({
    method: 'get',
    path,
    summary,
    tags: [tag],
    request: { query },
    responses: { 200: json(page(item), 'One page') },
  })
