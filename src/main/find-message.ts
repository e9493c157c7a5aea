import type { CommandTools } from '../commands/tools.ts'
import { StoreUnavailable, type EventStore } from '../eventstore/port.ts'
import type { Lookups, ReadModels } from '../projections/read-models.ts'

/** How long a command waits for the read models where it has to look something up there. */
export const LOOKUP_WAIT_MS = 2_000

/**
 * Where a message is, by the channel's id. "Not there" would be a guess while the read models are behind: whoever asks
 * then has to come again. @throws StoreUnavailable
 */
export const messageFinder =
  (
    readModels: Pick<ReadModels, 'waitFor'> & Pick<Lookups, 'messageByProviderId'>,
    store: Pick<EventStore, 'head'>,
  ): CommandTools['messageByProviderId'] =>
  async (companyId, sessionId, providerMessageId) => {
    const found = await readModels.messageByProviderId(companyId, sessionId, providerMessageId)
    const head = found ? null : await store.head()
    if (found || !head) return found
    if ((await readModels.waitFor(head, LOOKUP_WAIT_MS)).stale)
      throw new StoreUnavailable('the read models are behind')
    return readModels.messageByProviderId(companyId, sessionId, providerMessageId)
  }
