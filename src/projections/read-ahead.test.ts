import { expect, test } from 'vitest'
import { readAhead } from './read-ahead.ts'

const LAST = 9
const counting = (fail: (n: number) => boolean = () => false) => {
  const reads: number[] = []
  const read = async (before: number | null): Promise<number> => {
    const n = (before ?? 0) + 1
    reads.push(n)
    if (fail(n)) throw new Error(`no ${n}`)
    return n
  }
  return { reads, read }
}
const isLast = (n: number): boolean => n === LAST
const aWhile = (): Promise<string> => new Promise(resolve => setTimeout(() => resolve('done'), 20))

test('what is read in advance comes in order and once, no more of it than may lie about, and nothing behind the last', async () => {
  const { reads, read } = counting()
  const chunks = readAhead(read, isLast, 3)
  expect(await chunks.next()).toBe(1)
  expect(await chunks.during(aWhile())).toBe('done')
  expect(reads).toEqual([1, 2, 3, 4])
  const rest = []
  while (rest.at(-1) !== 8) rest.push(await chunks.next())
  expect(rest).toEqual([2, 3, 4, 5, 6, 7, 8])
  await chunks.during(aWhile())
  expect(reads.at(-1)).toBe(LAST)
  expect(await chunks.next()).toBe(LAST)
})

test('work that fails says so itself; a read that fails in advance is heard of by whoever wants it', async () => {
  let broken = true
  const { read } = counting(n => broken && n === 2)
  const chunks = readAhead(read, isLast, 3)
  await chunks.next()
  await expect(chunks.during(Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  expect(await chunks.during(aWhile())).toBe('done')
  await expect(chunks.next()).rejects.toThrow('no 2')
  broken = false
  expect(await chunks.next()).toBe(2)
})
