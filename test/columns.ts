import { existsSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * What a test's suffix asks for, and where to find it. Without it a suite is skipped and named at the end of the run;
 * with REQUIRE_COLUMNS=all nothing is skipped, so that a missing server fails the suite that needs it.
 *
 *     describe.skipIf(!(await columnReady('pg')))('vault on PostgreSQL', () => …)
 */
export type Column = 'pg' | 'redis' | 'browser'

const REACH_MS_MAX = 2_000

export const testDatabaseUrl = (): string =>
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

export const testRedisUrl = (): string => process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'

const CHROMIUM_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser that journeys drive, or null. */
export const chromiumPath = (): string | null =>
  process.env['CHROMIUM_PATH'] ?? CHROMIUM_PLACES.find(place => existsSync(place)) ?? null

const reachable = (url: string, portOtherwise: number): Promise<boolean> =>
  new Promise(answer => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port || portOtherwise), timeout: REACH_MS_MAX })
    const end = (ready: boolean) => {
      socket.destroy()
      answer(ready)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })

const checks: { readonly [C in Column]: () => Promise<boolean> } = {
  pg: () => reachable(testDatabaseUrl(), 5432),
  redis: () => reachable(testRedisUrl(), 6379),
  browser: () => Promise.resolve(chromiumPath() !== null),
}

/** Whether suites of this column should run. */
export const columnReady = (column: Column): Promise<boolean> =>
  process.env['REQUIRE_COLUMNS'] === 'all' ? Promise.resolve(true) : checks[column]()
