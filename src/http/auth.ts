import { z } from 'zod'
import type { UserPrincipal } from '../events/principal.ts'
import type { Freshness, Lookups } from '../projections/read-models.ts'
import type { Clock } from '../shared/clock.ts'
import type { Vault } from '../vault/port.ts'
import { createFresh } from './fresh.ts'
import {
  ACCESS_TOKEN_SECONDS,
  accessTokenReader,
  derivedKey,
  readAccessToken,
  signAccessToken,
} from './jwt.ts'
import { createPasswords } from './passwords.ts'
import { Problem } from './problem.ts'
import { createRefreshTokens, type Family } from './refresh-tokens.ts'

/** Who a token speaks for, with the rights that this person has now. */
export type Authenticated = {
  readonly principal: UserPrincipal
  /** The login it belongs to. */
  readonly family: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}
export type LoggedIn = Authenticated & { readonly accessToken: string; readonly refreshToken: string }
export type Revoked = { readonly companyId: string; readonly userId: string; readonly family: string }

export type Auth = {
  /** @throws Problem `login-failed`, `company-choice`, `not-ready` */
  login(ask: { email: string; password: string; companyId?: string | undefined }): Promise<LoggedIn>
  /** @throws Problem `refresh-invalid`; a token used twice ends the login. */
  refresh(refreshToken: string): Promise<LoggedIn>
  /** Ends the login that either token belongs to. */
  logout(tokens: { accessToken?: string | undefined; refreshToken?: string | undefined }): Promise<void>
  /** For requests and sockets. Rights are at most two seconds old. @throws Problem `unauthenticated`, `token-expired`, `not-ready` */
  authenticate(accessToken: string): Promise<Authenticated>
  /** Also ends every login of the user. @throws RangeError for a password that is too short or too long. */
  setPassword(companyId: string, userId: string, password: string): Promise<void>
  /** Something about this person's rights changed: look again at the next request. */
  forget(companyId: string, userId: string): void
  /** Ends every login of a user. */
  revokeAll(companyId: string, userId: string): Promise<void>
  /** Told of every login that ends here, so that its sockets can be closed. Answers how to stop listening. */
  onRevoked(listener: (login: Revoked) => void): () => void
}

const RIGHTS_KEPT_MS = 2_000
const directorySchema = z.array(z.object({ companyId: z.uuid(), userId: z.uuid() }))
type Entry = z.output<typeof directorySchema>[number]

export type AuthOptions = {
  readonly vault: Vault
  readonly lookups: Pick<Lookups, 'principal'>
  /** Read models that are still being filled do not know everybody yet: that is 503, not 401. */
  readonly freshness: () => Freshness
  readonly companyName: (companyId: string) => Promise<string | null>
  readonly secretKey: string
  readonly clock: Clock
}

