import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { newId } from '../shared/ids.ts'
import type { Clock } from '../shared/clock.ts'
import type { Vault } from '../vault/port.ts'
import { macMatches, macOf } from './jwt.ts'

/**
 * Refresh tokens. A login is a *family*: one row in the vault with the hash of the newest token. Using the newest one
 * replaces it; using an older one means that somebody else has a copy, so the whole family is gone. Tokens carry a MAC,
 * so that only a token that was once given out here can revoke anything.
 */
export const REFRESH_TOKEN_DAYS = 30
/** Of one user; the oldest login goes when there is one more. */
const FAMILIES_MAX = 50
const DAY_MS = 86_400_000

export type Family = { readonly companyId: string; readonly userId: string; readonly family: string }

const familySchema = z.object({ hash: z.string(), startedAt: z.int(), expiresAt: z.int() })
type FamilyRow = z.output<typeof familySchema>
const rowOf = (text: string): FamilyRow => familySchema.parse(JSON.parse(text))

const tokenSchema = z.tuple([z.uuid(), z.uuid(), z.uuid(), z.string()])
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
const keyOf = ({ companyId, userId, family }: Family): string => `${companyId}/${userId}/${family}`

export type RefreshTokens = {
  /** Starts a family; answers its first token. */
  start(companyId: string, userId: string): Promise<{ family: Family; token: string }>
  /** Takes a token for the next one. `null`: unknown, expired, or used before, and then its family is gone. */
  rotate(token: string): Promise<{ family: Family; token: string } | { revoked: Family } | null>
  /** Whose token it is, if it was made here; says nothing about whether it still works. */
  familyOf(token: string): Family | null
  alive(family: Family): Promise<boolean>
  revoke(family: Family): Promise<void>
  /** Ends every login of a user; answers them. */
  revokeAll(companyId: string, userId: string): Promise<readonly Family[]>
}

export const createRefreshTokens = (vault: Vault, key: Buffer, clock: Clock): RefreshTokens => {
  const mint = (family: Family): { token: string; hash: string } => {
    const secret = randomBytes(32).toString('base64url')
    const parts = [family.companyId, family.userId, family.family, secret]
    const text = Buffer.from(JSON.stringify(parts)).toString('base64url')
    return { token: `${text}.${macOf(key, text)}`, hash: hashOf(secret) }
  }

  const read = (token: string): (Family & { hash: string }) | null => {
    const [text, signature, more] = token.split('.')
    if (!text || !signature || more !== undefined || !macMatches(key, text, signature)) return null
    const parts = tokenSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    if (!parts.success) return null
    const [companyId, userId, family, secret] = parts.data
    return { companyId, userId, family, hash: hashOf(secret) }
  }

  const familiesOf = async (companyId: string, userId: string): Promise<Family[]> => {
    const keys = await vault.keys('refresh-tokens', `${companyId}/${userId}/`)
    return keys.map(text => ({ companyId, userId, family: text.slice(text.lastIndexOf('/') + 1) }))
  }

  const drop = (families: readonly Family[]) =>
    vault.write(families.map(family => ({ remove: ['refresh-tokens', keyOf(family)] as const })))

  /** Families are named in order of time, so the first keys are the oldest. */
  const makeRoom = async (companyId: string, userId: string): Promise<void> => {
    const families = await familiesOf(companyId, userId)
    const rows = await Promise.all(families.map(family => vault.get('refresh-tokens', keyOf(family))))
    const over = families.length - FAMILIES_MAX + 1
    const old = families.filter((_, n) => n < over || isOver(rows[n] ?? null, clock.now()))
    if (old.length > 0) await drop(old)
  }

  return {
    start: async (companyId, userId) => {
      await makeRoom(companyId, userId)
      const family: Family = { companyId, userId, family: newId(clock.now()) }
      const { token, hash } = mint(family)
      const now = clock.now()
      const row: FamilyRow = { hash, startedAt: now, expiresAt: now + REFRESH_TOKEN_DAYS * DAY_MS }
      await vault.write([{ put: ['refresh-tokens', keyOf(family), JSON.stringify(row)] }])
      return { family, token }
    },
    rotate: async token => {
      const used = read(token)
      if (!used) return null
      const { hash: usedHash, ...family } = used
      const next = mint(family)
      const now = clock.now()
      let known = false
      const after = await vault.update('refresh-tokens', keyOf(family), current => {
        known = current !== null
        if (current === null) return undefined
        const row = rowOf(current)
        if (row.expiresAt <= now || row.hash !== usedHash) return null
        return JSON.stringify({ ...row, hash: next.hash, expiresAt: now + REFRESH_TOKEN_DAYS * DAY_MS })
      })
      if (after !== null && rowOf(after).hash === next.hash) return { family, token: next.token }
      return known ? { revoked: family } : null
    },
    familyOf: token => {
      const used = read(token)
      return used && { companyId: used.companyId, userId: used.userId, family: used.family }
    },
    alive: async family => {
      const row = await vault.get('refresh-tokens', keyOf(family))
      return row !== null && !isOver(row, clock.now())
    },
    revoke: family => drop([family]),
    revokeAll: async (companyId, userId) => {
      const families = await familiesOf(companyId, userId)
      if (families.length > 0) await drop(families)
      return families
    },
  }
}

const isOver = (row: string | null, now: number): boolean => row === null || rowOf(row).expiresAt <= now
