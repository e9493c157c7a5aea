import { boundedMap } from '../../shared/bounded-map.ts'
import type { Entry } from './deliveries.ts'
import { SimulatorFault } from './fault.ts'
import type { inboundItem } from './inbound-item.ts'
import { addressText } from './party.ts'

/**
 * Who waits for which message to be acknowledged. The same id while it is still on its way is the same message; the same
 * id after it was acknowledged is delivered again, because it is for the engine, not for the network, to know it.
 */
export type Accepted = { readonly messageId: string; readonly duplicate: boolean }

/** What may wait for a link; more is refused, so that a session that nobody starts cannot fill the memory. */
const WAITING_MAX = 100_000
const REMEMBERED_MAX = 20_000

type Pending = { readonly waiters: Set<() => void> }

export const createInboundBook = (deliver: (entry: Entry) => void) => {
  const pending = new Map<string, Pending>()
  const known = boundedMap<true>(REMEMBERED_MAX)

  const acknowledged = (key: string, entry: Pending) => () => {
    pending.delete(key)
    known.set(key, true)
    for (const waiter of entry.waiters) waiter()
  }

  return {
    /** `done` is called when the engine has acknowledged it. Answers how to stop waiting. @throws SimulatorFault */
    add(item: ReturnType<typeof inboundItem>, done: (accepted: Accepted) => void): () => void {
      if (pending.size >= WAITING_MAX)
        throw new SimulatorFault('queue-full', 'too many messages wait for the session')
      const { chat, author, providerMessageId: messageId } = item.message
      const lane = addressText(chat.addresses[0]!)
      const key = JSON.stringify([lane, author.addresses.map(addressText), messageId])
      const earlier = pending.get(key)
      const answer = { messageId, duplicate: known.has(key) || (earlier?.waiters.size ?? 0) > 0 }
      const waiter = () => done(answer)
      const entry = earlier ?? { waiters: new Set() }
      entry.waiters.add(waiter)
      if (!earlier) {
        pending.set(key, entry)
        deliver({ lane, item, late: false, acknowledged: acknowledged(key, entry) })
      }
      return () => entry.waiters.delete(waiter)
    },
  }
}
