import { expect, test } from 'vitest'
import { gapTotals, withGap, type GapHour } from './session-gaps.ts'

const after = (...gaps: [string, string][]): readonly GapHour[] =>
  gaps.reduce<readonly GapHour[]>((known, [from, to]) => withGap(known, { from, to }), [])
const at = (moment: string): number => Date.parse(moment)

test('gaps of a week are counted, and their seconds added up', () => {
  const known = after(
    ['2026-03-10T10:00:00.000Z', '2026-03-10T10:00:30.000Z'],
    ['2026-03-10T10:10:00.000Z', '2026-03-10T10:10:15.000Z'],
    ['2026-03-12T23:59:50.000Z', '2026-03-13T00:00:10.000Z'],
  )
  expect(known).toHaveLength(3)
  expect(gapTotals(known, at('2026-03-13T12:00:00.000Z'))).toEqual({ count: 3, seconds: 65 })
  expect(gapTotals(known, at('2026-03-19T12:00:00.000Z'))).toEqual({ count: 1, seconds: 20 })
  expect(gapTotals(known, at('2026-04-19T12:00:00.000Z'))).toEqual({ count: 0, seconds: 0 })
})

test('a channel that comes and goes all week takes no more room than its hours', () => {
  let known: readonly GapHour[] = []
  const start = at('2026-03-01T00:00:00.000Z')
  for (let minute = 0; minute < 14 * 24 * 60; minute += 5) {
    const [from, to] = [start + minute * 60_000, start + minute * 60_000 + 1_000]
    known = withGap(known, { from: new Date(from).toISOString(), to: new Date(to).toISOString() })
  }
  expect(known.length).toBeLessThanOrEqual(7 * 24 + 1)
})

test('of an absence of months the last week counts', () => {
  const known = after(['2026-01-01T00:00:00.000Z', '2026-03-10T00:00:00.000Z'])
  expect(gapTotals(known, at('2026-03-10T00:00:00.000Z'))).toEqual({ count: 1, seconds: 7 * 24 * 3_600 })
})

test('a gap whose ends came in the wrong order takes no time', () => {
  expect(after(['2026-03-10T10:00:10.000Z', '2026-03-10T10:00:00.000Z'])).toMatchObject([
    { count: 1, seconds: 0 },
  ])
})
