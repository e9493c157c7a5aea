import { appendFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { Client } from 'pg'

/**
 * The columns of the matrix: servers that a test needs and that may not be there. A missing one skips its tests and is
 * named at the end of the run (`columns-reporter.ts`); with REQUIRE_COLUMNS=all skipping is a failure.
 */
export type Column = 'pg' | 'redis' | 'esdb'

export const postgresUrl = (): string =>
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
export const redisUrl = (): string => process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
/** A real EventStoreDB/KurrentDB, if there is one: the local protocol server needs no column. */
export const eventStoreUrl = (): string | undefined => process.env['TEST_EVENTSTORE_URL']

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
  esdb: async () => {
    const url = eventStoreUrl()
    return url ? portAnswers(url) : false
  },
}

/** Where skipped columns are noted: test files run in processes of their own, the reporter in another. */
export const skippedColumnsFile = (): string =>
  process.env['FIO_SKIPPED_COLUMNS'] ?? join(tmpdir(), `fio-skipped-columns-${process.ppid}`)

const known = new Map<Column, Promise<boolean>>()

/** Whether the column's server answers. With REQUIRE_COLUMNS=all always true: its tests then fail instead of being skipped. */
export const columnReady = (column: Column): Promise<boolean> => {
  const probe = async (): Promise<boolean> => {
    if (process.env['REQUIRE_COLUMNS'] === 'all') return true
    const ready = await probes[column]()
    if (!ready) appendFileSync(skippedColumnsFile(), `${column}\n`)
    return ready
  }
  const asked = known.get(column) ?? probe()
  known.set(column, asked)
  return asked
}

/** `describe` for a column: runs, or is skipped and noted. Await it at the top of the test file. */
export const describeColumn = async (column: Column, name: string, suite: () => void): Promise<void> => {
  describe.skipIf(!(await columnReady(column)))(name, suite)
}
