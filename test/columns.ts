import { existsSync } from 'node:fs'
import { Socket } from 'node:net'
import { describe } from 'vitest'
import { Client } from 'pg'

/**
 * The columns of the matrix: servers that a test needs and that may not be there. A missing one skips its tests, and the run
 * names it at its end; with REQUIRE_COLUMNS=all nothing is skipped, so that what is missing fails.
 */
export type Column = 'pg' | 'redis' | 'browser' | 'esdb'

export const postgresUrl = (): string =>
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
export const redisUrl = (): string => process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
/** A real EventStoreDB/KurrentDB, if there is one: the local protocol server needs no column. */
export const eventStoreUrl = (): string | undefined => process.env['TEST_EVENTSTORE_URL']

const CHROMIUM_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** The browser that journeys drive, if there is one. */
export const chromiumPath = (): string | undefined =>
  process.env['CHROMIUM_PATH'] ?? CHROMIUM_PLACES.find(place => existsSync(place))

const PROBE_MS = 2_000

const portAnswers = (url: string): Promise<boolean> =>
  new Promise(resolve => {
    const { hostname, port } = new URL(url.replace(/^(esdb|kurrentdb)(\+discover)?:/, 'http:'))
    const socket = new Socket()
    const answer = (yes: boolean): void => {
      socket.destroy()
      resolve(yes)
    }
    socket.setTimeout(PROBE_MS, () => answer(false))
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
    socket.connect(Number(port || 2113), hostname)
  })

const postgresAnswers = async (): Promise<boolean> => {
  const client = new Client({ connectionString: postgresUrl(), connectionTimeoutMillis: PROBE_MS })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

const probes: Record<Column, () => Promise<boolean>> = {
  pg: postgresAnswers,
  redis: () => portAnswers(redisUrl()),
  browser: () => Promise.resolve(chromiumPath() !== undefined),
  esdb: () => Promise.resolve(eventStoreUrl() !== undefined),
}

const known = new Map<Column, Promise<boolean>>()

/**
 * Whether the column's server answers. With REQUIRE_COLUMNS=all always true, so that its tests fail instead of being skipped;
 * except a real EventStoreDB, which no package holds: it is asked for by naming it.
 */
export const columnReady = (column: Column): Promise<boolean> => {
  if (process.env['REQUIRE_COLUMNS'] === 'all' && column !== 'esdb') return Promise.resolve(true)
  const asked = known.get(column) ?? probes[column]()
  known.set(column, asked)
  return asked
}

/** `describe` for a column: runs, or is skipped and named at the end of the run. Await it at the top of the test file. */
export const describeColumn = async (column: Column, name: string, suite: () => void): Promise<void> => {
  describe.skipIf(!(await columnReady(column)))(name, suite)
}
