import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'
import { openEventStoreDb } from '../../src/eventstore/eventstoredb.ts'
import type { EventStore } from '../../src/eventstore/port.ts'
import { simulatorPhone, type SimulatorPhone } from '../../src/providers/simulator/phone.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { silentLog } from '../../src/shared/log.ts'
import { columnReady, redisUrl } from '../columns.ts'
import { startEventStoreDbProcess, type EventStoreDbProcess } from '../doubles/eventstoredb-process.ts'
import { startSimulatorProcess } from '../doubles/simulator-process.ts'
import { testPostgres } from './database.ts'

/** One column of the matrix: everything that a server keeps is in its own folder, or on servers outside. */
export type MatrixColumn = 'embedded' | 'outside'
export const columnAvailable = async (column: MatrixColumn): Promise<boolean> =>
  column === 'embedded' || ((await columnReady('pg')) && (await columnReady('redis')))

export const ADMIN = { email: 'admin@example.com', password: 'correct-horse-battery' } as const

/** One event of the log, as far as comparing logs needs it. */
export type LogEntry = {
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  /** The version in which it was written. */
  readonly schema: unknown
}

/** What outlives the servers under test: the stores, the simulated network, the folders. */
export type World = {
  readonly column: MatrixColumn
  /** The environment of a server here; each has a folder of its own in the outside column. */
  environment(node: number): Record<string, string>
  /** The customers, whom no server's death touches. */
  readonly phone: SimulatorPhone
  readonly eventStore: EventStoreDbProcess | null
  /** kill -9 to the event store's server, and a new one at the same port. `false` where there is none. */
  restartEventStore(): Promise<boolean>
  /** The whole log. In the embedded column nobody else may have it open meanwhile. */
  log(): Promise<LogEntry[]>
  /** Does something to the file that holds the log, while no server has it open; ours must be stopped. */
  alterLog(change: (folder: string) => Promise<void>): Promise<void>
  close(): Promise<void>
}

const SECRET_KEY = 'a-secret-key-of-the-tests-that-is-long-enough'

const entriesOf = async (store: EventStore): Promise<LogEntry[]> => {
  const entries: LogEntry[] = []
  try {
    for await (const { stream, revision, id, type, metadata } of store.readAll({}))
      entries.push({ stream, revision, id, type, schema: metadata['schema'] })
  } finally {
    await store.close()
  }
  return entries
}

const dropKeys = async (prefix: string): Promise<void> => {
  const redis = new Redis(redisUrl())
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 }))
    if ((keys as string[]).length > 0) await redis.del(...(keys as string[]))
  await redis.quit()
}

const outside = async (folder: string) => {
  const events = join(folder, 'eventstoredb')
  const [database, first] = await Promise.all([testPostgres(), startEventStoreDbProcess({ folder: events })])
  let eventStore = first
  const open = () => openEventStoreDb({ connectionString: eventStore.connectionString, log: silentLog })
  return {
    eventStore: () => eventStore,
    restart: async (meanwhile?: (folder: string) => Promise<void>) => {
      await eventStore.kill()
      await meanwhile?.(events)
      eventStore = await startEventStoreDbProcess({ folder: events, port: eventStore.port })
    },
    open,
    environment: {
      EVENTSTORE_URL: eventStore.connectionString,
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl(),
      MEDIA_URL: pathToFileURL(join(folder, 'media')).href,
      CLUSTER: '1',
      // No load balancer has to notice that a server stops.
      SHUTDOWN_DELAY_MS: '0',
    },
    close: async () => {
      const store = await open()
      await store.close()
      await dropKeys(`fio-${store.epoch}`)
      await eventStore.stop()
      await database.drop()
    },
  }
}

export const startWorld = async (
  column: MatrixColumn,
  environment: Record<string, string> = {},
): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-process-test-'))
  const [network, servers] = await Promise.all([
    startSimulatorProcess(),
    column === 'outside' ? outside(folder) : null,
  ])
  const phone = simulatorPhone({ url: network.url, clock: systemClock })
  const dataDir = (node: number): string => join(folder, `node-${column === 'embedded' ? 0 : node}`)
  return {
    column,
    phone,
    get eventStore() {
      return servers?.eventStore() ?? null
    },
    restartEventStore: async () => {
      await servers?.restart()
      return servers !== null
    },
    environment: node => ({
      DATA_DIR: dataDir(node),
      PORT: '0',
      NODE_ENV: 'test',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      SECRET_KEY,
      SIMULATOR_URL: network.url,
      ...servers?.environment,
      ...environment,
    }),
    log: async () =>
      entriesOf(
        await (servers?.open() ?? openEmbeddedStore({ folder: join(dataDir(0), 'events'), log: silentLog })),
      ),
    alterLog: async change => (servers ? servers.restart(change) : change(join(dataDir(0), 'events'))),
    close: async () => {
      phone.close()
      await network.stop()
      await servers?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
