import type { SessionStore } from '../provider.ts'

/**
 * A session's drawer with what was used lately in memory. Only its owner writes it (the fence sees to that), so what was read
 * once stays true until it is written here. Changes are seen at once and written in order, one commit at a time: what comes
 * while one is on its way goes together into the next.
 *
 * When a commit fails, nobody knows what is durable: all that is kept in memory is forgotten, what waited fails too, and so does
 * everything that began before and was built upon it.
 */
export type CachedDrawer = SessionStore & {
  /** A commit that fails when any commit failed since now. */
  begin(): SessionStore['commit']
}

type Changes = Map<string, string | null>

/** About as many bytes: what Signal keeps of five hundred people. */
const CACHE_CHARS_MAX = 1_000_000
const ENTRY_CHARS = 100

/** The least recently used goes first. */
const createRecent = (charsMax: number) => {
  const values = new Map<string, string | null>()
  let chars = 0
  const sizeOf = (key: string, value: string | null): number =>
    key.length + (value?.length ?? 0) + ENTRY_CHARS
  const drop = (key: string): void => {
    const value = values.get(key)
    if (value === undefined) return
    values.delete(key)
    chars -= sizeOf(key, value)
  }
  return {
    get: (key: string): string | null | undefined => {
      const value = values.get(key)
      if (value === undefined) return undefined
      values.delete(key)
      values.set(key, value)
      return value
    },
    set: (key: string, value: string | null): void => {
      drop(key)
      values.set(key, value)
      chars += sizeOf(key, value)
      for (const oldest of values.keys()) {
        if (chars <= charsMax) return
        drop(oldest)
      }
    },
    clear: (): void => {
      values.clear()
      chars = 0
    },
  }
}

export const cachedDrawer = (store: SessionStore, charsMax = CACHE_CHARS_MAX): CachedDrawer => {
  const recent = createRecent(charsMax)
  /** On its way, and what goes after it: `null` where nothing does. */
  let flying: Changes | null = null
  let waiting: { readonly changes: Changes; readonly written: Promise<void> } | null = null
  let landed: Promise<void> = Promise.resolve()
  let failures = 0
  /** Reads that a commit overtook say nothing of the key any more. */
  const reading = new Map<string, symbol>()

  const write = async (changes: Changes): Promise<void> => {
    waiting = null
    flying = changes
    try {
      await store.commit(changes)
    } catch (error) {
      failures += 1
      recent.clear()
      reading.clear()
      throw error
    } finally {
      flying = null
    }
  }
  const enqueue = (): { readonly changes: Changes; readonly written: Promise<void> } => {
    const changes: Changes = new Map()
    const before = failures
    const written = landed.then(() => {
      if (failures === before) return write(changes)
      waiting = null
      throw new Error('what it was to be written after could not be written')
    })
    landed = written.catch(() => undefined)
    return { changes, written }
  }
  const commit = (changes: ReadonlyMap<string, string | null>): Promise<void> => {
    if (changes.size === 0) return Promise.resolve()
    waiting ??= enqueue()
    for (const [key, value] of changes) {
      reading.delete(key)
      recent.set(key, value)
      // Last, where it was last written.
      waiting.changes.delete(key)
      waiting.changes.set(key, value)
    }
    return waiting.written
  }
  const known = (key: string): string | null | undefined => {
    for (const changes of [waiting?.changes, flying]) {
      const value = changes?.get(key)
      if (value !== undefined) return value
    }
    return recent.get(key)
  }

  return {
    get: async keys => {
      const found = new Map<string, string>()
      const missing: string[] = []
      for (const key of keys) {
        const value = known(key)
        if (value === undefined) missing.push(key)
        else if (value !== null) found.set(key, value)
      }
      if (missing.length === 0) return found
      const mine = Symbol('read')
      for (const key of missing) reading.set(key, mine)
      const read = await store.get(missing)
      for (const key of missing) {
        const now = known(key)
        const value = now === undefined ? read.get(key) : now
        if (value !== undefined && value !== null) found.set(key, value)
        if (reading.get(key) !== mine) continue
        reading.delete(key)
        recent.set(key, read.get(key) ?? null)
      }
      return found
    },
    commit,
    begin: () => {
      const before = failures
      return async changes => {
        if (failures !== before) throw new Error('what it was built upon could not be written')
        await commit(changes)
      }
    },
    keys: async prefix => {
      await landed
      return store.keys(prefix)
    },
  }
}
