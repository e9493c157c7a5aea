import { describe, expect, test } from 'vitest'
import { MUTATIONS } from './mutations.ts'
import { REGRESSIONS } from './regressions.ts'
import { runSeed } from './run-seed.ts'

/** So many seeds of either range at most, and no more than fit in the time: the long run is `npm run simulate`. */
const SEEDS_MAX = 300
const RANGE_MS_MAX = 20_000
const TEST_MS_MAX = 120_000
/** How many seeds a mistake may hide from. */
const HIDES_SEEDS_MAX = 60

const replay = (seed: number): string => `npm run simulate -- --seed ${seed} --trace`

const runRange = async (from: number): Promise<number> => {
  const until = performance.now() + RANGE_MS_MAX
  let seed = from
  for (; seed < from + SEEDS_MAX && performance.now() < until; seed++) {
    const { broken, lines } = await runSeed(seed)
    if (broken)
      expect.fail(`seed ${seed}: ${broken.rule}\n${broken.what}\n${lines.join('\n')}\n${replay(seed)}`)
  }
  return seed - from
}

describe('the simulated engine keeps its promises', () => {
  test('over the seeds that every run tries', { timeout: TEST_MS_MAX }, async () => {
    expect(await runRange(1)).toBeGreaterThan(0)
  })

  test('over seeds that nobody tried before', { timeout: TEST_MS_MAX }, async () => {
    const from = 1_000_000 + Math.floor(Math.random() * 1_000_000_000)
    const count = await runRange(from)
    console.info(`simulated seeds ${from} to ${from + count - 1}`)
    expect(count).toBeGreaterThan(0)
  })

  test.each(REGRESSIONS)('over seed $seed, which once found: $what', async ({ seed }) => {
    expect((await runSeed(seed)).broken).toBeNull()
  })
})

test('the same seed is the same story, step for step', { timeout: TEST_MS_MAX }, async () => {
  for (const seed of [3, 5, 8, 13, 21]) {
    const [first, second] = [await runSeed(seed), await runSeed(seed)]
    expect(second.hash).toBe(first.hash)
    expect(second.lines).toEqual(first.lines)
  }
  expect((await runSeed(3)).hash).not.toBe((await runSeed(5)).hash)
})

describe('a mistake is found:', () => {
  test.each(Object.entries(MUTATIONS))('%s', { timeout: TEST_MS_MAX }, async (_, mistake) => {
    for (let seed = 1; seed <= HIDES_SEEDS_MAX; seed++)
      if ((await runSeed(seed, mistake.options)).broken?.rule === mistake.breaks) return
    expect.fail(`${HIDES_SEEDS_MAX} seeds noticed nothing`)
  })
})
