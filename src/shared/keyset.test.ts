import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyMapGet, keyMapKeys, keyMapSet, type KeyMap } from './keyset.ts'

type Small = { readonly text: string; readonly n: number } | 1

test('holds what a map holds, whatever is put in and however often', () => {
  const ids = Array.from({ length: 20 }, () => randomUUID() as string)
  const value = fc.oneof(
    fc.constant<Small>(1),
    fc.record({ text: fc.string({ unit: 'binary' }), n: fc.integer() }),
    fc.constant<Small>({ text: `;${ids[0]}=1;"\\`, n: 0 }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...ids), value), { maxLength: 60 }), puts => {
      let map: KeyMap<Small> = {}
      const truth = new Map<string, Small>()
      for (const [key, small] of puts) {
        const before = JSON.stringify(map)
        const next = keyMapSet(map, key, small)
        // What was there is left as it was.
        expect(JSON.stringify(map)).toBe(before)
        map = next
        truth.set(key, small)
      }
      const read = JSON.parse(JSON.stringify(map)) as KeyMap<Small>
      for (const key of ids) expect(keyMapGet(read, key)).toEqual(truth.get(key))
      expect(keyMapKeys(read).sort()).toEqual([...truth.keys()].sort())
    }),
  )
})

test('has nothing that was not put in', () => {
  expect(keyMapGet<1>({}, randomUUID())).toBeUndefined()
  expect(keyMapKeys<1>({})).toEqual([])
})
