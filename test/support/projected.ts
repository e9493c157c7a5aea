import type { Database } from '../../src/database/port.ts'
import { logDistance } from '../../src/eventstore/position.ts'
import { createProgress } from '../../src/projections/progress.ts'
import { createReadModels } from '../../src/projections/create-read-models.ts'
import type { Committed } from '../../src/projections/read-models.ts'
import { createProjectionRunner, type RunnerOptions } from '../../src/projections/runner.ts'
import { createCaches } from '../../src/projections/rows-cache.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { silentLog } from '../../src/shared/log.ts'
import type { FactLog } from './fact-log.ts'

const WAIT_MS = 15_000

export type ProjectedOptions = Partial<
  Pick<
    RunnerOptions,
    | 'onCommit'
    | 'acquireLease'
    | 'batchFactsMax'
    | 'decode'
    | 'store'
    | 'mayRebuild'
    | 'rebuildFactsMin'
    | 'rebuildSliceFacts'
  >
>

/** A running projection runner over a log and a database, and the questions to its tables. */
export const startProjected = (log: FactLog, database: Database<unknown>, options: ProjectedOptions = {}) => {
  const progress = createProgress(systemClock)
  const committed: Committed[] = []
  const caches = createCaches()
  const runner = createProjectionRunner({
    store: log.store,
    db: database.db,
    database,
    decode: log.decode,
    distance: logDistance(log.store.epoch),
    caches,
    clock: systemClock,
    log: silentLog,
    progress,
    ...options,
    onCommit: one => {
      committed.push(one)
      options.onCommit?.(one)
    },
  })
  const stopping = new AbortController()
  const running = runner.run(stopping.signal)
  const source = { db: database.db, store: log.store, decode: log.decode, progress }
  const reads = createReadModels(source)
  return {
    runner,
    progress,
    committed,
    reads,
    /** As `reads`, with the rows that the runner has at hand. */
    atHand: createReadModels({ ...source, rows: caches }),
    caches,
    /** Until everything that is in the log now is shown. @throws Error when that takes too long. */
    upToDate: async (): Promise<void> => {
      const head = await log.store.head()
      if (head && (await progress.waitFor(head, WAIT_MS)).stale)
        throw new Error('the read models did not keep up')
    },
    stop: async (): Promise<void> => {
      stopping.abort()
      await running
    },
  }
}
export type Projected = ReturnType<typeof startProjected>
