import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../shared/clock.ts'
import { silentLog as log } from '../shared/log.ts'
import { ownHeap, quietCollector } from './quiet-collector.ts'

const MIB = 1024 * 1024
let [busy, committed, alive, collections] = [0, 0, 0, 0]
let done: string[] = []
let wake: (() => void) | null = null
let stop: AbortController

const clock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: (_, task) => {
    wake = task
    return () => (wake = null)
  },
}
const heap = {
  committed: () => committed,
  busyShare: () => busy,
  collectYoung: () => done.push('young'),
  collect: () => {
    done.push('all')
    collections += 1
    committed = alive
  },
}

beforeEach(() => {
  ;[busy, committed, alive, collections] = [0, 80 * MIB, 40 * MIB, 0]
  done = []
  stop = new AbortController()
  void quietCollector({ heap, clock, log }).run(stop.signal)
})
afterEach(() => stop.abort())

const looks = async (times: number): Promise<void> => {
  for (let i = 0; i < times; i++) {
    wake?.()
    await new Promise(setImmediate)
  }
}

test('collects once it has been quiet for a while, and not again for nothing', async () => {
  await looks(2)
  expect(collections).toBe(0)
  await looks(1)
  expect(collections).toBe(1)
  await looks(10)
  expect(collections).toBe(1)
})

test('looks at the young generation where the quiet begins and before it collects, so that V8 knows of the quiet', async () => {
  await looks(1)
  expect(done).toEqual(['young'])
  await looks(2)
  expect(done).toEqual(['young', 'young', 'all'])
  // Nothing is to be had any more.
  busy = 0.3
  await looks(1)
  busy = 0
  await looks(5)
  expect(done).toEqual(['young', 'young', 'all'])
})

test('twenty messages a second are no quiet', async () => {
  ;[busy, committed] = [0.035, 4_000 * MIB]
  await looks(20)
  expect(done).toEqual([])
})

test('lets a busy thread alone, however much there is to be had', async () => {
  ;[busy, committed] = [0.3, 4_000 * MIB]
  await looks(5)
  expect(collections).toBe(0)
  busy = 0.01
  await looks(2)
  busy = 0.3
  await looks(1)
  busy = 0.01
  await looks(2)
  expect(collections).toBe(0)
  await looks(1)
  expect(collections).toBe(1)
})

test('waits until a large heap has grown by its share', async () => {
  ;[committed, alive] = [900 * MIB, 800 * MIB]
  await looks(3)
  expect(collections).toBe(1)
  committed = 990 * MIB
  await looks(5)
  expect(collections).toBe(1)
  committed = 1_010 * MIB
  await looks(1)
  expect(collections).toBe(2)
})

test('ends when it is told to', async () => {
  stop.abort()
  await looks(3)
  expect(collections).toBe(0)
})

test('the heap of this thread is collected for real', () => {
  const real = ownHeap()
  const weak = new WeakRef({ some: 'thing' })
  expect(real.committed()).toBeGreaterThan(MIB)
  expect(real.busyShare()).toBeGreaterThanOrEqual(0)
  return new Promise<void>(resolve =>
    setTimeout(() => {
      real.collectYoung()
      real.collect()
      expect(weak.deref()).toBeUndefined()
      resolve()
    }, 1),
  )
})
