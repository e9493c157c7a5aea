import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock, type Clock } from '../shared/clock.ts'
import { silentLog as log } from '../shared/log.ts'
import { fitnessService, UNFIT_AFTER_MS } from './fitness.ts'

let ahead = 0
// Its pauses are short, and its sense of time is moved by hand.
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() + ahead,
  after: (ms, task) => systemClock.after(Math.min(ms, 20), task),
}
let reachable: boolean
let others: boolean
let aside: boolean[]
let stop: AbortController
let looks: number

beforeEach(() => {
  ;[reachable, others, aside, looks, ahead] = [true, true, [], 0, 0]
  stop = new AbortController()
  void fitnessService({
    leases: {
      sayWell: () => Promise.resolve(),
      othersWell: () => Promise.resolve(others),
      standAside: to => Promise.resolve(void aside.push(to)),
    },
    look: () => {
      looks += 1
      return reachable ? Promise.resolve() : Promise.reject(new Error('cut off'))
    },
    clock,
    log,
  }).run(stop.signal)
})
afterEach(() => stop.abort())

/** It has looked again, twice to be sure. */
const looked = async (): Promise<void> => {
  const before = looks
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 2), { timeout: 10_000 })
}

test('a process that is cut off stands aside after a while, and takes part again when it is back', async () => {
  await looked()
  reachable = false
  await looked()
  expect(aside).toEqual([])
  ahead += UNFIT_AFTER_MS
  await looked()
  expect(aside).toEqual([true])
  reachable = true
  await looked()
  expect(aside).toEqual([true, false])
})

test('where nobody can do the work, nobody lets go of it', async () => {
  others = false
  reachable = false
  await looked()
  ahead += 10 * UNFIT_AFTER_MS
  await looked()
  expect(aside).toEqual([])
  others = true
  await looked()
  expect(aside).toEqual([true])
})
