import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { LoggedIn } from '../auth.ts'
import { refuseCrossSite } from '../client.ts'
import type { Ctx, Env, HttpParts } from '../context.ts'
import { dropLoginCookies, refreshCookie, setLoginCookies } from '../cookies.ts'
import { ACCESS_TOKEN_SECONDS } from '../jwt.ts'
import { createLoginRate, tokenOf } from '../middleware.ts'
import { notFound, Problem } from '../problem.ts'
import { body, json, text, User } from '../schemas.ts'

const tags = ['Login']
const LoginAnswer = z
  .object({ accessToken: z.string(), expiresIn: z.int(), refreshToken: z.string(), user: User })
  .meta({ id: 'LoginAnswer' })

const login = createRoute({
  method: 'post',
  path: '/auth/login',
  tags,
  summary: 'Log in',
  description:
    'A person who is in several companies gets the problem `company-choice` with `choices`; log in again with one `companyId`.',
  security: [],
  request: {
    body: body(
      z.object({
        email: text(320),
        password: z.string().min(1).max(256),
        companyId: z.uuid().optional(),
      }),
    ),
  },
  responses: { 200: json(LoginAnswer, 'Logged in; the tokens are also set as cookies') },
})

const refreshBody = z.object({ refreshToken: z.string().min(1).max(2048).optional() })
const refresh = createRoute({
  method: 'post',
  path: '/auth/refresh',
  tags,
  summary: 'Take a refresh token (of the body or the cookie) for new tokens; using one twice ends the login',
  security: [],
  request: { body: { content: { 'application/json': { schema: refreshBody } } } },
  responses: { 200: json(LoginAnswer, 'New tokens') },
})

const logout = createRoute({
  method: 'post',
  path: '/auth/logout',
  tags,
  summary: 'End the login that the access or refresh token belongs to',
  security: [],
  request: { body: { content: { 'application/json': { schema: refreshBody } } } },
  responses: { 204: { description: 'Logged out' } },
})

const me = createRoute({
  method: 'get',
  path: '/me',
  tags,
  summary: 'The person who is logged in',
  responses: { 200: json(User, 'You') },
})

/** Logging in and out. These routes are open; they check what they are given themselves. */
export const authRoutes = (parts: HttpParts) => {
  const takeTry = createLoginRate(parts)
  const answer = async (c: Ctx, done: LoggedIn) => {
    const { userId } = done.principal
    const user = await parts.readModels.user(done.principal, userId)
    if (!user) throw notFound('user')
    setLoginCookies(c, parts, done)
    const { accessToken, refreshToken } = done
    return c.json({ accessToken, expiresIn: ACCESS_TOKEN_SECONDS, refreshToken, user }, 200)
  }
  return new OpenAPIHono<Env>()
    .openapi(login, async c => {
      refuseCrossSite(c, parts, false)
      const asked = c.req.valid('json')
      const giveBack = takeTry(c, asked.email)
      const done = await parts.auth.login(asked).catch((error: unknown) => {
        if (error instanceof Problem && error.code !== 'login-failed') giveBack()
        throw error
      })
      giveBack()
      return answer(c, done)
    })
    .openapi(refresh, async c => {
      const given = c.req.valid('json').refreshToken
      refuseCrossSite(c, parts, given === undefined)
      const token = given ?? refreshCookie(c)
      if (token === undefined) throw new Problem('refresh-invalid', 'Send a refresh token.')
      const done = await parts.auth.refresh(token).catch((error: unknown) => {
        if (given === undefined && error instanceof Problem && error.code === 'refresh-invalid')
          dropLoginCookies(c, parts)
        throw error
      })
      return answer(c, done)
    })
    .openapi(logout, async c => {
      const given = c.req.valid('json').refreshToken
      const access = tokenOf(c)
      refuseCrossSite(c, parts, given === undefined && access?.fromCookie !== false)
      await parts.auth.logout({ accessToken: access?.token, refreshToken: given ?? refreshCookie(c) })
      dropLoginCookies(c, parts)
      return c.body(null, 204)
    })
}

export const meRoutes = ({ readModels }: HttpParts) =>
  new OpenAPIHono<Env>().openapi(me, async c => {
    const { principal } = c.var.login
    const user = await readModels.user(principal, principal.userId)
    if (!user) throw notFound('user')
    return c.json(user, 200)
  })
