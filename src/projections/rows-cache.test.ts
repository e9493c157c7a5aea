import { expect, test } from 'vitest'
import type { Keyed } from './define.ts'
import { createRowsCache } from './rows-cache.ts'

const row = (id: number, body: string): Keyed =>
  ({ company_id: 'c', id: String(id), words: [{ body }] }) as unknown as Keyed
const kept = (cache: ReturnType<typeof createRowsCache>, upTo: number): number[] =>
  Array.from({ length: upTo }, (_, n) => n).filter(n => cache.get(String(n)))

test('keeps so many rows, and who was asked for last stays longest', () => {
  const cache = createRowsCache(3)
  for (const n of [0, 1, 2]) cache.set(String(n), row(n, 'x'))
  cache.get('0')
  cache.set('3', row(3, 'x'))
  expect(kept(cache, 5)).toEqual([0, 2, 3])
})

test('keeps no more text than it may, however few the rows', () => {
  const cache = createRowsCache(1_000, 10_000)
  for (let n = 0; n < 50; n++) cache.set(String(n), row(n, 'x'.repeat(1_000)))
  expect(kept(cache, 50)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49])
  // What grows is weighed anew, what shrinks or goes gives its place back.
  cache.set('49', row(49, 'x'.repeat(6_000)))
  expect(kept(cache, 50)).toEqual([46, 47, 48, 49])
  cache.set('49', row(49, ''))
  cache.set('48', undefined)
  for (let n = 50; n < 57; n++) cache.set(String(n), row(n, 'x'.repeat(1_000)))
  expect(kept(cache, 57)).toEqual([46, 47, 49, 50, 51, 52, 53, 54, 55, 56])
  cache.clear()
  for (let n = 0; n < 9; n++) cache.set(String(n), row(n, 'x'.repeat(1_000)))
  expect(kept(cache, 9)).toHaveLength(9)
})

test('a row that is more than all it may keep is not kept', () => {
  const cache = createRowsCache(10, 100)
  cache.set('0', row(0, 'x'.repeat(1_000)))
  cache.set('1', row(1, 'x'))
  expect(kept(cache, 2)).toEqual([1])
})
