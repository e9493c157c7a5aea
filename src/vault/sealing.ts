import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Vault, VaultSpace, VaultWrite } from './port.ts'

/**
 * How values lie at rest: AES-256-GCM under a key derived from the installation's master key, bound to their place
 * (space and key), so that nobody with access to the files can read a value or swap two of them.
 * Bytes: format (1) | nonce (12) | body | tag (16).
 */
export type Sealing = {
  seal(space: VaultSpace, key: string, value: string): Buffer
  /** @throws Error when the bytes were made with another key, for another place, or were changed. */
  open(space: VaultSpace, key: string, sealed: Uint8Array): string
}

const FORMAT = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const MASTER_KEY_BYTES_MIN = 16

export const createSealing = (masterKey: Buffer): Sealing => {
  if (masterKey.length < MASTER_KEY_BYTES_MIN)
    throw new Error(`SECRET_KEY has ${masterKey.length} bytes, at least ${MASTER_KEY_BYTES_MIN} are needed`)
  const key = Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), 'fio vault 1', 32))
  const place = (space: string, name: string): Buffer => Buffer.from(`${space}\0${name}`)
  return {
    seal: (space, name, value) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(place(space, name))
      const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(FORMAT), nonce, body, cipher.getAuthTag()])
    },
    open: (space, name, sealed) => {
      if (sealed[0] !== FORMAT) throw new Error(`vault: ${space}/${name} has an unknown format`)
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(place(space, name))
        .setAuthTag(sealed.subarray(-TAG_BYTES))
      try {
        const body = decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES))
        return Buffer.concat([body, decipher.final()]).toString('utf8')
      } catch (error) {
        throw new Error(`vault: ${space}/${name} cannot be opened with this SECRET_KEY`, { cause: error })
      }
    },
  }
}

const KEY_BYTES_MAX = 1_000

/** Both implementations take the same keys: no NUL (Postgres), not over lmdb's limit. */
export const checkedKey = (key: string): string => {
  if (key.length === 0 || key.includes('\0') || Buffer.byteLength(key) > KEY_BYTES_MAX)
    throw new Error(`vault: a key has 1 to ${KEY_BYTES_MAX} bytes and no NUL`)
  return key
}

const CANARY = 'vault-canary'
const CANARY_SONG = 'this vault opens with this key'

/** Proves at open that the master key is the one with which the vault was made. @throws Error if it is not. */
export const checkMasterKey = async (vault: Vault, where: string): Promise<void> => {
  const song = await vault.get('installation', CANARY).catch((error: unknown) => {
    throw new Error(`SECRET_KEY is not the one with which the vault at ${where} was made`, { cause: error })
  })
  if (song === null) await vault.create('installation', CANARY, CANARY_SONG)
}

export type PlacedWrite = { readonly space: VaultSpace; readonly key: string; readonly sealed: Buffer | null }

/** The writes sealed, the last one for each key only, in the order of their places (so that two never deadlock). */
export const placed = (writes: readonly VaultWrite[], sealing: Sealing): PlacedWrite[] => {
  const last = new Map<string, PlacedWrite>()
  for (const write of writes) {
    const [space, name] = 'put' in write ? write.put : write.remove
    const key = checkedKey(name)
    const sealed = 'put' in write ? sealing.seal(space, key, write.put[2]) : null
    last.set(`${space}\0${key}`, { space, key, sealed })
  }
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, write]) => write)
}
