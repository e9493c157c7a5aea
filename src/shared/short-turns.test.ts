import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shortTurns, sortedInTurns } from './short-turns.ts'

test('a turn is over after some milliseconds, and the next begins after the rest', async () => {
  let now = 0
  const turns = shortTurns(() => now)
  expect(turns.over()).toBe(false)
  now = 2
  expect(turns.over()).toBe(true)
  const rested = turns.rest()
  now = 500
  await rested
  expect(turns.over()).toBe(false)
})

test('others are served between two turns, and the order is that of a sort in one go', async () => {
  const order = ([a]: readonly [number, number], [b]: readonly [number, number]): number => a - b
  let rests = 0
  // A turn of five steps.
  let steps = 0
  const turns = {
    over: () => ++steps % 5 === 0,
    rest: () => {
      rests += 1
      return new Promise<void>(resolve => void setImmediate(resolve))
    },
  }
  const items = fc.array(fc.nat({ max: 50 }), { minLength: 1_500, maxLength: 1_700, size: 'max' })
  await fc.assert(
    fc.asyncProperty(items, async numbers => {
      const numbered = numbers.map((number, i): readonly [number, number] => [number, i])
      const before = rests
      expect(await sortedInTurns(numbered, order, turns)).toEqual(numbered.toSorted(order))
      expect(rests - before).toBeGreaterThan(100)
    }),
    { numRuns: 5 },
  )
  expect(await sortedInTurns([], order, turns)).toEqual([])
})
