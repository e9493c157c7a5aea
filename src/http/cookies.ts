import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { LoggedIn } from './auth.ts'
import type { Ctx, HttpParts } from './context.ts'
import { ACCESS_TOKEN_SECONDS } from './jwt.ts'
import { REFRESH_TOKEN_DAYS } from './refresh-tokens.ts'

/** The two login cookies. Scripts cannot read them, and no other site's page makes the browser send them. */
const ACCESS = { name: 'fio_access', path: '/' }
const REFRESH = { name: 'fio_refresh', path: '/api/v1/auth' }

const options = (parts: Pick<HttpParts, 'config'>, path: string) =>
  ({ path, httpOnly: true, sameSite: 'Strict', secure: parts.config.publicUrl.startsWith('https:') }) as const

export const accessCookie = (c: Ctx): string | undefined => getCookie(c, ACCESS.name)
export const refreshCookie = (c: Ctx): string | undefined => getCookie(c, REFRESH.name)

export const setLoginCookies = (c: Ctx, parts: Pick<HttpParts, 'config'>, login: LoggedIn): void => {
  setCookie(c, ACCESS.name, login.accessToken, {
    ...options(parts, ACCESS.path),
    maxAge: ACCESS_TOKEN_SECONDS,
  })
  setCookie(c, REFRESH.name, login.refreshToken, {
    ...options(parts, REFRESH.path),
    maxAge: REFRESH_TOKEN_DAYS * 86_400,
  })
}

export const dropLoginCookies = (c: Ctx, parts: Pick<HttpParts, 'config'>): void => {
  for (const { name, path } of [ACCESS, REFRESH]) deleteCookie(c, name, options(parts, path))
}
