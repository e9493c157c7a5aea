import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const TEST_MS_MAX = 30_000
const JOURNEY_MS_MAX = 120_000

/** `server`: node tests, in parallel. `journeys`: real browsers, one after the other, when the rest is done. `ui`: its own config. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'server',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/*.journey.test.ts'],
          globalSetup: ['test/global-setup.ts'],
          environment: 'node',
          testTimeout: TEST_MS_MAX,
          hookTimeout: 2 * TEST_MS_MAX,
          sequence: { groupOrder: 0 },
        },
      },
      ...(existsSync(new URL('./ui/vitest.config.ts', import.meta.url)) ? ['./ui/vitest.config.ts'] : []),
      {
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.journey.test.ts'],
          environment: 'node',
          maxWorkers: 1,
          testTimeout: JOURNEY_MS_MAX,
          hookTimeout: JOURNEY_MS_MAX,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
