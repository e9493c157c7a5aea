import { afterEach, beforeEach, expect, test } from 'vitest'
import { StoreUnavailable, WrongExpectedRevision, type EventStore } from '../../eventstore/port.ts'
import { openEngine, type Engine } from '../../../test/support/engine.ts'
import { faultyStore } from '../../../test/support/faulty-store.ts'

let engine: Engine
beforeEach(async () => {
  engine = await openEngine()
  await engine.found()
})
afterEach(() => engine.close())

const take = (node: ReturnType<Engine['node']>, count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, () => node.tools.ticketNumber(engine.companyId)))

test('numbers are handed out once each, whoever asks at once, on however many nodes', async () => {
  const shared = faultyStore(engine.store, () => undefined, true)
  const nodes = ['a', 'b', 'c'].map(name => engine.node(name, shared))
  const numbers = (await Promise.all(nodes.map(node => take(node, 120)))).flat()
  expect(new Set(numbers).size).toBe(360)
  expect(Math.min(...numbers)).toBe(1)
})

test('on one node they only go up, also after a restart', async () => {
  const before = await take(engine.node(), 60)
  expect(before).toEqual([...before].sort((a, b) => a - b))
  const after = await take(engine.node(), 60)
  expect(Math.min(...after)).toBeGreaterThan(Math.max(...before))
})

test('a reservation whose answer was lost is not mistaken for one that came after it', async () => {
  const shared = faultyStore(engine.store, () => undefined, true)
  const other = engine.node('other', shared)
  let tries = 0
  let theirs: number[] = []
  const unlucky: EventStore = {
    ...shared,
    append: async (stream, expected, events) => {
      tries += 1
      if (tries > 1) throw new WrongExpectedRevision(stream, expected, 2)
      await shared.append(stream, expected, events)
      theirs = await take(other, 10)
      throw new StoreUnavailable('the answer was lost')
    },
  }
  const ours = await take(engine.node('unlucky', unlucky), 10)
  expect(ours.filter(number => theirs.includes(number))).toEqual([])
})
