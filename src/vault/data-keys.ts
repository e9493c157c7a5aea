import type { Clock } from '../shared/clock.ts'
import { systemRandom, type RandomBytes } from '../shared/random.ts'
import { ErasedSubject } from '../shared/erased.ts'
import type { Vault } from './port.ts'

/** Keys of persons, under which the personal part of facts is sealed. */
export type VaultDataKeys = {
  /** The person's key, made durably first if there is none. @throws ErasedSubject once the person was erased. */
  ensure(companyId: string, subject: string): Promise<Buffer>
  /** The person's key; `null` if there never was one or it was destroyed. */
  get(companyId: string, subject: string): Promise<Buffer | null>
  /** Makes everything sealed with the person's key unreadable for ever, and sees to it that there is never another. */
  destroy(companyId: string, subject: string): Promise<void>
  /** Never answers this key from memory again: its person is being erased, perhaps by another process. */
  uncache(companyId: string, subject: string): void
  /** Everybody who was erased. */
  erased(): Promise<readonly { readonly companyId: string; readonly subject: string }[]>
}

export type DataKeysOptions = {
  /** How many keys stay in memory. */
  readonly cacheMax: number
  /** After that time a key is read again: that long another process may still open what was erased here. */
  readonly cacheMs?: number
  readonly clock: Pick<Clock, 'monotonic' | 'now'>
  /** Makes the keys. Default: the system's chance. */
  readonly random?: RandomBytes
}

const KEY_BYTES = 32
const CACHE_MINUTES = 10

type Cached = { readonly key: Buffer; readonly until: number }

/** So many erasures are remembered by a process; older ones are long out of every cache. */
const UNCACHED_MAX = 10_000

const createCache = (max: number, ms: number, clock: Pick<Clock, 'monotonic'>) => {
  const never = new Set<string>()
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
      if (never.has(name)) return
      cached.set(name, { key, until: clock.monotonic() + ms })
      const oldest = cached.keys().next()
      if (cached.size > max && !oldest.done) cached.delete(oldest.value)
    },
    forget: (name: string): void => void cached.delete(name),
    never: (name: string): void => {
      cached.delete(name)
      never.add(name)
      if (never.size > UNCACHED_MAX) for (const oldest of never) return void never.delete(oldest)
    },
  }
}

/** In memory of its own: `Buffer.from` cuts it from a slab of 8 KiB, all of which stays for as long as the key does. */
const keyOf = (text: string): Buffer => {
  const key = Buffer.alloc(Buffer.byteLength(text, 'base64'))
  key.write(text, 'base64')
  return key
}

/** Data keys kept in the vault, the recently used ones in memory; many asks for one key at once are one ask. */
export const dataKeys = (vault: Vault, options: DataKeysOptions): VaultDataKeys => {
  const { cacheMax, cacheMs = CACHE_MINUTES * 60_000, clock, random = systemRandom } = options
  const cache = createCache(cacheMax, cacheMs, clock)
  const asks = new Map<string, Promise<Buffer | null>>()
  let destroyed = 0

  const load = async (name: string, make: boolean): Promise<Buffer | null> => {
    const before = destroyed
    const stored = await vault.get('data-keys', name)
    if (stored === null && !make) return null
    const fresh = random(KEY_BYTES)
    const created = stored === null && (await vault.create('data-keys', name, fresh.toString('base64')))
    // Looked at after the key was made: whoever erases writes the mark and removes the key at once.
    if (created && (await vault.get('erased', name)) !== null) {
      await vault.write([{ remove: ['data-keys', name] }])
      throw new ErasedSubject(name.slice(name.indexOf('/') + 1))
    }
    const text = created ? fresh.toString('base64') : (stored ?? (await vault.get('data-keys', name)))
    if (text === null) return load(name, make)
    const key = keyOf(text)
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
      const marked = await vault.get('erased', name)
      const at = marked ?? new Date(clock.now()).toISOString()
      await vault.write([{ put: ['erased', name, at] }, { remove: ['data-keys', name] }])
      // Whoever read it before the removal and answered after `forget` is forgotten too.
      destroyed++
      cache.never(name)
    },
    uncache: (companyId, subject) => cache.never(`${companyId}/${subject}`),
    erased: async () =>
      (await vault.keys('erased', '')).map(name => {
        const slash = name.indexOf('/')
        return { companyId: name.slice(0, slash), subject: name.slice(slash + 1) }
      }),
  }
}

/** A company's secret, under which ids are derived from phone numbers; made durably at its first use. */
export const tenantKey = async (
  vault: Vault,
  companyId: string,
  random: RandomBytes = systemRandom,
): Promise<Buffer> => {
  const stored = await vault.get('tenant-keys', companyId)
  if (stored !== null) return Buffer.from(stored, 'base64')
  await vault.create('tenant-keys', companyId, random(KEY_BYTES).toString('base64'))
  return tenantKey(vault, companyId, random)
}
