import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ForeignPosition, makePosition, parsePosition } from './position.ts'
import type { Position } from './port.ts'

const EPOCH = '00c0ffee'
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const place = fc.record({ commit: u64, prepare: u64 })

test('a position gives back its place, also beyond 2^53', () => {
  fc.assert(
    fc.property(place, p => {
      expect(parsePosition(EPOCH, makePosition(EPOCH, p))).toEqual(p)
    }),
  )
})

test('the order of the text is the order of the places', () => {
  fc.assert(
    fc.property(place, place, (a, b) => {
      const inOrder = a.commit < b.commit || (a.commit === b.commit && a.prepare < b.prepare)
      expect(makePosition(EPOCH, a) < makePosition(EPOCH, b)).toBe(inOrder)
    }),
  )
})

test('the text is fixed, for checkpoints outlive a release', () => {
  const text = makePosition(EPOCH, { commit: 2n ** 53n + 1n, prepare: 255n })
  expect(text).toBe('00c0ffee002000000000000100000000000000ff')
})

test('a position of another epoch is refused, and so is any other text', () => {
  const foreign = makePosition('deadbeef', { commit: 1n, prepare: 1n })
  expect(() => parsePosition(EPOCH, foreign)).toThrow(ForeignPosition)
  expect(() => parsePosition(EPOCH, '00c0ffee42' as Position)).toThrow(ForeignPosition)
  expect(() => makePosition('C0FFEE', { commit: 1n, prepare: 1n })).toThrow(RangeError)
  expect(() => makePosition(EPOCH, { commit: 1n << 64n, prepare: 0n })).toThrow(RangeError)
})
