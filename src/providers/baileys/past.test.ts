import { proto } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { memoryDrawer } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'
import { systemClock, type Clock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import type { InboundItem } from '../provider.ts'
import { openPast, type PastTools } from './past.ts'

const notice = (progress: number) => ({
  syncType: proto.Message.HistorySyncType.RECENT,
  progress,
  oldestMsgInChunkTimestampSec: 1_700_000_000,
})
const mark = (kind: string): InboundItem => ({ item: 'ignored', kind })

/** Pauses last no time; how long each was asked for is kept. */
const hastyClock = () => {
  const pauses: number[] = []
  const clock: Clock = {
    ...systemClock,
    after: (ms, task) => {
      pauses.push(ms)
      return systemClock.after(0, task)
    },
  }
  return { clock, pauses }
}

const world = async (
  read: PastTools['read'],
  onItems: PastTools['onItems'] = async () => {},
  drawer = memoryDrawer(),
) => {
  const { clock, pauses } = hastyClock()
  const past = await openPast({ store: drawer.store, read, onItems, clock, log: silentLog })
  const come = async (progress: number) => {
    const { changes, committed } = past.reserve(notice(progress))
    await drawer.store.commit(new Map(Object.entries(changes)))
    committed()
  }
  const kept = () => [...drawer.values.keys()].filter(key => key.startsWith('past/'))
  return { past, drawer, pauses, come, kept }
}

test('each part is read in its order, handed on by the piece, and forgotten when it is durable', async () => {
  const got: number[] = []
  const { past, come, kept } = await world(
    async ({ progress }) => Array.from({ length: 120 }, () => mark(String(progress))),
    async items => void got.push(items.length, Number((items[0] as { kind: string }).kind)),
  )
  await come(10)
  await come(20)
  expect(kept()).toHaveLength(2)
  past.start()
  await until('all of it', () => kept().length === 0)
  expect(got).toEqual([50, 10, 50, 10, 20, 10, 50, 20, 50, 20, 20, 20])
  await past.stop()
})

test('what lay there when the process died is read by the next one', async () => {
  const drawer = memoryDrawer()
  const before = await world(() => new Promise(() => {}), undefined, drawer)
  await before.come(10)
  before.past.start()
  const got: unknown[] = []
  const after = await world(
    async ({ progress }) => [mark(String(progress))],
    async items => void got.push(...items),
    drawer,
  )
  after.past.start()
  await until('what was left', () => after.kept().length === 0)
  expect(got).toEqual([mark('10')])
  await Promise.all([before.past.stop(), after.past.stop()])
})

test('what cannot be had is tried again, longer and longer, and then given up as a gap', async () => {
  const got: InboundItem[] = []
  const asked: number[] = []
  const { past, come, kept, pauses } = await world(
    async ({ progress }) => {
      asked.push(Number(progress))
      if (progress === 10) throw new Error('gone')
      return [mark('there')]
    },
    async items => void got.push(...items),
  )
  await come(10)
  await come(20)
  past.start()
  await until('the end of it', () => kept().length === 0)
  expect(asked.filter(progress => progress === 10)).toHaveLength(12)
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b))
  expect(pauses.at(-1)).toBe(30 * 60_000)
  expect(got).toMatchObject([{ item: 'gap', from: '2023-11-14T22:13:20.000Z' }, mark('there')])
  await past.stop()
})

test('how often it failed is remembered over a restart', async () => {
  const drawer = memoryDrawer()
  let asked = 0
  const failing = async () => {
    asked += 1
    throw new Error('gone')
  }
  const got: InboundItem[] = []
  for (let starts = 0; !got.length && starts < 50; starts++) {
    const one = await world(failing, async items => void got.push(...items), drawer)
    if (starts === 0) await one.come(10)
    const before = asked
    one.past.start()
    await until('an attempt', () => asked > before || got.length > 0)
    await one.past.stop()
  }
  expect(got).toMatchObject([{ item: 'gap' }])
  expect(asked).toBe(12)
})

test('while nothing can be made durable it is tried for ever', async () => {
  let tries = 0
  const { past, come, kept } = await world(
    async () => [mark('one')],
    async () => {
      tries += 1
      if (tries < 40) throw new Error('the store is away')
    },
  )
  await come(10)
  past.start()
  await until('that it is durable', () => kept().length === 0)
  expect(tries).toBe(40)
  await past.stop()
})
