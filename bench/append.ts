import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '../src/eventstore/embedded.ts'
import { openEventStoreDb } from '../src/eventstore/eventstoredb.ts'
import type { EventStore, NewEvent } from '../src/eventstore/port.ts'
import { silentLog } from '../src/shared/log.ts'
import { startEventStoreDbProcess } from '../test/doubles/eventstoredb-process.ts'

/**
 * How many durable appends a second, with one writer and with 64, and how many events a second are read back; for the
 * embedded store and for the EventStoreDB client against the protocol server in a process of its own. Each figure is the
 * median of several rounds; `BENCH_SECONDS` is the length of a round.
 */

const ROUNDS = 5
const ROUND_MS = Number(process.env['BENCH_SECONDS'] ?? '1') * 1000
const STREAMS = 1000

const event = (n: number): NewEvent => ({
  id: randomUUID(),
  type: 'message.received',
  data: { n, text: 'x'.repeat(300) },
  metadata: { companyId: randomUUID(), at: new Date().toISOString() },
})

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const appendRate = async (store: EventStore, writers: number): Promise<number> => {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    let appends = 0
    const write = async (writer: number): Promise<void> => {
      while (performance.now() - start < ROUND_MS) {
        await store.append(`ticket-bench.${(appends * 7 + writer) % STREAMS}`, 'any', [event(appends)])
        appends++
      }
    }
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
    rates.push(appends / ((performance.now() - start) / 1000))
  }
  return median(rates)
}

const readRate = async (store: EventStore): Promise<number> => {
  const rates: number[] = []
  for (let round = 0; round < 3; round++) {
    const start = performance.now()
    let events = 0
    for await (const { revision } of store.readAll({ limit: 50_000 })) events += revision >= 0 ? 1 : 0
    rates.push(events / ((performance.now() - start) / 1000))
  }
  return median(rates)
}

type Row = {
  store: string
  'appends/s, 1 writer': number
  'appends/s, 64 writers': number
  'ratio 64:1': string
  'readAll/s': number
}

const measure = async (store: EventStore): Promise<Row> => {
  const one = await appendRate(store, 1)
  const many = await appendRate(store, 64)
  return {
    store: store.name,
    'appends/s, 1 writer': Math.round(one),
    'appends/s, 64 writers': Math.round(many),
    'ratio 64:1': (many / one).toFixed(1),
    'readAll/s': Math.round(await readRate(store)),
  }
}

const folder = await mkdtemp(join(tmpdir(), 'fio-bench-append-'))
try {
  const embedded = await openEmbeddedStore({ folder: join(folder, 'embedded') })
  const rows = [await measure(embedded)]
  await embedded.close()
  const server = await startEventStoreDbProcess({ folder: join(folder, 'server') })
  const client = await openEventStoreDb({ connectionString: server.connectionString, log: silentLog })
  rows.push(await measure(client))
  await client.close()
  await server.stop()
  console.table(rows)
  const [local, remote] = rows as [Row, Row]
  const times = local['appends/s, 64 writers'] / remote['appends/s, 64 writers']
  console.log(`embedded : eventstoredb with 64 writers = ${times.toFixed(1)} : 1`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
