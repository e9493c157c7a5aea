import { createContactQueries } from './contacts.ts'
import { createDeadLetterQueries } from './dead-letters.ts'
import { createHistory, type HistorySource } from './history.ts'
import { createLookups } from './lookups.ts'
import { createMessageQueries } from './messages.ts'
import { createPeopleQueries } from './people.ts'
import type { Progress } from './progress.ts'
import type { Freshness, Lookups, PushViews, ReadModels } from './read-models.ts'
import { createSessionQueries } from './sessions.ts'
import { createTicketQueries } from './tickets.ts'
import { createTimeTravel } from './time-travel.ts'

export type ReadModelsOptions = HistorySource & { readonly progress: Progress }

/** All questions that may be asked of what the log came to. */
export const createReadModels = (options: ReadModelsOptions): ReadModels & Lookups & PushViews => {
  const { db, progress } = options
  const freshness = (): Freshness => ({ position: progress.position(), stale: progress.position() === null })
  return {
    waitFor: (position, timeoutMs) => progress.waitFor(position, timeoutMs),
    freshness,
    ...createTicketQueries(db),
    ...createMessageQueries(db),
    ...createContactQueries(db),
    ...createSessionQueries(db),
    ...createPeopleQueries(db),
    ...createDeadLetterQueries(options),
    ...createHistory(options),
    ...createTimeTravel(options),
    ...createLookups(db),
  }
}
