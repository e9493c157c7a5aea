import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreUnavailable, type EventStore, type StoredEvent } from '../eventstore/port.ts'
import { streamName } from '../eventstore/streams.ts'
import {
  create,
  openQueueActors,
  rename,
  standingClock,
  type Decide,
  type QueueActors,
} from '../../test/support/queue-actors.ts'
import { Contended } from './aggregate.ts'
import { ActorQuarantined, RESTART_WINDOW_MS, RESTARTS_MAX } from './supervision.ts'

let actors: QueueActors
beforeEach(async () => {
  actors = await openQueueActors()
})
afterEach(() => actors.close())

const bug: Decide = () => {
  throw new Error('a bug in a decision')
}
const failing = (error: Error): AsyncIterable<StoredEvent> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
})
const times = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** The log as a release reads it that cannot make sense of one fact, until it can. */
const misread = (store: EventStore): EventStore & { repaired: boolean } => {
  const told = {
    ...store,
    repaired: false,
    readStream: async function* (
      ...asked: Parameters<EventStore['readStream']>
    ): AsyncGenerator<StoredEvent> {
      for await (const event of store.readStream(...asked))
        yield told.repaired ? event : { ...event, data: {} }
    },
  }
  return told
}

describe('an actor that fails by itself', () => {
  test('starts again, and once too often is held back, alone', async () => {
    const directory = actors.over(actors.log)
    const [bad, good] = [actors.queue(), actors.queue()]
    await actors.ask(directory, bad, create)
    for (const _ of times(RESTARTS_MAX)) {
      await expect(actors.ask(directory, bad, bug)).rejects.toThrow('a bug in a decision')
      await expect(actors.ask(directory, bad, rename('works'))).resolves.toMatchObject({ outcome: 'done' })
    }
    expect(directory.quarantined()).toEqual([])
    await expect(actors.ask(directory, bad, bug)).rejects.toThrow('a bug in a decision')
    await expect(actors.ask(directory, bad, rename('refused'))).rejects.toThrow(ActorQuarantined)
    await expect(actors.state(directory, bad)).rejects.toThrow(ActorQuarantined)
    await expect(actors.ask(directory, good, create)).resolves.toMatchObject({ outcome: 'done' })
    expect(directory.quarantined()).toMatchObject([
      { address: bad, reason: 'Error: a bug in a decision', failures: RESTARTS_MAX + 1 },
    ])
    expect((await actors.events(bad)).map(({ data }) => data['name'])).not.toContain('refused')
  })

  test('refuses those who wait behind the failure too', async () => {
    const directory = actors.over(actors.log)
    const bad = actors.queue()
    const asked = [...times(RESTARTS_MAX + 1).map(() => bug), create]
    const came = await Promise.allSettled(asked.map(decide => actors.ask(directory, bad, decide)))
    expect(came.at(-1)).toMatchObject({ status: 'rejected', reason: expect.any(ActorQuarantined) })
    expect(await actors.events(bad)).toEqual([])
  })

  test('that fails now and then only, is never held back', async () => {
    const clock = standingClock()
    const directory = actors.over(actors.log, { clock })
    const bad = actors.queue()
    for (const _ of times(3 * RESTARTS_MAX)) {
      await expect(actors.ask(directory, bad, bug)).rejects.toThrow('a bug in a decision')
      clock.pass(RESTART_WINDOW_MS / 2)
    }
    expect(directory.quarantined()).toEqual([])
  })

  test('is counted each time that it starts again', async () => {
    const restarts: string[] = []
    const observe = {
      appended() {},
      commanded() {},
      revived() {},
      restarted: (type: string) => void restarts.push(type),
    }
    const directory = actors.over(actors.log, { observe })
    const queue = actors.queue()
    for (const _ of times(RESTARTS_MAX + 2)) await actors.ask(directory, queue, bug).catch(() => undefined)
    expect(restarts).toEqual(times(RESTARTS_MAX).map(() => 'queue'))
  })
})

