import { OpenAPIHono } from '@hono/zod-openapi'
import type { Env, HttpParts } from './context.ts'
import { correlation } from './middleware.ts'
import { observe } from './observe.ts'
import { knownProblem, notFound, Problem, problemResponse } from './problem.ts'
import { operationRoutes } from './routes/operation.ts'

/** What a process without the role `api` serves: how it is, and its figures. No API, no UI, no webhooks. */
export const createOperationApp = (parts: HttpParts) => {
  const app = new OpenAPIHono<Env>()
  app.onError((error, c) => {
    const known = knownProblem(error)
    if (!known) parts.log.error({ room: 'http', err: error }, 'a request failed')
    return problemResponse(c, known ?? new Problem('internal', 'This was not your fault. It is in the log.'))
  })
  app.notFound(c => problemResponse(c, notFound('address')))
  app.use(correlation, observe(parts))
  return app.route('/', operationRoutes(parts))
}
