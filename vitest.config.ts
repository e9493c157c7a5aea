import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const TEST_MS_MAX = 30_000
const PROCESS_MS_MAX = 180_000
const JOURNEY_MS_MAX = 120_000

/**
 * `server`: node tests, in parallel. `process`: whole servers that are started and killed, one file after the other, when
 * those are done. `journeys`: real browsers, likewise. `ui`: its own config.
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
          maxWorkers: 2,
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
          maxWorkers: 1,
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
          maxWorkers: 1,
          testTimeout: JOURNEY_MS_MAX,
          hookTimeout: JOURNEY_MS_MAX,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
