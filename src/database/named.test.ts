import { expect, test } from 'vitest'
import { createNames, PLANNED_ANEW } from './named.ts'

test('names a text when it comes again, always the same, and hands the values on', () => {
  const named = createNames()
  const ask = () => named('select $1::int', [7])
  expect([ask(), ask()]).toEqual([
    { text: 'select $1::int', values: [7] },
    { text: 'select $1::int', values: [7] },
  ])
  const third = ask()
  expect(third).toMatchObject({ name: expect.any(String), values: [7] })
  expect(ask().name).toBe(third.name)
  const other = ['a', 'b', 'c'].map(() => named('select $1::text', ['x']).name).at(-1)
  expect(other).toBeDefined()
  expect(other).not.toBe(third.name)
})

test('leaves alone what is no plan, and names no more than a bounded number', () => {
  const named = createNames()
  for (let i = 0; i < 5; i++) expect(named('begin', []).name).toBeUndefined()
  const anew = `select ${PLANNED_ANEW} 'a word'`
  for (let i = 0; i < 5; i++) expect(named(anew, []).name).toBeUndefined()
  const names = new Set<string | undefined>()
  for (let n = 0; n < 1_000; n++) for (let i = 0; i < 3; i++) names.add(named(`select ${n}`, []).name)
  names.delete(undefined)
  expect(names.size).toBe(300)
})
