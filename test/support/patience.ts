import { vi } from 'vitest'

/** Vitest gives up after a second, which a busy machine may need for one step. What is waited for comes, or the test has failed. */
const WAIT_MS_MAX = 20_000
const { waitFor } = vi
vi.waitFor = (condition, options) =>
  waitFor(condition, typeof options === 'number' ? options : { timeout: WAIT_MS_MAX, ...options })