export const createAuth = (options: AuthOptions): Auth => {
  const { vault, lookups, clock } = options
  const accessKey = derivedKey(options.secretKey, 'access tokens v1')
  const readToken = accessTokenReader(accessKey)
  const passwords = createPasswords(vault)
  const tokens = createRefreshTokens(vault, derivedKey(options.secretKey, 'refresh tokens v1'), clock)
  const listeners = new Set<(login: Revoked) => void>()

  const split = (key: string) => key.split('/') as [string, string, string]
  const rights = createFresh(key => lookups.principal(split(key)[0], split(key)[1]), RIGHTS_KEPT_MS, clock)
  const logins = createFresh(
    key => tokens.alive({ companyId: split(key)[0], userId: split(key)[1], family: split(key)[2] }),
    RIGHTS_KEPT_MS,
    clock,
  )

  const told = (family: Family): void => {
    logins.forget(`${family.companyId}/${family.userId}/${family.family}`)
    for (const listener of listeners) listener(family)
  }

  const principalOf = async (companyId: string, userId: string): Promise<UserPrincipal | null> => {
    const principal = await rights.get(`${companyId}/${userId}`)
    if (principal) return principal
    rights.forget(`${companyId}/${userId}`)
    if (options.freshness().stale) {
      throw new Problem('not-ready', 'The read models are still being filled. Try again in a moment.', {
        headers: { 'Retry-After': '2' },
      })
    }
    return null
  }

  const handOut = (principal: UserPrincipal, family: string, refreshToken: string): LoggedIn => {
    const iat = Math.floor(clock.now() / 1000)
    const exp = iat + ACCESS_TOKEN_SECONDS
    const { companyId: company, userId: user, role, queueIds } = principal
    const claims = { company, user, role, queueIds: [...queueIds], family, iat, exp }
    return {
      principal,
      family,
      expiresAt: exp * 1000,
      accessToken: signAccessToken(accessKey, claims),
      refreshToken,
    }
  }

  const matching = async (
    email: string,
    password: string,
    companyId: string | undefined,
  ): Promise<Entry[]> => {
    const known = await vault.get('emails', email.trim().toLowerCase())
    const all = known === null ? [] : directorySchema.parse(JSON.parse(known))
    const entries = companyId === undefined ? all : all.filter(entry => entry.companyId === companyId)
    if (entries.length === 0) await passwords.pretend(password)
    const right: Entry[] = []
    for (const entry of entries) {
      if (await passwords.matches(entry.companyId, entry.userId, password)) right.push(entry)
    }
    return right
  }

  const active = async (entries: readonly Entry[]): Promise<UserPrincipal[]> => {
    const found = await Promise.all(entries.map(entry => principalOf(entry.companyId, entry.userId)))
    return found.filter(principal => principal !== null)
  }

  const choiceOf = async (principals: readonly UserPrincipal[]): Promise<Problem> =>
    new Problem('company-choice', 'This person is in several companies: log in again with a companyId.', {
      choices: await Promise.all(
        principals.map(async ({ companyId }) => ({ companyId, name: await options.companyName(companyId) })),
      ),
    })

  const revokeAll = async (companyId: string, userId: string): Promise<void> => {
    rights.forget(`${companyId}/${userId}`)
    for (const family of await tokens.revokeAll(companyId, userId)) told(family)
  }

  return {
    login: async ({ email, password, companyId }) => {
      const [principal, ...others] = await active(await matching(email, password, companyId))
      if (!principal)
        throw new Problem('login-failed', 'E-mail or password is wrong, or the user is deactivated.')
      if (others.length > 0) throw await choiceOf([principal, ...others])
      const { family, token } = await tokens.start(principal.companyId, principal.userId)
      return handOut(principal, family.family, token)
    },
    refresh: async refreshToken => {
      // Rights first: a "not ready" must not cost the person the token.
      const owner = tokens.familyOf(refreshToken)
      const principal = owner && (await principalOf(owner.companyId, owner.userId))
      const turned = await tokens.rotate(refreshToken)
      if (turned && 'revoked' in turned) told(turned.revoked)
      if (!turned || 'revoked' in turned) throw new Problem('refresh-invalid', 'Log in again.')
      if (principal) return handOut(principal, turned.family.family, turned.token)
      await revokeAll(turned.family.companyId, turned.family.userId)
      throw new Problem('refresh-invalid', 'Log in again.')
    },
    logout: async ({ accessToken, refreshToken }) => {
      const claims = accessToken === undefined ? null : readAccessToken(accessKey, accessToken, 0)
      const byAccess =
        claims && claims !== 'expired'
          ? { companyId: claims.company, userId: claims.user, family: claims.family }
          : null
      const family = (refreshToken === undefined ? null : tokens.familyOf(refreshToken)) ?? byAccess
      if (!family) return
      await tokens.revoke(family)
      told(family)
    },
    authenticate: async accessToken => {
      const claims = readToken(accessToken, clock.now())
      if (claims === null) throw new Problem('unauthenticated', 'The access token is not valid.')
      if (claims === 'expired') throw new Problem('token-expired', 'Refresh the access token.')
      const { company, user, family } = claims
      const [alive, principal] = await Promise.all([
        logins.get(`${company}/${user}/${family}`),
        principalOf(company, user),
      ])
      if (!alive || !principal) throw new Problem('unauthenticated', 'This login has ended.')
      return { principal, family, expiresAt: claims.exp * 1000 }
    },
    setPassword: async (companyId, userId, password) => {
      await passwords.set(companyId, userId, password)
      await revokeAll(companyId, userId)
    },
    forget: (companyId, userId) => rights.forget(`${companyId}/${userId}`),
    revokeAll,
    onRevoked: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
