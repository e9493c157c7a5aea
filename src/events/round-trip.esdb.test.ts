import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { startEventStoreDbServer, type EventStoreDbServer } from '../../test/doubles/eventstoredb-server.ts'
import { openEventStoreDb } from '../eventstore/eventstoredb.ts'
import type { EventStore } from '../eventstore/port.ts'
import { silentLog } from '../shared/log.ts'
import { roundTripContract, RUNS } from './round-trip.contract.ts'

let folder: string
let server: EventStoreDbServer
let store: EventStore
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-round-trip-'))
  server = await startEventStoreDbServer({ folder, batch: true })
  store = await openEventStoreDb({ connectionString: server.connectionString, log: silentLog })
})
afterAll(async () => {
  await store.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

roundTripContract('the EventStoreDB client', () => store, Math.ceil(RUNS / 5))
