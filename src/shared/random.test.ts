import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

test('hands out each byte once, however much is asked for, and never takes one back', () => {
  const taken = Array.from({ length: 3_000 }, (_, i) => systemRandom(12 + (i % 5)))
  const kept = taken.map(bytes => bytes.toString('hex'))
  expect(systemRandom(20_000)).toHaveLength(20_000)
  systemRandom(8_000)
  expect(taken.map(bytes => bytes.toString('hex'))).toEqual(kept)
  expect(new Set(kept).size).toBe(kept.length)
  const ones = taken.flatMap(bytes => [...bytes]).filter(byte => byte === 0).length
  expect(ones).toBeLessThan(600)
})
