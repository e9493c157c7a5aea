import type { Act } from '../act.ts'
import { refused, type Answer, type Refusal } from '../define.ts'
import { recordDelivery } from './delivery.ts'
import { parseRef } from './ref.ts'

/** What this system sent comes back as an echo: it says that the channel has it, and is never a message of its own. */
export const recordEcho = async (
  act: Act,
  ref: string,
  providerMessageId: string,
): Promise<Answer | Refusal> => {
  const place = parseRef(ref)
  if (!place) return refused('invalid', 'The echo carries a reference that is not ours.')
  return recordDelivery(act, place, {
    ack: 'sent',
    providerMessageId,
    at: new Date(act.tools.clock.now()).toISOString(),
  })
}
