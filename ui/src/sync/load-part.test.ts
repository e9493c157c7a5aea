import { expect, test } from 'vitest'
import { makeLoadPart } from './load-part.ts'

/** A page in front of a server; `away` and `missing` say how it is at each second. */
const page = (server: { away?: (second: number) => boolean; missing?: (second: number) => boolean }) => {
  let second = 100
  const reloads: number[] = []
  const kept = new Map<string, string>()
  const away = () => server.away?.(second) ?? false
  const loadPart = makeLoadPart({
    storage: { getItem: key => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    answers: async () => !away(),
    reload: () => void reloads.push(second),
    now: () => second * 1000,
    wait: async ms => void (second += ms / 1000),
  })
  const load = async () => {
    if (away() || server.missing?.(second)) throw new TypeError('Failed to fetch dynamically imported module')
    return `the part at ${second}`
  }
  return { reloads, part: () => loadPart(load) }
}

test('a part comes when it is asked for', async () => {
  const { part, reloads } = page({})
  expect(await part()).toBe('the part at 100')
  expect(reloads).toEqual([])
})

test('while the server is away the page stays, and the part comes with the server', async () => {
  const { part, reloads } = page({ away: second => second < 400 })
  expect(await part()).toBe('the part at 400')
  expect(reloads).toEqual([])
})

test('a server that was away for that moment only makes nobody load the page again', async () => {
  let asked = 0
  const { part, reloads } = page({ missing: () => asked++ === 0 })
  expect(await part()).toBe('the part at 100')
  expect(reloads).toEqual([])
})

test('a part of another release loads the page again, once a minute at most', async () => {
  const { part, reloads } = page({ missing: second => second < 225 })
  await part()
  expect(reloads).toEqual([100, 160, 220])
})
