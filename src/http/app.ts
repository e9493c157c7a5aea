import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { BadCursor } from '../projections/read-models.ts'
import type { Ctx, Env, HttpParts } from './context.ts'
import { docsRoutes } from './docs.ts'
import {
  jsonBody,
  JSON_BYTES_MAX,
  limited,
  SIMULATOR_BYTES_MAX,
  UPLOAD_PATH,
  WEBHOOK_BYTES_MAX,
} from './json-body.ts'
import { keptAnswers } from './kept-answers.ts'
import { MEDIA_LINK_PATH } from './media-links.ts'
import {
  authenticate,
  commandHeaders,
  companyRate,
  correlation,
  filesRate,
  minPosition,
} from './middleware.ts'
import { observe } from './observe.ts'
import { openApiDocument } from './openapi.ts'
import { knownProblem, notFound, Problem, problemResponse, validationProblem } from './problem.ts'
import { auditRoutes } from './routes/audit.ts'
import { authRoutes, meRoutes } from './routes/auth.ts'
import { contactRoutes } from './routes/contacts.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { inspectionRoutes } from './routes/inspection.ts'
import { mediaLinkRoutes, mediaRoutes } from './routes/media.ts'
import { messageRoutes } from './routes/messages.ts'
import { operationRoutes } from './routes/operation.ts'
import { quarantineRoutes } from './routes/quarantine.ts'
import { projectionRoutes } from './routes/projections.ts'
import { queueRoutes } from './routes/queues.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { settingsRoutes } from './routes/settings.ts'
import { simulatorRoutes } from './routes/simulator.ts'
import { ticketRoutes } from './routes/tickets.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { userRoutes } from './routes/users.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { securityHeaders } from './security-headers.ts'
import { uiFiles } from './ui-files.ts'

const API = '/api/v1'

/** Addresses that the UI never answers for. */
const OURS = /^\/(api|files|webhooks|health|metrics|docs|openapi\.json|socket\.io)(\/|$)/

const except =
  (prefix: string, middleware: MiddlewareHandler<Env>): MiddlewareHandler<Env> =>
  (c, next) =>
    c.req.path.startsWith(prefix) ? next() : middleware(c, next)

const bodyLimits = (): MiddlewareHandler<Env> => {
  const [usual, simulator] = [limited(JSON_BYTES_MAX), limited(SIMULATOR_BYTES_MAX)]
  return (c, next) => {
    // A file is never held: its route counts it as it streams by.
    if (c.req.path === UPLOAD_PATH) return next()
    return (c.req.path.startsWith(`${API}/simulator/`) ? simulator : usual)(c, next)
  }
}

const surprise = (parts: HttpParts, c: Ctx, error: unknown): Problem => {
  if (error instanceof BadCursor) {
    return new Problem('invalid', 'The cursor is not one of this list.', {
      issues: [{ path: 'cursor', message: 'must be a cursor that this list gave' }],
    })
  }
  const { correlationId } = c.var
  parts.log.error({ room: 'http', correlationId, method: c.req.method, err: error }, 'a request failed')
  return new Problem('internal', `This was not your fault. It is in the log under ${correlationId}.`)
}

const makeRoot = (parts: HttpParts) => {
  const app = new OpenAPIHono<Env>({
    defaultHook: result => {
      if (result.success) return
      if (result.target === 'param') throw notFound('thing')
      throw validationProblem(result.error, result.target === 'query' ? 'query' : 'body')
    },
  })
  app.onError((error, c) => problemResponse(c, knownProblem(error) ?? surprise(parts, c, error)))
  const ui = uiFiles(parts.config.uiDir)
  app.notFound(c => {
    const page = (c.req.method === 'GET' || c.req.method === 'HEAD') && !OURS.test(c.req.path) ? ui(c) : null
    return page ?? problemResponse(c, notFound('address'))
  })

  app.use(correlation, observe(parts), securityHeaders(parts))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        problemResponse(
          c,
          new Problem('method-not-allowed', `Use ${methods.join(', ')}.`, {
            headers: { Allow: methods.join(', ') },
          }),
        ),
    }),
  )
  const open = `${API}/auth/`
  app.use(`${API}/*`, except(open, authenticate(parts)), except(open, companyRate(parts)))
  app.use(`${API}/*`, commandHeaders, except(open, minPosition(parts)), except(open, keptAnswers(parts)))
  app.use(`${API}/*`, bodyLimits(), jsonBody)
  app.use(`${MEDIA_LINK_PATH}/*`, filesRate(parts))
  app.use('/webhooks/*', limited(WEBHOOK_BYTES_MAX))
  return app
}

/** The whole HTTP side. Its type is the typed client's: `hc<AppType>`. */
export const createApp = (parts: HttpParts) => {
  const app = makeRoot(parts)
  const routes = app
    .route(API, authRoutes(parts))
    .route(API, meRoutes(parts))
    .route(API, userRoutes(parts))
    .route(API, queueRoutes(parts))
    .route(API, settingsRoutes(parts))
    .route(API, sessionRoutes(parts))
    .route(API, inspectionRoutes(parts))
    .route(API, contactRoutes(parts))
    .route(API, ticketRoutes(parts))
    .route(API, messageRoutes(parts))
    .route(API, mediaRoutes(parts))
    .route(API, uploadRoutes(parts))
    .route(API, deadLetterRoutes(parts))
    .route(API, quarantineRoutes(parts))
    .route(API, auditRoutes(parts))
    .route(API, projectionRoutes(parts))
    .route(API, simulatorRoutes(parts))
    .route('/', mediaLinkRoutes(parts))
    .route('/', webhookRoutes(parts))
    .route('/', operationRoutes(parts))
  let document: string | null = null
  app.get('/openapi.json', c => {
    const { version, publicUrl } = parts.config
    document ??= JSON.stringify(openApiDocument(app, { version, url: publicUrl }))
    return c.body(document, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' })
  })
  app.route('/', docsRoutes())
  return routes
}
export type AppType = ReturnType<typeof createApp>
