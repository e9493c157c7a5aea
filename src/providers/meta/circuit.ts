import type { Clock } from '../../shared/clock.ts'

/**
 * A circuit breaker: after several failures in a row nothing is asked for a while, so that a service that is down costs
 * no waiting and gets no storm when it comes back. Then one request is let through; it decides. Only failures of the
 * service count (no answer, 5xx), never its refusals.
 */
export type Circuit = {
  /** How long to stay away, in milliseconds; 0: go ahead. Going ahead must be followed by `succeeded` or `failed`. */
  closedFor(): number
  succeeded(): void
  failed(): void
}

export const CIRCUIT_FAILURES_MAX = 5
export const CIRCUIT_OPEN_MS = 30_000

export const createCircuit = (clock: Clock): Circuit => {
  let failures = 0
  let openUntil = 0
  return {
    closedFor() {
      if (failures < CIRCUIT_FAILURES_MAX) return 0
      const wait = openUntil - clock.monotonic()
      if (wait > 0) return wait
      // The one who asks now is the trial; the others keep waiting for its outcome.
      openUntil = clock.monotonic() + CIRCUIT_OPEN_MS
      return 0
    },
    succeeded() {
      failures = 0
    },
    failed() {
      failures += 1
      openUntil = clock.monotonic() + CIRCUIT_OPEN_MS
    },
  }
}
