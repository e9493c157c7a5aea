import type { MiddlewareHandler } from 'hono'
import { newId } from '../shared/ids.ts'
import { noteOnSpan } from '../telemetry/tracing.ts'
import { clientAddress, isSafe, networkOf, refuseCrossSite } from './client.ts'
import { accessCookie } from './cookies.ts'
import { idempotencyKeyOf, principalOf, revisionOf, type Ctx, type Env, type HttpParts } from './context.ts'
import { Problem } from './problem.ts'
import { createBuckets } from './rate-limit.ts'

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i

/** The access token and whether the browser sent it by itself. */
export const tokenOf = (c: Ctx): { token: string; fromCookie: boolean } | null => {
  const header = c.req.header('authorization')
  if (header !== undefined) {
    const token = BEARER.exec(header)?.[1]
    return token === undefined ? null : { token, fromCookie: false }
  }
  const cookie = accessCookie(c)
  return cookie ? { token: cookie, fromCookie: true } : null
}

/** Everything behind it needs a login. */
export const authenticate =
  (parts: HttpParts): MiddlewareHandler<Env> =>
  async (c, next) => {
    const found = tokenOf(c)
    if (!found) throw new Problem('unauthenticated', 'Send an access token.')
    if (found.fromCookie && !isSafe(c)) refuseCrossSite(c, parts, true)
    const login = await parts.auth.authenticate(found.token)
    c.set('login', login)
    noteOnSpan({ 'fio.company': login.principal.companyId, 'fio.user': login.principal.userId })
    await next()
  }

const tooMany = (parts: HttpParts, limit: string, seconds: number): Problem => {
  parts.metrics.rateLimited.inc({ limit })
  return new Problem('rate-limited', `Too many requests. Try again in ${seconds} s.`, {
    headers: { 'Retry-After': String(seconds) },
  })
}

/** One company cannot take the server from the others. */
export const companyRate = (parts: HttpParts): MiddlewareHandler<Env> => {
  const perSecond = parts.config.rateLimitPerSecond
  const buckets = createBuckets({ burst: perSecond * 2, perSecond, clock: parts.clock })
  return async (c, next) => {
    const wait = perSecond === 0 ? 0 : buckets.take(principalOf(c).companyId)
    if (wait > 0) throw tooMany(parts, 'company', wait)
    await next()
  }
}

const LOGIN_BURST = 10
const LOGIN_REFILL_SECONDS = 60
const ADDRESS_BURST = 100
const ADDRESS_REFILL_SECONDS = 6

/** Guessing passwords: few tries for one e-mail from one address, more for one address. A right password costs nothing. */
export const createLoginRate = (parts: HttpParts) => {
  const { clock } = parts
  const perLogin = createBuckets({ burst: LOGIN_BURST, perSecond: 1 / LOGIN_REFILL_SECONDS, clock })
  const perAddress = createBuckets({ burst: ADDRESS_BURST, perSecond: 1 / ADDRESS_REFILL_SECONDS, clock })
  /** @throws Problem when there were too many tries; otherwise answers how to give the try back. */
  return (c: Ctx, email: string): (() => void) => {
    const address = networkOf(clientAddress(c, parts.config.trustProxy))
    const login = `${address} ${email.trim().toLowerCase()}`
    // The address first: nobody fills the other buckets with made-up e-mails.
    const waitAddress = perAddress.take(address)
    if (waitAddress > 0) throw tooMany(parts, 'login-address', waitAddress)
    const wait = perLogin.take(login)
    if (wait > 0) throw tooMany(parts, 'login', wait)
    return () => {
      perLogin.giveBack(login)
      perAddress.giveBack(address)
    }
  }
}

const FILES_BURST = 120
const FILES_PER_SECOND = 2

/**
 * Files without a login, by signed links: guessing signatures is hopeless, but costs reads, and so does fetching one link again
 * and again. Room for what asks for a film part by part.
 */
export const filesRate = (parts: HttpParts): MiddlewareHandler<Env> => {
  const buckets = createBuckets({ burst: FILES_BURST, perSecond: FILES_PER_SECOND, clock: parts.clock })
  return async (c, next) => {
    const wait = buckets.take(networkOf(clientAddress(c, parts.config.trustProxy)))
    if (wait > 0) throw tooMany(parts, 'files-address', wait)
    await next()
  }
}

/** Reads the headers that go along with a command. */
export const commandHeaders: MiddlewareHandler<Env> = async (c, next) => {
  if (!isSafe(c)) {
    c.set('key', idempotencyKeyOf(c.req.header('idempotency-key')))
    c.set('ifMatch', revisionOf(c.req.header('if-match')))
  }
  await next()
}

const POSITION = /^[0-9a-f]{8}[\w.:-]{1,120}$/
const WAIT_MS_MAX = 2_000

/**
 * Read your own writes: a query with `X-Min-Position` waits for it. Every answer says how far the read models were
 * before they were asked, so that a client may go on from there by socket and miss nothing.
 */
export const minPosition =
  ({ readModels }: Pick<HttpParts, 'readModels'>): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (!isSafe(c)) return next()
    const wanted = c.req.header('x-min-position')
    if (wanted !== undefined && !POSITION.test(wanted)) {
      throw new Problem('invalid', 'X-Min-Position must be a position that this server gave.', {
        issues: [{ path: 'X-Min-Position', message: 'must be a position that this server gave' }],
      })
    }
    const fresh =
      wanted === undefined ? readModels.freshness() : await readModels.waitFor(wanted, WAIT_MS_MAX)
    if (fresh.position !== null) c.header('X-Position', fresh.position)
    if (wanted !== undefined && fresh.stale) c.header('X-Stale', '1')
    return next()
  }

const REQUEST_ID = /^[\w.:-]{8,128}$/

/** The id under which everything that this request causes can be found again. */
export const correlation: MiddlewareHandler<Env> = async (c, next) => {
  const given = c.req.header('x-request-id')
  const id = given !== undefined && REQUEST_ID.test(given) ? given : newId<string>()
  c.set('correlationId', id)
  c.header('X-Request-Id', id)
  await next()
}
