import { expect, test } from 'vitest'
import type { Clock } from '../shared/clock.ts'
import { gather } from './gather.ts'

/** Time that goes on when told, a source that gives when told, and the batches as they come. */
const stage = () => {
  let now = 1_000
  let alarms: { at: number; task: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (ms, task) => {
      alarms.push({ at: now + ms, task })
      return () => (alarms = alarms.filter(alarm => alarm.task !== task))
    },
  }
  const given: number[] = []
  let more = (): void => undefined
  const source = async function* () {
    for (;;) {
      while (given.length > 0) yield given.shift()!
      await new Promise<void>(resolve => (more = resolve))
    }
  }
  const batches: number[][] = []
  const reader = gather(source(), { itemsMax: 3, gatherMs: 2, paceMs: 10, clock })
  void (async () => {
    for await (const batch of reader) batches.push(batch)
  })()
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise<void>(resolve => setImmediate(resolve))
  }
  return {
    batches,
    give: async (...items: number[]) => {
      given.push(...items)
      more()
      await turns()
    },
    pass: async (ms: number) => {
      now += ms
      const due = alarms.filter(({ at }) => at <= now)
      alarms = alarms.filter(({ at }) => at > now)
      for (const { task } of due) task()
      await turns()
    },
  }
}

test('on a quiet log what comes goes on at once, with those of its own turn', async () => {
  const { give, pass, batches } = stage()
  await give(1, 2)
  expect(batches).toEqual([[1, 2]])
  await pass(1_000)
  await give(3)
  expect(batches).toEqual([[1, 2], [3]])
})

test('on a busy log a batch begins a pace after the one before it, with all that came meanwhile', async () => {
  const { give, pass, batches } = stage()
  await give(1)
  await pass(4)
  await give(2)
  await pass(4)
  await give(3)
  expect(batches).toEqual([[1]])
  await pass(2)
  expect(batches).toEqual([[1], [2, 3]])
})

test('what comes after a long batch waits for company only', async () => {
  const { give, pass, batches } = stage()
  await give(1)
  await pass(12)
  await give(2)
  expect(batches).toEqual([[1]])
  await pass(1)
  await give(3)
  await pass(1)
  expect(batches).toEqual([[1], [2, 3]])
})

test('a full batch waits for nobody', async () => {
  const { give, batches } = stage()
  await give(1)
  await give(2, 3, 4)
  expect(batches).toEqual([[1], [2, 3, 4]])
})
