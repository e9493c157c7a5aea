import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { readCheckpoint, type Checkpoint } from './checkpoint.ts'
import { rebuild, type RebuildOptions, type RebuildProgress } from './rebuild.ts'
import { isRunning, readRebuild, type Rebuild, type RebuildReason } from './rebuild-state.ts'
import { VERSIONS } from './tables.ts'

/**
 * Looks every second whether the read models have to be made again, and does it where this process may: because there
 * are none, because other code made them, because somebody asked, or because whoever was at it died. Also hears of sets
 * that others put in place.
 */
export type RebuilderOptions = RebuildOptions & {
  /** Processes that only read never rebuild. */
  readonly mayRebuild: boolean
  /** Whether the tables are empty and the log is too long to be followed from its start. */
  unfilled(): boolean
  /** Another set of tables took the place of the one that was read. */
  onSwapped(): void
}

export type Rebuilder = {
  /** Resolves once `stop` was signalled and a rebuild that was under way was left. */
  run(stop: AbortSignal): Promise<void>
  /** Of a rebuild by this very process, while it is under way: `null` once its tables are in place. */
  progress(): RebuildProgress | null
}

const LOOK_MS = 1_000
const RETRY_SECONDS = 15
const RETRY_SECONDS_MAX = 600

const whyRebuild = (
  told: Rebuild | null,
  { position, versions }: Checkpoint,
  unfilled: boolean,
): RebuildReason | null => {
  // Whoever waits for the tables may not have seen yet that somebody filled them.
  if (unfilled && position === '') return 'empty'
  if (versions !== VERSIONS) return 'version'
  // What is told to be running is either being done, which its lock says, or was left half done.
  return told && isRunning(told.state) ? told.reason : null
}

export const createRebuilder = (options: RebuilderOptions): Rebuilder => {
  const { db, clock }: { db: RebuilderOptions['db']; clock: Clock } = options
  const log: Log = options.log
  let generation: number | null = null
  let progress: RebuildProgress | null = null
  let failures = 0
  let retryAt = 0

  const look = async (): Promise<RebuildReason | null> => {
    const at = await readCheckpoint(db)
    if (!at) return null
    if (generation !== null && generation !== at.generation) options.onSwapped()
    generation = at.generation
    const told = await readRebuild(db)
    // A wish is not kept waiting by what went wrong before it.
    if (told?.state === 'asked') retryAt = 0
    return whyRebuild(told, at, options.unfilled())
  }

  const work = async (reason: RebuildReason, stop: AbortSignal): Promise<void> => {
    try {
      const { outcome } = await rebuild(
        {
          ...options,
          ...(generation === null ? {} : { generation }),
          onProgress: told => void (progress = told),
          onSwap: () => void (progress = null),
        },
        reason,
        stop,
      )
      if (outcome === 'done') failures = 0
    } catch (error) {
      failures++
      const seconds = Math.min(RETRY_SECONDS_MAX, RETRY_SECONDS * 2 ** (failures - 1))
      retryAt = clock.monotonic() + seconds * 1000
      log.error({ err: error, reason, againInSeconds: seconds }, 'making the read models again failed')
    } finally {
      progress = null
    }
  }

  return {
    progress: () => progress,
    run: async stop => {
      while (!stop.aborted) {
        try {
          const reason = await look()
          if (reason && options.mayRebuild && clock.monotonic() >= retryAt) {
            log.info({ reason }, 'making the read models again from the log')
            await work(reason, stop)
            await look()
          }
        } catch (error) {
          // The tables are not there yet, or the database is away: the runner tells of it.
          log.debug({ err: error }, 'could not look whether the read models have to be made again')
        }
        await pause(clock, LOOK_MS, stop)
      }
    },
  }
}
