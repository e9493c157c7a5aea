import type { Caches } from './fold-batch.ts'
import { createContactHistory } from './contact-history.ts'
import { createContactQueries } from './contacts.ts'
import { createDeadLetterQueries } from './dead-letters.ts'
import { createHistory, type HistorySource } from './history.ts'
import { createLookups } from './lookups.ts'
import { createMessageSearch } from './message-search.ts'
import { createMessageQueries } from './messages.ts'
import { createPeopleQueries } from './people.ts'
import { createUserHistory } from './user-history.ts'
import type { Progress } from './progress.ts'
import type { Freshness, Lookups, PushViews, ReadModels } from './read-models.ts'
import { pushedViews } from './pushed-views.ts'
import { createSessionActivity } from './session-activity.ts'
import { createSessionHistory } from './session-history.ts'
import { createSessionQueries } from './sessions.ts'
import { createTicketQueries } from './tickets.ts'
import { createTimeTravel } from './time-travel.ts'

export type ReadModelsOptions = HistorySource & {
  readonly progress: Progress
  /** The rows that this process's runner has at hand. */
  readonly rows?: Caches
}

/** All questions that may be asked of what the log came to. */
export const createReadModels = (options: ReadModelsOptions): ReadModels & Lookups & PushViews => {
  const { db, progress, rows } = options
  const freshness = (): Freshness => ({ position: progress.position(), stale: progress.position() === null })
  const models: ReadModels & Lookups & PushViews = {
    waitFor: (position, timeoutMs) => progress.waitFor(position, timeoutMs),
    freshness,
    ...createTicketQueries(db),
    ...createMessageQueries(db),
    ...createMessageSearch(db),
    ...createContactQueries(db),
    ...createSessionQueries(db),
    ...createPeopleQueries(db),
    ...createDeadLetterQueries(options),
    ...createHistory(options),
    ...createSessionHistory(options),
    ...createUserHistory(options),
    ...createContactHistory(options),
    ...createSessionActivity(db),
    ...createTimeTravel(options),
    ...createLookups(db),
  }
  return rows ? { ...models, ...pushedViews(rows, models) } : models
}
