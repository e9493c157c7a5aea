import { mkdir } from 'node:fs/promises'
import { open, type RootDatabase } from 'lmdb'
import type { Vault, VaultSpace } from './port.ts'
import {
  checkedKey,
  checkMasterKey,
  createSealing,
  placed,
  type PlacedWrite,
  type Sealing,
} from './sealing.ts'
import { failPoint } from '../shared/fail-point.ts'
import { createSerially } from './serially.ts'

export type EmbeddedVaultOptions = {
  /** A folder of its own, made if missing. */
  readonly folder: string
  readonly masterKey: Buffer
}

type Store = RootDatabase<Buffer, Buffer>

const place = (space: VaultSpace, key: string): Buffer => Buffer.from(`${space}\0${key}`)

/** A commit is visible at once; only `flushed` says that it is on the disk. */
const durably = async <T>(store: Store, action: () => T): Promise<T> => {
  failPoint('vault.before-write')
  const result = await store.transaction(action)
  await store.flushed
  failPoint('vault.written')
  return result
}

const keysOf = (store: Store, space: VaultSpace, prefix: string): string[] => {
  const start = place(space, prefix)
  const found: string[] = []
  for (const key of store.getKeys({ start })) {
    if (!key.subarray(0, start.length).equals(start)) break
    found.push(key.subarray(space.length + 1).toString())
  }
  return found
}

const putAll = (store: Store, writes: readonly PlacedWrite[]): void => {
  for (const { space, key, sealed } of writes)
    void (sealed ? store.put(place(space, key), sealed) : store.remove(place(space, key)))
}

const vaultOn = (store: Store, sealing: Sealing): Vault => {
  const serially = createSerially()
  const read = (space: VaultSpace, key: string): { raw: Buffer | undefined; value: string | null } => {
    const raw = store.get(place(space, checkedKey(key)))
    return { raw, value: raw ? sealing.open(space, key, raw) : null }
  }
  /** Writes if the bytes are still those that were read. */
  const swap = (
    space: VaultSpace,
    key: string,
    from: Buffer | undefined,
    to: Buffer | null,
  ): Promise<boolean> =>
    durably(store, () => {
      const now = store.get(place(space, key))
      if (from ? !now?.equals(from) : now) return false
      if (to) void store.put(place(space, key), to)
      else void store.remove(place(space, key))
      return true
    })
  return {
    name: 'embedded',
    get: async (space, key) => read(space, key).value,
    getMany: async (space, keys) => {
      const found = new Map<string, string>()
      for (const key of keys) {
        const { value } = read(space, key)
        if (value !== null) found.set(key, value)
      }
      return found
    },
    create: async (space, key, value) =>
      swap(space, checkedKey(key), undefined, sealing.seal(space, key, value)),
    write: async writes => {
      const all = placed(writes, sealing)
      await durably(store, () => putAll(store, all))
    },
    writeIf: async ([space, key, value], writes) => {
      const all = placed(writes, sealing)
      for (;;) {
        const guard = read(space, key)
        if (!guard.raw || guard.value !== value) return false
        const { raw } = guard
        const wrote = await durably(store, () => {
          if (!store.get(place(space, key))?.equals(raw)) return false
          putAll(store, all)
          return true
        })
        // Sealed anew with the same value meanwhile: looked at again.
        if (wrote) return true
      }
    },
    update: (space, key, change) =>
      serially(`${space}\0${key}`, async () => {
        for (;;) {
          const { raw, value } = read(space, key)
          const wanted = change(value)
          if (wanted === undefined || wanted === value) return value
          const to = wanted === null ? null : sealing.seal(space, key, wanted)
          if (await swap(space, key, raw, to)) return wanted
        }
      }),
    keys: async (space, prefix) => keysOf(store, space, prefix),
    close: async () => {
      await store.flushed
      await store.close()
    },
  }
}

/** Opens the vault in a local folder (lmdb). @throws Error when `masterKey` is not the one with which it was made. */
export const openEmbeddedVault = async ({ folder, masterKey }: EmbeddedVaultOptions): Promise<Vault> => {
  const sealing = createSealing(masterKey)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const store = open<Buffer, Buffer>(folder, {
    noSubdir: false,
    keyEncoding: 'binary',
    encoding: 'binary',
    maxDbs: 1,
  })
  const vault = vaultOn(store, sealing)
  try {
    await checkMasterKey(vault, folder)
  } catch (error) {
    await vault.close()
    throw error
  }
  return vault
}
