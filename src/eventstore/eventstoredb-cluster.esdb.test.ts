import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  startEventStoreDbCluster,
  startEventStoreDbServer,
  type EventStoreDbCluster,
  type EventStoreDbServer,
} from '../../test/doubles/eventstoredb-server.ts'
import { makeAuthority } from '../../test/support/certificates.ts'
import { silentLog } from '../shared/log.ts'
import { collect, collectUntil, eventsOf, numbered } from './contract.ts'
import { openEventStoreDb } from './eventstoredb.ts'
import { StoreUnavailable, StreamDeleted, WrongExpectedRevision, type EventStore } from './port.ts'

/** Several nodes, TLS, operators who delete, and servers that take a connection and never say a word. */
const DEADLINE_MS = 5_000
let folder: string
const stores: EventStore[] = []
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fio-esdb-'))))
afterEach(async () => {
  await Promise.all(stores.splice(0).map(store => store.close()))
  await rm(folder, { recursive: true, force: true })
})

const open = async (connectionString: string, deadlineMs = DEADLINE_MS): Promise<EventStore> => {
  const store = await openEventStoreDb({ connectionString, log: silentLog, deadlineMs })
  stores.push(store)
  return store
}

/** Repeats the identical append for as long as its outcome is unknown, as an actor does. */
const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
    }
  }
}

describe('a cluster', () => {
  let cluster: EventStoreDbCluster
  beforeEach(async () => {
    cluster = await startEventStoreDbCluster({ folder: join(folder, 'cluster'), nodes: 3 })
  })
  afterEach(() => cluster.stop())
  const host = (node: number): string => `127.0.0.1:${cluster.nodes[node]!.port}`
  const stream = `ticket-${randomUUID()}`

  test.each([
    ['several hosts', () => `esdb://${host(1)},${host(2)},${host(0)}?tls=false`],
    ['discovery from one', () => `esdb+discover://${host(2)}?tls=false`],
  ])('is found by %s, and written to where it leads', async (_, url) => {
    const store = await open(url())
    expect(await insist(() => store.append(stream, 'none', [numbered(0)]))).toMatchObject({ revision: 0 })
    expect(await collect(store.readStream(stream))).toHaveLength(1)
  })

  test('a change of leader is followed, without a gap in the stream or in a subscription', async () => {
    const store = await open(`esdb://${host(0)},${host(1)},${host(2)}?tls=false`)
    const seen = collectUntil(
      store,
      { after: null, streamPrefixes: [stream] },
      (_, all) => eventsOf(all).length === 9,
    )
    for (let n = 0; n < 9; n++) {
      if (n % 3 === 2) cluster.elect(Math.ceil(n / 3) % 3)
      const event = numbered(n)
      const expected = n === 0 ? ('none' as const) : n - 1
      expect(await insist(() => store.append(stream, expected, [event]))).toMatchObject({ revision: n })
    }
    expect(eventsOf(await seen).map(({ data }) => data['n'])).toEqual([...Array(9).keys()])
  })

  test('what was written is read where it was written, not from a node that led once and fell behind', async () => {
    const store = await open(`esdb://${host(0)},${host(1)},${host(2)}?tls=false`)
    await insist(() => store.append(stream, 'none', [numbered(0)]))
    expect(await collect(store.readStream(stream))).toHaveLength(1)
    const head = await store.head()
    for (const node of cluster.nodes) await node.fallBehind()
    cluster.elect(2)
    await insist(() => store.append(stream, 0, [numbered(1)]))
    // Not even one answer that something is wrong: whoever asks has been told that it was appended.
    expect(await collect(store.readStream(stream))).toHaveLength(2)
    expect((await store.head())! > head!).toBe(true)
  })

  test('a connection string that prefers followers is read from the leader all the same', async () => {
    for (const node of cluster.nodes) await node.fallBehind()
    const store = await open(`esdb+discover://${host(1)}?tls=false&nodePreference=follower`)
    await insist(() => store.append(stream, 'none', [numbered(0)]))
    expect(await collect(store.readStream(stream))).toHaveLength(1)
  })

  test('a leader that dies is left for the next one', async () => {
    const store = await open(`esdb+discover://${host(1)}?tls=false`)
    await insist(() => store.append(stream, 'none', [numbered(0)]))
    await cluster.nodes[0]!.pause()
    cluster.elect(2)
    const event = numbered(1)
    expect(await insist(() => store.append(stream, 0, [event]))).toMatchObject({ revision: 1 })
    // The first read may meet the dead one; it says so, and the next finds the way.
    expect(await insist(() => collect(store.readStream(stream)))).toHaveLength(2)
  })
})

