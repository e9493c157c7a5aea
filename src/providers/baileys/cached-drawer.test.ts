import { expect, test } from 'vitest'
import { memoryDrawer } from '../../../test/support/baileys.ts'
import { cachedDrawer } from './cached-drawer.ts'

const opened = (charsMax?: number) => {
  const drawer = memoryDrawer()
  const commits: string[][] = []
  let asked = 0
  let held: Promise<void> = Promise.resolve()
  const store = {
    ...drawer.store,
    get: async (keys: readonly string[]) => {
      asked += keys.length
      return drawer.store.get(keys)
    },
    commit: async (changes: ReadonlyMap<string, string | null>) => {
      commits.push([...changes.keys()])
      await held
      await drawer.store.commit(changes)
    },
  }
  const hold = (): (() => void) => {
    let release = (): void => {}
    held = new Promise(resolve => (release = resolve))
    return release
  }
  return { ...drawer, cached: cachedDrawer(store, charsMax), commits, hold, asked: () => asked }
}
const put = (...pairs: [string, string | null][]) => new Map(pairs)

test('what was read or written once is not asked for again, and what is not there neither', async () => {
  const { cached, values, asked } = opened()
  values.set('a', '1')
  await cached.commit(put(['b', '2']))
  for (let n = 0; n < 3; n += 1)
    expect(await cached.get(['a', 'b', 'c'])).toEqual(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    )
  expect(asked()).toBe(2)
  await cached.commit(put(['a', null]))
  expect(await cached.get(['a'])).toEqual(new Map())
  expect(asked()).toBe(2)
})

test('what does not fit is asked for again', async () => {
  const { cached, asked } = opened(1_000)
  for (let n = 0; n < 20; n += 1) await cached.commit(put([`k${n}`, 'x'.repeat(100)]))
  expect((await cached.get(['k0'])).get('k0')).toBe('x'.repeat(100))
  expect((await cached.get(['k19'])).get('k19')).toBe('x'.repeat(100))
  expect(asked()).toBe(1)
})

test('what comes while one is written goes together into the next, in order, and is seen at once', async () => {
  const { cached, values, commits, hold } = opened()
  const release = hold()
  const all = [cached.commit(put(['a', '1'])), cached.commit(put(['b', '1']))]
  await Promise.resolve()
  all.push(cached.commit(put(['a', '2'])), cached.commit(put(['c', '1'])), cached.commit(put(['b', null])))
  expect(await cached.get(['a', 'b', 'c'])).toEqual(
    new Map([
      ['a', '2'],
      ['c', '1'],
    ]),
  )
  release()
  await Promise.all(all)
  expect(commits).toEqual([
    ['a', 'b'],
    ['a', 'c', 'b'],
  ])
  expect(Object.fromEntries(values)).toEqual({ a: '2', c: '1' })
  expect(await cached.keys('')).toEqual(['a', 'c'])
})

test('a failure takes with it what waited and what was built upon it, and nothing of it is seen any more', async () => {
  const { cached, values, failNext, hold } = opened()
  values.set('in/1', 'old')
  const builtUpon = cached.begin()
  failNext(1)
  const release = hold()
  const failed = cached.commit(put(['in/1', 'new']))
  await Promise.resolve()
  const waited = cached.commit(put(['b', '1']))
  release()
  const outcomes = await Promise.allSettled([failed, waited])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(builtUpon(put(['c', '1']))).rejects.toThrow('built upon')
  expect(await cached.get(['in/1', 'b', 'c'])).toEqual(new Map([['in/1', 'old']]))
  await cached.begin()(put(['d', '1']))
  expect(Object.fromEntries(values)).toEqual({ 'in/1': 'old', d: '1' })
})

test('a read that a write overtakes does not stay', async () => {
  const { cached, values } = opened()
  values.set('a', '1')
  const read = cached.get(['a'])
  await cached.commit(put(['a', '2']))
  await read
  expect((await cached.get(['a'])).get('a')).toBe('2')
})
