import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { roleSchema } from '../events/company.ts'

/** Access tokens: JWT, HS256 only. The header is compared as text, so no other algorithm can be talked into. */
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
export const ACCESS_TOKEN_SECONDS = 15 * 60

const claimsSchema = z.object({
  company: z.uuid(),
  user: z.uuid(),
  role: roleSchema,
  queueIds: z.array(z.uuid()),
  /** The login (family of refresh tokens) that it belongs to; revoked with it. */
  family: z.uuid(),
  iat: z.int(),
  exp: z.int(),
})
export type AccessClaims = z.output<typeof claimsSchema>

/** A key of its own for each purpose, all from the one master key. */
export const derivedKey = (secretKey: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secretKey, 'fio', purpose, 32))

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Whether the text carries this MAC (base64url), in constant time. */
export const macMatches = (key: Buffer, text: string, given: string): boolean => {
  const wanted = mac(key, text)
  const got = Buffer.from(given, 'base64url')
  return got.length === wanted.length && timingSafeEqual(got, wanted) && got.toString('base64url') === given
}
export const macOf = (key: Buffer, text: string): string => mac(key, text).toString('base64url')

export const signAccessToken = (key: Buffer, claims: AccessClaims): string => {
  const text = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${text}.${macOf(key, text)}`
}

const TOKENS_KEPT_MAX = 10_000

/**
 * Reads access tokens like `readAccessToken`, and remembers what it read: a token is shown with every request for a
 * quarter of an hour. That it has not expired is looked at each time. Bounded: when full it forgets everything.
 */
export const accessTokenReader = (
  key: Buffer,
): ((token: string, now: number) => AccessClaims | 'expired' | null) => {
  const known = new Map<string, AccessClaims>()
  return (token, now) => {
    const kept = known.get(token)
    if (kept && kept.exp * 1000 > now) return kept
    if (kept) known.delete(token)
    const claims = readAccessToken(key, token, now)
    if (claims === null || claims === 'expired') return claims
    if (known.size >= TOKENS_KEPT_MAX) known.clear()
    known.set(token, claims)
    return claims
  }
}

/** What the token says, `'expired'`, or `null` when it was not made here. `now` in milliseconds. */
export const readAccessToken = (key: Buffer, token: string, now: number): AccessClaims | 'expired' | null => {
  const [header, payload, signature, more] = token.split('.')
  if (header !== HEADER || !payload || !signature || more !== undefined) return null
  if (!macMatches(key, `${header}.${payload}`, signature)) return null
  const claims = claimsSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  if (!claims.success) return null
  return claims.data.exp * 1000 <= now ? 'expired' : claims.data
}
