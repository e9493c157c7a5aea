import { expect, test } from 'vitest'
import type { Clock } from '../shared/clock.ts'
import { silentLog as log } from '../shared/log.ts'
import { until } from '../../test/support/until.ts'
import { giveSigns, LIFE_SIGN_EVERY_MS, type LifeSigns } from './life-signs.ts'

test('signs are given again and again, also after one that could not be, until the stop', async () => {
  const waiting: (() => void)[] = []
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after(ms, task) {
      expect(ms).toBe(LIFE_SIGN_EVERY_MS)
      waiting.push(task)
      return () => undefined
    },
  }
  const noted: number[] = []
  let fence = 0
  const signs: LifeSigns = {
    note: async sessions => {
      noted.push(sessions[0]!.fence)
      if (noted.length === 1) throw new Error('the vault is away')
    },
    last: () => Promise.resolve(null),
  }
  const stop = new AbortController()
  const served = () => [{ companyId: 'c', sessionId: 's', fence: ++fence }]
  const giving = giveSigns(signs, served, { clock, log }, stop.signal)
  for (let n = 0; n < 2; n++) {
    await until('the pause', () => waiting.length === 1)
    waiting.splice(0).forEach(task => task())
  }
  await until('the third sign', () => noted.length === 3)
  stop.abort()
  await giving
  expect(noted).toEqual([1, 2, 3])
})
