import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const TEST_MS_MAX = 30_000
const PROCESS_MS_MAX = 180_000
const JOURNEY_MS_MAX = 120_000
/** Vitest's own is a second, which a busy machine may need for one step. */
const POLL_MS_MAX = 20_000
/** Vitest takes one less than there are cores, which is a half of a small machine. */
const WORKERS = Math.max(2, availableParallelism() - 1)
/** Whole servers mostly wait, for each other and for deaths to be noticed: two files fill two cores. */
const SERVERS_AT_ONCE = 2

/**
 * `server`: node tests, in parallel. `ui`: its own config, after those. Then `process`, whole servers that are started and
 * killed, and `journeys`, real browsers: together, so that one fills what the other waits for.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'server',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/*.journey.test.ts', '**/*.process.test.ts'],
          globalSetup: ['test/global-setup.ts'],
          environment: 'node',
          maxWorkers: WORKERS,
          setupFiles: ['test/support/patience.ts'],
          expect: { poll: { timeout: POLL_MS_MAX } },
          testTimeout: TEST_MS_MAX,
          hookTimeout: 2 * TEST_MS_MAX,
          sequence: { groupOrder: 0 },
        },
      },
      ...(existsSync(new URL('./ui/vitest.config.ts', import.meta.url)) ? ['./ui/vitest.config.ts'] : []),
      {
        test: {
          name: 'process',
          include: ['test/process/**/*.process.test.ts'],
          globalSetup: ['test/global-setup.ts', 'test/support/server-bundle.ts'],
          environment: 'node',
          maxWorkers: SERVERS_AT_ONCE,
          testTimeout: PROCESS_MS_MAX,
          hookTimeout: PROCESS_MS_MAX,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.journey.test.ts'],
          globalSetup: ['test/global-setup.ts', 'test/support/server-bundle.ts'],
          environment: 'node',
          maxWorkers: SERVERS_AT_ONCE,
          testTimeout: JOURNEY_MS_MAX,
          hookTimeout: JOURNEY_MS_MAX,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
