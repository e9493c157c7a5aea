import { randomUUID } from 'node:crypto'
import { mkdtemp, open as openFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open as openLmdb } from 'lmdb'
import { openEmbeddedStore } from '../src/eventstore/embedded.ts'
import { openEventStoreDb } from '../src/eventstore/eventstoredb.ts'
import type { EventStore, NewEvent } from '../src/eventstore/port.ts'
import { silentLog } from '../src/shared/log.ts'
import { startEventStoreDbProcess } from '../test/doubles/eventstoredb-process.ts'
import { median, report, type Figure } from './support/results.ts'

/**
 * Durable appends a second with one writer and with 64, and events read back a second; for the embedded store and for
 * the EventStoreDB client against the protocol double in a process of its own. Beside them the raw limits of the same
 * disk: a file with one write and fdatasync for whatever waits, and bare lmdb puts of the same bytes. Each figure is
 * the median of several rounds; `BENCH_SECONDS` (1) is the length of a round.
 */
const ROUNDS = 5
const ROUND_MS = Number(process.env['BENCH_SECONDS'] ?? '1') * 1000
const STREAMS = 1000
const MANY = 64
const READ_EVENTS = 50_000

const event = (n: number): NewEvent => ({
  id: randomUUID(),
  type: 'message.received',
  data: { n, text: 'x'.repeat(300) },
  metadata: { companyId: randomUUID(), at: new Date().toISOString() },
})

type Append = (n: number) => Promise<unknown>

const appendRate = async (append: Append, writers: number): Promise<number> => {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    let appends = 0
    const write = async (): Promise<void> => {
      while (performance.now() - start < ROUND_MS) await append(appends++)
    }
    await Promise.all(Array.from({ length: writers }, write))
    rates.push(appends / ((performance.now() - start) / 1000))
  }
  return median(rates)
}

const intoStore =
  (store: EventStore): Append =>
  n =>
    store.append(`ticket-bench.${(n * 7) % STREAMS}`, 'any', [event(n)])

const readRate = async (store: EventStore): Promise<number> => {
  const rates: number[] = []
  for (let round = 0; round < 3; round++) {
    const start = performance.now()
    let events = 0
    for await (const { revision } of store.readAll({ limit: READ_EVENTS })) events += revision >= 0 ? 1 : 0
    rates.push(events / ((performance.now() - start) / 1000))
  }
  return median(rates)
}

/** Everything that waits goes into one write and one fdatasync. */
const intoFile = async (path: string): Promise<{ append: Append; close: () => Promise<void> }> => {
  const file = await openFile(path, 'a')
  let waiting: { bytes: Buffer; done: () => void }[] = []
  let writing = false
  const pump = async (): Promise<void> => {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await file.write(Buffer.concat(batch.map(({ bytes }) => bytes)))
      await file.datasync()
      for (const { done } of batch) done()
    }
    writing = false
  }
  return {
    append: n =>
      new Promise<void>(done => {
        waiting.push({ bytes: Buffer.from(JSON.stringify(event(n))), done })
        if (!writing) void pump()
      }),
    close: () => file.close(),
  }
}

const intoLmdb = (path: string): { append: Append; close: () => Promise<void> } => {
  const root = openLmdb<Buffer, number>({ path, noSubdir: true, encoding: 'binary', overlappingSync: false })
  let key = 0
  return {
    append: async n => {
      await root.put(++key, Buffer.from(JSON.stringify(event(n))))
      await root.flushed
    },
    close: () => root.close(),
  }
}

const folder = await mkdtemp(join(tmpdir(), 'fio-bench-append-'))
const figures: Figure[] = []
const say = (figure: string, value: number, note = ''): void =>
  void figures.push({ figure, value, unit: '/s', better: 'higher', ...(note ? { note } : {}) })

const rates = async (name: string, append: Append, limit?: readonly [number, number]) => {
  const one = await appendRate(append, 1)
  const many = await appendRate(append, MANY)
  say(`${name}, 1 writer`, one, limit && `${(one / limit[0]).toFixed(2)} of bare lmdb`)
  say(`${name}, ${MANY} writers`, many, limit && `${(many / limit[1]).toFixed(2)} of bare lmdb`)
  return [one, many] as const
}

try {
  const file = await intoFile(join(folder, 'raw.log'))
  await rates('raw file with fdatasync', file.append)
  await file.close()
  const lmdb = intoLmdb(join(folder, 'raw.mdb'))
  const limit = await rates('bare lmdb puts', lmdb.append)
  await lmdb.close()
  const embedded = await openEmbeddedStore({ folder: join(folder, 'embedded') })
  await rates('embedded store, appends', intoStore(embedded), limit)
  say('embedded store, events read', await readRate(embedded))
  await embedded.close()
  const server = await startEventStoreDbProcess({ folder: join(folder, 'server') })
  const client = await openEventStoreDb({ connectionString: server.connectionString, log: silentLog })
  await rates('EventStoreDB client against the double, appends', intoStore(client))
  say('EventStoreDB client against the double, events read', await readRate(client))
  await client.close()
  await server.stop()
  report('append', { bytes: JSON.stringify(event(1)).length, seconds: ROUND_MS / 1000 }, figures)
} finally {
  await rm(folder, { recursive: true, force: true })
}
