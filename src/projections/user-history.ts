import type { HistorySource } from './history.ts'
import { newestFacts } from './newest-facts.ts'
import { createPeopleQueries } from './people.ts'
import { streamOf } from './place.ts'
import type { ReadModels } from './read-models.ts'
import { mayReadUserHistory } from './visibility.ts'

const LIST = 'user-history'

/** What was done to a user's account, and the files of theirs that were turned away. */
export const createUserHistory = (source: HistorySource): Pick<ReadModels, 'userHistory'> => {
  const { user } = createPeopleQueries(source.db)
  return {
    userHistory: async (who, userId, ask) =>
      mayReadUserHistory(who) && (await user(who, userId))
        ? newestFacts(source, who, streamOf('user', who.companyId, userId), { list: LIST, ask })
        : null,
  }
}
