import type { MiddlewareHandler } from 'hono'
import { principalOf, type Env, type HttpParts } from './context.ts'

/** Questions to the read models and the log alone: their answers say nothing that is not in the log. */
const KEPT =
  /^\/api\/v1\/(?:tickets(?:\/[^/]+(?:\/messages|\/history|\/at\/\d+)?)?|contacts(?:\/[^/]+)?|messages\/search|users|queues|dead-letters)$/

const JSON_TYPE = 'application/json'

/** Path and query, as they were sent. */
const askedFor = (url: string): string => url.slice(url.indexOf('/', url.indexOf('//') + 2))

/**
 * Answers again what was answered before, to the same person with the same rights, as long as nothing has happened in
 * the company. It stands behind the login, the rate and `X-Min-Position`, and before everything that costs.
 */
export const keptAnswers =
  ({ answers, readModels }: Pick<HttpParts, 'answers' | 'readModels'>): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (c.req.method !== 'GET' || !KEPT.test(c.req.path) || readModels.freshness().stale) return next()
    const { companyId, userId, role, queueIds } = principalOf(c)
    const key = `${userId} ${role} ${queueIds.join()} ${askedFor(c.req.url)}`
    let asked = false
    const text = await answers.answer(companyId, key, async () => {
      asked = true
      await next()
      const json = c.res.headers.get('content-type')?.startsWith(JSON_TYPE)
      return c.res.status === 200 && json ? await c.res.clone().text() : null
    })
    if (asked) return
    return text === null ? next() : c.body(text, 200, { 'Content-Type': JSON_TYPE })
  }
