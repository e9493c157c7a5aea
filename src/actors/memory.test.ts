import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  create,
  openQueueActors,
  rename,
  standingClock,
  type QueueActors,
} from '../../test/support/queue-actors.ts'
import { ACTOR_BYTES } from './weight.ts'

let actors: QueueActors
beforeEach(async () => {
  actors = await openQueueActors()
})
afterEach(() => actors.close())

const many = (n: number) => Array.from({ length: n }, () => actors.queue())

test('those who are awake take no more than they may, and who sleeps wakes with all that it knew', async () => {
  const bytesMax = 10 * (ACTOR_BYTES + 500)
  const directory = actors.over(actors.log, {}, { bytesMax })
  const queues = many(40)
  for (const queue of queues) await actors.ask(directory, queue, create)
  expect(directory.size()).toBeGreaterThan(1)
  expect(directory.size()).toBeLessThan(queues.length)
  // Room is made for somebody before it is known how much they take.
  expect(directory.bytes()).toBeLessThanOrEqual(bytesMax + directory.bytes() / directory.size())
  expect(directory.bytes()).toBeGreaterThanOrEqual(directory.size() * ACTOR_BYTES)
  for (const queue of queues) expect((await actors.state(directory, queue)).revision).toBe(0)
})

test('the weight of the house is that of those in it', async () => {
  const directory = actors.over(actors.log)
  for (const queue of many(5)) await actors.ask(directory, queue, create)
  const five = directory.bytes()
  const small = actors.over(actors.log, {}, { bytesMax: 1 })
  for (const queue of many(5)) await actors.ask(small, queue, create)
  expect(small.size()).toBe(1)
  expect(small.bytes()).toBe(five / 5)
})

test('who was used last stays longest', async () => {
  const revived: string[] = []
  const observe = {
    appended() {},
    commanded() {},
    restarted() {},
    revived: (type: string) => void revived.push(type),
  }
  const directory = actors.over(actors.log, { observe }, { bytesMax: 4 * (ACTOR_BYTES + 500) })
  const [favourite, ...others] = many(20)
  await actors.ask(directory, favourite!, create)
  for (const other of others) {
    await actors.ask(directory, other, create)
    await actors.ask(directory, favourite!, rename('again'))
  }
  expect(revived).toHaveLength(20)
})

test('who has nothing to do for long enough falls asleep, and then no timer is left', async () => {
  const clock = standingClock()
  const directory = actors.over(actors.log, { clock }, { idleMsMax: 5 * 60_000 })
  const [idle, busy] = many(2)
  await actors.ask(directory, idle!, create)
  for (let minute = 0; minute < 5; minute++) {
    clock.pass(60_000)
    await actors.ask(directory, busy!, minute === 0 ? create : rename(`${minute}`))
  }
  expect(directory.size()).toBe(1)
  for (let minute = 0; minute < 7; minute++) clock.pass(60_000)
  expect(directory.size()).toBe(0)
  expect(directory.bytes()).toBe(0)
  expect(clock.pending()).toBe(0)
})

test('short of memory, half of those awake go', async () => {
  const clock = standingClock()
  let share = 0.5
  const directory = actors.over(actors.log, { clock, pressure: () => share })
  for (const queue of many(20)) await actors.ask(directory, queue, create)
  clock.pass(60_000)
  expect(directory.size()).toBe(20)
  share = 0.95
  clock.pass(60_000)
  expect(directory.size()).toBe(10)
})

test('a stop leaves no timer behind', async () => {
  const clock = standingClock()
  const directory = actors.over(actors.log, { clock })
  await actors.ask(directory, actors.queue(), create)
  expect(clock.pending()).toBe(1)
  actors.stop.abort()
  expect(clock.pending()).toBe(0)
})