describe('what comes from outside is nobody’s fault:', () => {
  const failures: [string, Partial<EventStore>][] = [
    ['a store that does not answer', { readStream: () => failing(new StoreUnavailable('cut')) }],
    ['a store that breaks', { readStream: () => failing(new Error('disk full')) }],
    ['an append that breaks', { append: () => Promise.reject(new Error('disk full')) }],
  ]
  test.each(failures)('%s', async (_, broken) => {
    const directory = actors.over({ ...actors.log, ...broken })
    const queue = actors.queue()
    for (const __ of times(RESTARTS_MAX + 3))
      await expect(actors.ask(directory, queue, create)).rejects.not.toThrow(ActorQuarantined)
    expect(directory.quarantined()).toEqual([])
  })

  test('somebody else who is always first', async () => {
    const queue = actors.queue()
    const others = actors.over(actors.log, { writer: 'others' })
    await actors.ask(others, queue, create)
    let n = 0
    const append: EventStore['append'] = async (...asked) => {
      await actors.ask(others, queue, rename(`theirs ${++n}`))
      return actors.log.append(...asked)
    }
    const directory = actors.over({ ...actors.log, append, shared: true })
    for (const _ of times(RESTARTS_MAX + 2))
      await expect(actors.ask(directory, queue, rename('ours'))).rejects.toThrow(Contended)
    expect(directory.quarantined()).toEqual([])
    expect((await actors.events(queue)).map(({ data }) => data['name'])).not.toContain('ours')
  })

  test.each([
    ['is told as a store that does not answer', 'Connection terminated unexpectedly', StoreUnavailable],
    ['is told as what is wrong with it', 'a damaged key', Error],
  ])('a key that cannot be had %s', async (_, why, told) => {
    const keys = { ensure: () => Promise.reject(new Error(why)), get: () => Promise.resolve(null) }
    const directory = actors.over(actors.log, { keys })
    const queue = actors.queue()
    const sealed: Decide = () => [
      { type: 'queue.created', subject: 'somebody', data: { name: 'Sales', color: '#00aa55' } },
    ]
    for (const __ of times(RESTARTS_MAX + 3)) {
      const error: unknown = await actors.ask(directory, queue, sealed).catch((thrown: unknown) => thrown)
      expect((error as Error).constructor).toBe(told)
      expect(String(error)).toContain(why)
    }
    expect(directory.quarantined()).toEqual([])
    expect(await actors.events(queue)).toEqual([])
  })
})

describe('a stream that cannot be read', () => {
  const poisoned = async () => {
    const queue = actors.queue()
    await actors.ask(actors.over(actors.log), queue, create)
    const store = misread(actors.log)
    const directory = actors.over(store)
    for (const _ of times(RESTARTS_MAX + 1))
      await expect(actors.ask(directory, queue, rename('x'))).rejects.toThrow('(queue.created)')
    return { queue, store, directory }
  }

  test('holds its actor back; tried again too early, it stays there', async () => {
    const { queue, directory } = await poisoned()
    const still = await directory.retry(queue)
    expect(still).toMatchObject({ address: queue, reason: expect.stringContaining('(queue.created)') })
    expect(directory.quarantined()).toMatchObject([{ address: queue, failures: RESTARTS_MAX + 2 }])
    await expect(actors.ask(directory, queue, rename('x'))).rejects.toThrow(ActorQuarantined)
  })

  test('lets it go when it can be read again, with its failures forgotten', async () => {
    const { queue, store, directory } = await poisoned()
    store.repaired = true
    expect(await directory.retry(queue)).toBeNull()
    expect(directory.quarantined()).toEqual([])
    await expect(actors.ask(directory, queue, bug)).rejects.toThrow('a bug')
    await expect(actors.ask(directory, queue, rename('back'))).resolves.toMatchObject({ outcome: 'done' })
    expect((await actors.events(queue)).map(({ data }) => data['name'])).toEqual(['Sales', 'back'])
  })

  test('is not tried where there is nothing held back', async () => {
    const directory = actors.over(actors.log)
    expect(await directory.retry(actors.queue())).toBeNull()
    expect(directory.size()).toBe(0)
  })

  test('is each process’s own affair', async () => {
    const { queue, store, directory } = await poisoned()
    const newer = actors.over(actors.log)
    await expect(actors.ask(newer, queue, rename('newer release'))).resolves.toMatchObject({
      outcome: 'done',
    })
    expect(directory.quarantined().map(({ address }) => streamName(address))).toEqual([streamName(queue)])
    expect(store.repaired).toBe(false)
  })
})
