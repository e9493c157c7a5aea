import { expect, test } from 'vitest'
import type { Clock } from '../shared/clock.ts'
import { silentLog as log } from '../shared/log.ts'
import { until } from '../../test/support/until.ts'
import { createStopping, STOP_MS_MAX } from './stopping.ts'

/** A clock on which time passes only while something is waited for to its end. */
const passing = () => {
  let now = 0
  const timers: { readonly ms: number; readonly task: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (ms, task) => {
      const timer = { ms, task }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  }
  const pass = (): void => {
    const [first] = timers
    if (!first) return
    now += first.ms
    first.task()
  }
  return { clock, pass, waits: () => timers.length > 0, now: () => now }
}
const never = () => new Promise<void>(() => undefined)

test('what hangs is named and left, what fails too, and what comes after it is put away', async () => {
  const { clock, pass, waits } = passing()
  const stopping = createStopping({ clock, log })
  const away: string[] = []
  const hanging = stopping.step('the jobs', 5_000, never)
  await until('the wait', waits)
  pass()
  await hanging
  await stopping.step('the leases', 5_000, () => Promise.reject(new Error('no Redis')))
  await stopping.step('the store', 5_000, async () => void away.push('the store'))
  expect(away).toEqual(['the store'])
  expect(stopping.cut()).toEqual(['the jobs', 'the leases'])
  expect(waits()).toBe(false)
})

test('all together they have a time of their own, and each at least a moment', async () => {
  const { clock, pass, waits, now } = passing()
  const stopping = createStopping({ clock, log })
  for (const what of ['one', 'two', 'three']) {
    const hanging = stopping.step(what, 15_000, never)
    await until('the wait', waits)
    pass()
    await hanging
  }
  expect(stopping.cut()).toEqual(['one', 'two', 'three'])
  expect(now()).toBe(STOP_MS_MAX)
})
