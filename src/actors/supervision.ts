import { streamName, type Address } from '../eventstore/streams.ts'
import { isoNow, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Kind } from './kind.ts'

/**
 * What becomes of an actor that fails by itself: a decision that throws, a chart that breaks, a stream that cannot be
 * read. It is revived from the log; one that fails again and again is put into quarantine, where commands to it are
 * refused at once until a person has it tried again. A store that does not answer is nobody's fault and counts for
 * nothing. Each process keeps its own quarantine: what breaks one release may be fine for the next.
 */

/** How many times an actor is revived within `RESTART_WINDOW_MS`; the next failure is one too many. */
export const RESTARTS_MAX = 3
export const RESTART_WINDOW_MS = 60_000
const REASON_LENGTH_MAX = 500

/** An actor that is refused to everybody until somebody has it tried again. */
export type Quarantined = {
  readonly address: Address
  readonly kind: Kind
  /** What it last failed of. */
  readonly reason: string
  /** ISO 8601. */
  readonly since: string
  /** How often it failed since it last worked, trials in quarantine included. */
  readonly failures: number
}

/** The actor is in quarantine: nothing was tried. */
export class ActorQuarantined extends Error {
  readonly address: Address
  constructor({ address, reason }: Pick<Quarantined, 'address' | 'reason'>) {
    super(`${streamName(address)} is in quarantine: ${reason}`)
    this.name = 'ActorQuarantined'
    this.address = address
  }
}

export type Supervision = {
  /** The actor failed by itself and was forgotten; counts, and quarantines where it was once too often. */
  failed(kind: Kind, address: Address, error: unknown): void
  /** @throws ActorQuarantined */
  check(stream: string): void
  /** Out of quarantine, on trial: one more failure and it is back. */
  release(stream: string): Quarantined | null
  /** It worked again: its failures are forgotten. */
  acquit(stream: string): void
  list(): readonly Quarantined[]
}

type Record = { readonly failedAt: readonly number[]; readonly failures: number; readonly onTrial: boolean }

const textOf = (error: unknown): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.slice(0, REASON_LENGTH_MAX)
}

export const createSupervision = (tools: {
  readonly clock: Clock
  readonly log: Log
  readonly restarted?: ((type: Address['type']) => void) | undefined
}): Supervision => {
  const { clock, log } = tools
  const records = new Map<string, Record>()
  const quarantine = new Map<string, Quarantined>()

  /** Those who have not failed for a while are not kept. */
  const tidy = (now: number): void => {
    for (const [stream, { failedAt, onTrial }] of records)
      if (!onTrial && now - (failedAt.at(-1) ?? 0) > RESTART_WINDOW_MS) records.delete(stream)
  }

  return {
    failed: (kind, address, error) => {
      const stream = streamName(address)
      const now = clock.monotonic()
      tidy(now)
      const before = records.get(stream)
      const recent = (before?.failedAt ?? []).filter(at => now - at <= RESTART_WINDOW_MS)
      const record = {
        failedAt: [...recent, now],
        failures: (before?.failures ?? 0) + 1,
        onTrial: before?.onTrial ?? false,
      }
      if (!record.onTrial && record.failedAt.length <= RESTARTS_MAX) {
        records.set(stream, record)
        tools.restarted?.(address.type)
        log.error({ stream, err: error, failures: record.failures }, 'an actor failed; it starts again')
        return
      }
      records.delete(stream)
      const { failures } = record
      quarantine.set(stream, { address, kind, reason: textOf(error), since: isoNow(clock), failures })
      log.error({ stream, err: error, failures }, 'an actor failed too often; it is in quarantine')
    },
    check: stream => {
      const found = quarantine.get(stream)
      if (found) throw new ActorQuarantined(found)
    },
    release: stream => {
      const found = quarantine.get(stream)
      if (!found) return null
      quarantine.delete(stream)
      records.set(stream, { failedAt: [], failures: found.failures, onTrial: true })
      return found
    },
    acquit: stream => void records.delete(stream),
    list: () => [...quarantine.values()],
  }
}
