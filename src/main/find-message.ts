import type { CommandTools } from '../commands/tools.ts'
import { StoreUnavailable, type EventStore } from '../eventstore/port.ts'
import type { Lookups, ReadModels } from '../projections/read-models.ts'

/** How long a command waits for the read models where it has to look something up there. */
export const LOOKUP_WAIT_MS = 2_000

type Tools = Pick<ReadModels, 'waitFor'>

/**
 * What the read models say once they show all of the log. "Not there" would be a guess while they are behind: whoever asks then has
 * to come again. @throws StoreUnavailable
 */
const surely = async <T>(
  { waitFor }: Tools,
  store: Pick<EventStore, 'head'>,
  look: () => Promise<T | null>,
): Promise<T | null> => {
  const found = await look()
  const head = found ? null : await store.head()
  if (found || !head) return found
  if ((await waitFor(head, LOOKUP_WAIT_MS)).stale) throw new StoreUnavailable('the read models are behind')
  return look()
}

/** Where a message is, by the channel's id. @throws StoreUnavailable */
export const messageFinder =
  (
    readModels: Tools & Pick<Lookups, 'messageByProviderId'>,
    store: Pick<EventStore, 'head'>,
  ): CommandTools['messageByProviderId'] =>
  (companyId, sessionId, providerMessageId) =>
    surely(readModels, store, () => readModels.messageByProviderId(companyId, sessionId, providerMessageId))

/** Which ticket a message is in, by its own id. @throws StoreUnavailable */
export const ticketFinder =
  (
    readModels: Tools & Pick<Lookups, 'ticketOfMessage'>,
    store: Pick<EventStore, 'head'>,
  ): CommandTools['ticketOfMessage'] =>
  (companyId, messageId) =>
    surely(readModels, store, () => readModels.ticketOfMessage(companyId, messageId))
