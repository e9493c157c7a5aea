import type { Vault, VaultSpace, VaultWrite } from '../../src/vault/port.ts'
import { checkedKey } from '../../src/vault/sealing.ts'

/** What a vault holds, in memory and without waiting. Values are sealed by whoever hands in `seal`. */
export type VaultBox = {
  get(space: VaultSpace, key: string): string | null
  create(space: VaultSpace, key: string, value: string): boolean
  write(writes: readonly VaultWrite[]): void
  update(
    space: VaultSpace,
    key: string,
    change: (current: string | null) => string | null | undefined,
  ): string | null
  keys(space: VaultSpace, prefix: string): string[]
  /** Everything as it lies there. */
  entries(): readonly (readonly [place: string, value: string])[]
}

type Sealing = {
  seal(space: VaultSpace, key: string, value: string): string
  open(space: VaultSpace, key: string, sealed: string): string
}
/** Inside one process and for one run there is nobody to hide anything from. */
const PLAIN: Sealing = { seal: (_, __, value) => value, open: (_, __, sealed) => sealed }

export const createVaultBox = (values = new Map<string, string>(), sealing = PLAIN): VaultBox => {
  const place = (space: VaultSpace, key: string): string => `${space}\0${checkedKey(key)}`
  const get: VaultBox['get'] = (space, key) => {
    const sealed = values.get(place(space, key))
    return sealed === undefined ? null : sealing.open(space, key, sealed)
  }
  const put = (space: VaultSpace, key: string, value: string | null): void => {
    if (value === null) values.delete(place(space, key))
    else values.set(place(space, key), sealing.seal(space, key, value))
  }
  return {
    get,
    create: (space, key, value) => {
      if (get(space, key) !== null) return false
      put(space, key, value)
      return true
    },
    write: writes => {
      const all = writes.map(write =>
        'put' in write ? write.put : ([write.remove[0], write.remove[1], null] as const),
      )
      for (const [, key] of all) checkedKey(key)
      for (const [space, key, value] of all) put(space, key, value)
    },
    update: (space, key, change) => {
      const current = get(space, key)
      const wanted = change(current)
      if (wanted === undefined) return current
      put(space, key, wanted)
      return wanted
    },
    keys: (space, prefix) => {
      const start = `${space}\0${prefix}`
      const found = [...values.keys()].filter(key => key.startsWith(start))
      return found
        .map(key => Buffer.from(key.slice(space.length + 1)))
        .sort(Buffer.compare)
        .map(key => key.toString())
    },
    entries: () => [...values],
  }
}

/** The vault's port over a box, through any line. */
export const memoryVault = (box: VaultBox, ask: <T>(what: string, call: () => T) => Promise<T>): Vault => ({
  name: 'postgres',
  get: (space, key) => ask(`vault get ${space}`, () => box.get(space, key)),
  getMany: (space, keys) =>
    ask(`vault get ${space}`, () => {
      const found = keys.map(key => [key, box.get(space, key)] as const)
      return new Map(found.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])))
    }),
  writeIf: ([space, key, value], writes) =>
    ask('vault write', () => {
      if (box.get(space, key) !== value) return false
      box.write(writes)
      return true
    }),
  create: (space, key, value) => ask(`vault create ${space}`, () => box.create(space, key, value)),
  write: writes => ask('vault write', () => box.write(writes)),
  update: (space, key, change) => ask(`vault update ${space}`, () => box.update(space, key, change)),
  keys: (space, prefix) => ask(`vault keys ${space}`, () => box.keys(space, prefix)),
  close: () => Promise.resolve(),
})
