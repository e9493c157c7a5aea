import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openEmbeddedStore } from '../eventstore/embedded.ts'
import type { EventStore } from '../eventstore/port.ts'
import { roundTripContract } from './round-trip.contract.ts'

let folder: string
let store: EventStore
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-round-trip-'))
  store = await openEmbeddedStore({ folder })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

roundTripContract('the embedded store', () => store)
