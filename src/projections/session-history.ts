import { isUuid } from './asked.ts'
import type { HistorySource } from './history.ts'
import { newestFacts } from './newest-facts.ts'
import { streamOf } from './place.ts'
import type { ReadModels } from './read-models.ts'
import { createSessionQueries } from './sessions.ts'
import { mayReadSessionHistory } from './visibility.ts'

const LIST = 'session-history'

/** What happened to a channel: how it went down, when, why, and who had it meanwhile. */
export const createSessionHistory = (source: HistorySource): Pick<ReadModels, 'sessionHistory'> => {
  const { session } = createSessionQueries(source.db)
  return {
    sessionHistory: async (who, sessionId, ask) =>
      mayReadSessionHistory(who) && isUuid(sessionId) && (await session(who, sessionId))
        ? newestFacts(source, who, streamOf('session', who.companyId, sessionId), { list: LIST, ask })
        : null,
  }
}
