import { hash, verify } from '@node-rs/argon2'
import type { Vault } from '../vault/port.ts'

export const PASSWORD_LENGTH_MIN = 10
export const PASSWORD_LENGTH_MAX = 256

/** OWASP's first choice for argon2id (which is this library's default algorithm): 19 MiB, two passes, one lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

const keyOf = (companyId: string, userId: string) => `${companyId}/${userId}`

export type Passwords = {
  /** @throws RangeError for one that is too short or too long. */
  set(companyId: string, userId: string, password: string): Promise<void>
  matches(companyId: string, userId: string, password: string): Promise<boolean>
  /** Takes as long as looking at a real one, so that nobody learns whether the e-mail exists. */
  pretend(password: string): Promise<false>
}

export const createPasswords = (vault: Vault): Passwords => {
  let decoy: Promise<string> | null = null
  const check = async (stored: string | null, password: string): Promise<boolean> => {
    decoy ??= hash('no password is ever this one', ARGON2)
    const right = await verify(stored ?? (await decoy), password)
    return right && stored !== null
  }
  return {
    set: async (companyId, userId, password) => {
      if (password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX) {
        throw new RangeError(`a password has ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters`)
      }
      await vault.write([{ put: ['passwords', keyOf(companyId, userId), await hash(password, ARGON2)] }])
    },
    matches: async (companyId, userId, password) =>
      check(await vault.get('passwords', keyOf(companyId, userId)), password),
    pretend: async password => {
      await check(null, password)
      return false
    },
  }
}
