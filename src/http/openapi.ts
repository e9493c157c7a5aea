import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from './context.ts'
import { Problem } from './schemas.ts'

/**
 * The OpenAPI 3.1 document. Routes declare what is theirs; what all of them share (problems, headers, who may call) is
 * added here by looking at each operation, so that a new route cannot forget it.
 */
type Operation = {
  operationId?: string
  security?: unknown[]
  parameters?: unknown[]
  requestBody?: unknown
  responses: Record<string, unknown>
}
type Document = { paths?: Record<string, Record<string, unknown>>; components?: Record<string, unknown> }

const METHODS = ['get', 'post', 'patch', 'put', 'delete']
const header = (name: string, description: string, schema: object) => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})
const PARAMETERS = {
  IdempotencyKey: header('Idempotency-Key', 'The same key again answers what the first request came to.', {
    type: 'string',
    minLength: 1,
    maxLength: 200,
  }),
  IfMatch: header('If-Match', 'The revision that you saw; 409 if something that matters came after it.', {
    type: 'string',
    examples: ['"12"'],
  }),
  MinPosition: header('X-Min-Position', 'Waits up to 2 s until this position can be read.', {
    type: 'string',
  }),
}
const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` })
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('schemas', 'Problem') } },
})
const RESPONSES = {
  Unauthenticated: problem('No token, a wrong or an expired one'),
  Forbidden: problem('Your role may not do that'),
  NotFound: problem('There is no such thing, or not for you'),
  TooLarge: problem('The body is too large'),
  UnsupportedType: problem('The body is not JSON by its type'),
  BadJson: problem('The body is not valid JSON'),
  Invalid: problem('Some fields are wrong; see issues'),
  Conflict: problem('The state does not allow it'),
  RateLimited: problem('Too many requests; see Retry-After'),
  Unavailable: problem('Try again; see Retry-After'),
  Problem: problem('Any other problem'),
}

const operationIdOf = (method: string, path: string): string =>
  method +
  path
    .replace(/^\/api\/v1/, '')
    .replace(/\{(\w+)\}/g, 'By-$1')
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

const sharedResponses = (method: string, path: string, operation: Operation): Record<string, string> => ({
  ...(operation.security ? {} : { 401: 'Unauthenticated', 403: 'Forbidden', 429: 'RateLimited' }),
  ...(path.includes('{') ? { 404: 'NotFound' } : {}),
  ...(operation.requestBody ? { 400: 'BadJson', 413: 'TooLarge', 415: 'UnsupportedType' } : {}),
  ...(path.startsWith('/api/v1') ? { 422: 'Invalid', 503: 'Unavailable' } : {}),
  ...(path.startsWith('/api/v1') && method !== 'get' ? { 409: 'Conflict' } : {}),
  default: 'Problem',
})

const finish = (method: string, path: string, operation: Operation): void => {
  operation.operationId ??= operationIdOf(method, path)
  for (const [status, name] of Object.entries(sharedResponses(method, path, operation))) {
    operation.responses[status] ??= ref('responses', name)
  }
  if (operation.security) return
  const names = [
    ...(method === 'get' ? ['MinPosition'] : ['IfMatch']),
    ...(method === 'post' ? ['IdempotencyKey'] : []),
  ]
  operation.parameters = [...(operation.parameters ?? []), ...names.map(name => ref('parameters', name))]
}

/** Made once, when somebody asks first. */
export const openApiDocument = (app: OpenAPIHono<Env>, about: { version: string; url: string }): Document => {
  app.openAPIRegistry.register('Problem', Problem)
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Fio',
      version: about.version,
      description: 'The API of the Fio helpdesk. Errors are `application/problem+json` with a stable `code`.',
      license: { name: 'MIT' },
    },
    servers: [{ url: about.url }],
    security: [{ bearer: [] }, { cookie: [] }],
  }) as unknown as Document
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) if (item[method]) finish(method, path, item[method] as Operation)
  }
  document.components = {
    ...document.components,
    parameters: PARAMETERS,
    responses: RESPONSES,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      cookie: { type: 'apiKey', in: 'cookie', name: 'fio_access' },
    },
  }
  return document
}
