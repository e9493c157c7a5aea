import { createContactQueries } from './contacts.ts'
import type { HistorySource } from './history.ts'
import { newestFacts } from './newest-facts.ts'
import { streamOf } from './place.ts'
import type { ReadModels } from './read-models.ts'
import { mayReadContactHistory } from './visibility.ts'

const LIST = 'contact-history'

/** What happened to a contact: names, addresses, who joined it to whom, and why. */
export const createContactHistory = (source: HistorySource): Pick<ReadModels, 'contactHistory'> => {
  const { contact } = createContactQueries(source.db)
  return {
    contactHistory: async (who, contactId, ask) =>
      mayReadContactHistory(who) && (await contact(who, contactId))
        ? newestFacts(source, who, streamOf('contact', who.companyId, contactId), { list: LIST, ask })
        : null,
  }
}