describe('TLS', () => {
  const authority = makeAuthority('the test')
  let server: EventStoreDbServer
  beforeEach(async () => {
    server = await startEventStoreDbServer({ folder: join(folder, 'store'), tls: authority.issue() })
  })
  afterEach(() => server.stop())
  const trusting = async (certificate: string): Promise<string> => {
    const file = join(folder, 'ca.pem')
    await writeFile(file, certificate)
    return `${server.connectionString}&tlsCAFile=${file}`
  }

  test('a server is trusted by the authority that the connection string names', async () => {
    const store = await open(await trusting(authority.certificate))
    await store.append('ticket-1', 'none', [numbered(0)])
    expect(await collect(store.readStream('ticket-1'))).toHaveLength(1)
  })

  test('another authority is refused in bounded time, and the error says why', async () => {
    const wrong = await trusting(makeAuthority('somebody else').certificate)
    await expect(open(wrong)).rejects.toThrow(/certificate|unable to verify|signature/i)
    await expect(open(`${server.connectionString}&tlsCAFile=${folder}/missing.pem`)).rejects.toThrow(
      /certificate file/,
    )
  })
})

describe.each([true, false])('streams that an operator removed (BatchAppend: %s)', batch => {
  let server: EventStoreDbServer
  let operator: EventStoreDBClient
  beforeEach(async () => {
    server = await startEventStoreDbServer({ folder: join(folder, 'store'), batch })
    operator = EventStoreDBClient.connectionString(server.connectionString)
  })
  afterEach(async () => {
    await operator.dispose()
    await server.stop()
  })

  test('a deleted one reads as absent, and begins again after what it held', async () => {
    const store = await open(server.connectionString)
    await store.append('ticket-1', 'none', [numbered(0), numbered(1)])
    await operator.deleteStream('ticket-1')
    expect(await collect(store.readStream('ticket-1'))).toEqual([])
    expect(await collect(store.readStream('ticket-1', { direction: 'backwards', limit: 1 }))).toEqual([])
    expect(await store.append('ticket-1', 'none', [numbered(2)])).toMatchObject({ revision: 2 })
    expect((await collect(store.readStream('ticket-1'))).map(({ revision }) => revision)).toEqual([2])
  })

  test('a tombstoned one is said to be gone for ever: asking again would not help', async () => {
    const store = await open(server.connectionString)
    await store.append('ticket-1', 'none', [numbered(0)])
    await operator.tombstoneStream('ticket-1')
    await expect(collect(store.readStream('ticket-1'))).rejects.toBeInstanceOf(StreamDeleted)
    for (const expected of ['none', 'any', 0] as const)
      await expect(store.append('ticket-1', expected, [numbered(1)])).rejects.toBeInstanceOf(StreamDeleted)
    // Everybody else goes on.
    expect(await store.append('ticket-2', 'none', [numbered(0)])).toMatchObject({ revision: 0 })
    await expect(store.append('ticket-2', 'none', [numbered(0)])).rejects.toBeInstanceOf(
      WrongExpectedRevision,
    )
  })
})

describe('a server that takes connections and never answers', () => {
  let silent: Server
  let url = ''
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    silent = createServer(socket => {
      sockets.add(socket)
      socket.on('error', () => undefined).resume()
    })
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    url = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  test.each([
    ['esdb', '?tls=false'],
    ['esdb', '?tls=true'],
    ['esdb+discover', '?tls=false&maxDiscoverAttempts=2'],
  ])('%s://…%s: opening ends with a clear error', async (scheme, options) => {
    await expect(open(`${scheme}://${url}${options}`, 1_000)).rejects.toBeInstanceOf(StoreUnavailable)
  })
})
