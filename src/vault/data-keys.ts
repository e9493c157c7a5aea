import { randomBytes } from 'node:crypto'
import type { Clock } from '../shared/clock.ts'
import type { Vault } from './port.ts'

/** Keys of persons, under which the personal part of facts is sealed. */
export type VaultDataKeys = {
  /** The person's key, made durably first if there is none. */
  ensure(companyId: string, subject: string): Promise<Buffer>
  /** The person's key; `null` if there never was one or it was destroyed. */
  get(companyId: string, subject: string): Promise<Buffer | null>
  /** Makes everything sealed with the person's key unreadable for ever. */
  destroy(companyId: string, subject: string): Promise<void>
}

export type DataKeysOptions = {
  /** How many keys stay in memory. */
  readonly cacheMax: number
  /** After that time a key is read again: that long another process may still open what was erased here. */
  readonly cacheMs?: number
  readonly clock: Pick<Clock, 'monotonic'>
}

const KEY_BYTES = 32
const CACHE_MINUTES = 10

type Cached = { readonly key: Buffer; readonly until: number }

const createCache = (max: number, ms: number, clock: Pick<Clock, 'monotonic'>) => {
  // A Map remembers the order of insertion: what was used last is put at the end, the first one is the oldest.
  const cached = new Map<string, Cached>()
  return {
    get: (name: string): Buffer | null => {
      const found = cached.get(name)
      if (!found) return null
      cached.delete(name)
      if (found.until < clock.monotonic()) return null
      cached.set(name, found)
      return found.key
    },
    set: (name: string, key: Buffer): void => {
      cached.delete(name)
      cached.set(name, { key, until: clock.monotonic() + ms })
      const oldest = cached.keys().next()
      if (cached.size > max && !oldest.done) cached.delete(oldest.value)
    },
    forget: (name: string): void => void cached.delete(name),
  }
}

/** Data keys kept in the vault, the recently used ones in memory; many asks for one key at once are one ask. */
export const dataKeys = (vault: Vault, options: DataKeysOptions): VaultDataKeys => {
  const { cacheMax, cacheMs = CACHE_MINUTES * 60_000, clock } = options
  const cache = createCache(cacheMax, cacheMs, clock)
  const asks = new Map<string, Promise<Buffer | null>>()
  let destroyed = 0

  const load = async (name: string, make: boolean): Promise<Buffer | null> => {
    const before = destroyed
    const stored = await vault.get('data-keys', name)
    if (stored === null && !make) return null
    const fresh = randomBytes(KEY_BYTES)
    const created = stored === null && (await vault.create('data-keys', name, fresh.toString('base64')))
    const text = created ? fresh.toString('base64') : (stored ?? (await vault.get('data-keys', name)))
    if (text === null) return load(name, make)
    const key = Buffer.from(text, 'base64')
    // A key that was destroyed while we read must not come to stay.
    if (before === destroyed) cache.set(name, key)
    return key
  }
  const once = (name: string, make: boolean): Promise<Buffer | null> => {
    const ask = `${make ? 'ensure' : 'get'} ${name}`
    const running = asks.get(ask) ?? load(name, make).finally(() => asks.delete(ask))
    asks.set(ask, running)
    return running
  }
  return {
    ensure: async (companyId, subject) => {
      const name = `${companyId}/${subject}`
      const key = cache.get(name) ?? (await once(name, true))
      if (!key) throw new Error('a data key was destroyed while it was made')
      return key
    },
    get: async (companyId, subject) => {
      const name = `${companyId}/${subject}`
      return cache.get(name) ?? (await once(name, false))
    },
    destroy: async (companyId, subject) => {
      const name = `${companyId}/${subject}`
      destroyed++
      cache.forget(name)
      await vault.write([{ remove: ['data-keys', name] }])
      // Whoever read it before the removal and answered after `forget` is forgotten too.
      destroyed++
      cache.forget(name)
    },
  }
}

/** A company's secret, under which ids are derived from phone numbers; made durably at its first use. */
export const tenantKey = async (vault: Vault, companyId: string): Promise<Buffer> => {
  const stored = await vault.get('tenant-keys', companyId)
  if (stored !== null) return Buffer.from(stored, 'base64')
  await vault.create('tenant-keys', companyId, randomBytes(KEY_BYTES).toString('base64'))
  return tenantKey(vault, companyId)
}
