import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startEventStoreDbProcess } from '../../test/doubles/eventstoredb-process.ts'
import { startEventStoreDbServer, type EventStoreDbServer } from '../../test/doubles/eventstoredb-server.ts'
import { describeColumn, eventStoreUrl } from '../../test/columns.ts'
import { silentLog } from '../shared/log.ts'
import { must } from '../shared/must.ts'
import { collect, collectUntil, eventsOf, eventStoreContract, numbered } from './contract.ts'
import { openEventStoreDb } from './eventstoredb.ts'
import { StoreUnavailable, type EventStore } from './port.ts'
import { parsePosition } from './position.ts'

const open = (connectionString: string, deadlineMs = 20_000): Promise<EventStore> =>
  openEventStoreDb({ connectionString, log: silentLog, deadlineMs })

const onServer = (batch: boolean) => async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-esdb-'))
  const server = await startEventStoreDbServer({ folder, batch })
  let store = await open(server.connectionString)
  return {
    store,
    reopen: async () => {
      await store.close()
      return (store = await open(server.connectionString))
    },
    dispose: async () => {
      await store.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

eventStoreContract('the EventStoreDB client over the protocol server', onServer(true))
eventStoreContract('the EventStoreDB client without BatchAppend', onServer(false))

await describeColumn('esdb', 'a real server', () => {
  eventStoreContract('the EventStoreDB client on a real server', async () => {
    const url = must(eventStoreUrl(), 'the address of the event store')
    let store = await open(url)
    return {
      store,
      reopen: async () => {
        await store.close()
        return (store = await open(url))
      },
      dispose: () => store.close(),
    }
  })
})

describe('when the server misbehaves', () => {
  let folder: string
  let server: EventStoreDbServer
  let store: EventStore
  let stream: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fio-esdb-'))
    server = await startEventStoreDbServer({ folder })
    store = await open(server.connectionString, 1_500)
  })
  beforeEach(() => (stream = `ticket-${randomUUID()}`))
  afterAll(async () => {
    await store.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** Repeats the identical append for as long as its outcome is unknown, as an actor does. */
  const insist = async (append: () => Promise<unknown>): Promise<unknown> => {
    for (;;) {
      try {
        return await append()
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
      }
    }
  }

  test('positions are beyond 2^53 and have gaps', async () => {
    const a = await store.append(stream, 'none', [numbered(0)])
    const b = await store.append(stream, 0, [numbered(1)])
    const [from, to] = [parsePosition(store.epoch, a.position), parsePosition(store.epoch, b.position)]
    expect(from.commit > 2n ** 53n).toBe(true)
    expect(to.commit - from.commit > 1n).toBe(true)
    expect(from.prepare).not.toBe(from.commit)
  })

  test.each(['none', 'any'] as const)(
    'a lost answer (%s) is got by repeating the append, which is stored once',
    async expected => {
      server.faults.loseAnswers(1)
      const events = [numbered(0), numbered(1)]
      await expect(store.append(stream, expected, events)).rejects.toBeInstanceOf(StoreUnavailable)
      expect(await insist(() => store.append(stream, expected, events))).toMatchObject({ revision: 1 })
      expect(await collect(store.readStream(stream))).toHaveLength(2)
    },
  )

  test('a cut under load, with appends waiting, loses and doubles nothing', async () => {
    const body = 'x'.repeat(30_000)
    const events = Array.from({ length: 60 }, (_, n) => ({ ...numbered(n), data: { n, body } }))
    const writing = Promise.all(events.map(event => insist(() => store.append(stream, 'any', [event]))))
    await server.cut()
    await server.cut()
    await writing
    const stored = await collect(store.readStream(stream))
    expect(stored.map(event => event.id).toSorted()).toEqual(events.map(event => event.id).toSorted())
  })

  test('a server that does not answer makes appends and reads unavailable in time, and works again afterwards', async () => {
    server.faults.stall()
    const event = numbered(0)
    await expect(store.append(stream, 'none', [event])).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(collect(store.readStream(stream))).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable)
    server.faults.recover()
    expect(await insist(() => store.append(stream, 'none', [event]))).toMatchObject({ revision: 0 })
    expect(await collect(store.readStream(stream))).toHaveLength(1)
  })

  test('an answer that comes after the deadline changes nothing', async () => {
    server.faults.delayAnswers(1_800)
    const event = numbered(0)
    await expect(store.append(stream, 'none', [event])).rejects.toBeInstanceOf(StoreUnavailable)
    server.faults.delayAnswers(0)
    expect(await insist(() => store.append(stream, 'none', [event]))).toMatchObject({ revision: 0 })
    expect(await collect(store.readStream(stream))).toHaveLength(1)
  })

  test('after a connection was given up, appends go by batch again', async () => {
    server.faults.stall()
    await expect(store.append(stream, 'any', [numbered(0)])).rejects.toBeInstanceOf(StoreUnavailable)
    server.faults.recover()
    const before = server.batchAppends()
    // The one that was given up is put away in the background.
    const byBatch = async (): Promise<number> => {
      await insist(() => store.append(stream, 'any', [numbered(1)]))
      return server.batchAppends() - before
    }
    await expect.poll(byBatch, { timeout: 30_000 }).toBeGreaterThan(1)
  })

  test('more appends than a slow server takes in time are told so, and cost nobody a connection that answers', async () => {
    const warned: string[] = []
    const log = { ...silentLog, warn: (...said: unknown[]) => void warned.push(String(said.at(-1))) }
    const deadlineMs = 5_000
    const slow = await openEventStoreDb({ connectionString: server.connectionString, log, deadlineMs })
    server.faults.delayAnswers(400)
    try {
      // Fifteen at a time: the last ones would have their turn a good while after the deadline.
      const appends = Array.from({ length: 300 }, (_, n) =>
        slow.append(`${stream}-${n}`, 'none', [numbered(n)]),
      )
      const answers = await Promise.allSettled(appends)
      const refused = answers.flatMap(answer => (answer.status === 'rejected' ? [String(answer.reason)] : []))
      expect(refused.length).toBeGreaterThan(0)
      expect(new Set(refused)).toEqual(
        new Set([`StoreUnavailable: appends before it took more than ${deadlineMs} ms; it was not sent`]),
      )
      expect(warned).toEqual([])
    } finally {
      server.faults.delayAnswers(0)
      await slow.close()
    }
  })

  test('a change of leader is followed', async () => {
    server.faults.denyLeadership(1)
    const event = numbered(0)
    expect(await insist(() => store.append(stream, 'none', [event]))).toMatchObject({ revision: 0 })
  })

  test.each([[true], [false]])('a subscription goes on after a cut (filtered: %s)', async filtered => {
    const options = { after: await store.head(), ...(filtered ? { streamPrefixes: [stream] } : {}) }
    const writing = { next: 0 }
    const write = (): Promise<unknown> => {
      const event = numbered(writing.next++)
      return insist(() => store.append(stream, 'any', [event]))
    }
    await write()
    const items = await collectUntil(store, options, (item, all) => {
      const seen = eventsOf(all).length
      // Each event that arrives brings the next one, and every third a cut of all connections.
      if (item.kind === 'event' && seen < 12)
        void (seen % 3 === 0 ? server.cut() : Promise.resolve()).then(write)
      return seen === 12
    })
    expect(eventsOf(items).map(event => event.data['n'])).toEqual([...Array(12).keys()])
  })

  test('a consumer that does not ask is not sent what it cannot hold', async () => {
    const stop = new AbortController()
    const options = { after: await store.head(), streamPrefixes: [stream] }
    const items = store.subscribe(options, stop.signal)[Symbol.asyncIterator]()
    await insist(() => store.append(stream, 'any', [numbered(0)]))
    while ((await items.next()).value?.kind !== 'event');
    const before = server.eventsSent()
    const body = 'x'.repeat(20_000)
    for (let k = 0; k < 25; k++) {
      const events = Array.from({ length: 40 }, (_, n) => ({ ...numbered(n), data: { n, body } }))
      await insist(() => store.append(stream, 'any', events))
    }
    // A whole read over the same connection: whatever was going to be sent meanwhile was sent.
    expect(await collect(store.readStream(stream))).toHaveLength(1001)
    expect(server.eventsSent() - before).toBeLessThan(400)
    stop.abort()
    expect((await items.next()).done).toBe(true)
  })

  test('a subscription waits for a server that is away', async () => {
    const after = await store.head()
    await server.pause()
    const following = collectUntil(store, { after, streamPrefixes: [stream] }, item => item.kind === 'event')
    await expect(store.append(stream, 'none', [numbered(1)])).rejects.toBeInstanceOf(StoreUnavailable)
    await server.start()
    const event = numbered(0)
    await insist(() => store.append(`${stream}x`, 'none', [event]))
    expect(eventsOf(await following)[0]?.id).toBe(event.id)
  })

  test("two stores of one process don't disturb each other when one is cut short", async () => {
    const other = await open(server.connectionString)
    const events = Array.from({ length: 40 }, (_, n) => numbered(n))
    const writing = Promise.all(events.map(event => insist(() => store.append(stream, 'any', [event]))))
    const theirs = Promise.allSettled(events.map(() => other.append(`${stream}-other`, 'any', [numbered(0)])))
    await other.close()
    await Promise.all([writing, theirs])
    expect(await collect(store.readStream(stream))).toHaveLength(40)
  })

  test('a server that is not there is said to be unavailable', async () => {
    await expect(open('esdb://127.0.0.1:1?tls=false', 1_000)).rejects.toBeInstanceOf(StoreUnavailable)
  })
})

test('many processes that open a new store agree on its epoch; kill -9 of the server loses nothing acknowledged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-esdb-'))
  let server = await startEventStoreDbProcess({ folder })
  const stores = await Promise.all([1, 2, 3].map(() => open(server.connectionString, 3_000)))
  expect(new Set(stores.map(store => store.epoch)).size).toBe(1)
  const store = stores[0]!
  const stream = `ticket-${randomUUID()}`
  const acknowledged: string[] = []
  const writing = Array.from({ length: 8 }, async () => {
    for (;;) {
      const event = numbered(0)
      try {
        await store.append(stream, 'any', [event])
      } catch {
        return
      }
      acknowledged.push(event.id)
    }
  })
  for await (const item of store.subscribe(
    { after: null, streamPrefixes: [stream] },
    AbortSignal.timeout(20_000),
  )) {
    if (item.kind === 'event' && item.event.revision > 100) break
  }
  await server.kill()
  await Promise.all(writing)
  server = await startEventStoreDbProcess({ folder, port: server.port })
  const again = await open(server.connectionString, 5_000)
  const stored = new Set((await collect(again.readStream(stream))).map(event => event.id))
  expect(acknowledged.length).toBeGreaterThan(100)
  expect(acknowledged.filter(id => !stored.has(id))).toEqual([])
  await Promise.all([...stores, again].map(each => each.close()))
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})
