import { addressOf, streamName, type Address } from '../../eventstore/streams.ts'
import { isId, type CompanyId } from '../../shared/ids.ts'

/**
 * Our reference that travels with a message through the channel where it can: `<type>.<actor id>.<message id>.<attempt>`. It says
 * where the message lives without any look-up; the company is never taken from it but from the session it came by.
 */
export const makeRef = (
  type: 'ticket' | 'conversation',
  id: string,
  messageId: string,
  attempt: number,
): string => `${type}.${id}.${messageId}.${attempt}`

export type MessagePlace = {
  readonly type: 'ticket' | 'conversation'
  readonly id: string
  readonly messageId: string
  /** Which try it was, where the reference says so. */
  readonly attempt?: number
}

export const parseRef = (ref: string): MessagePlace | null => {
  const [type, id, messageId, attempt, ...rest] = ref.split('.')
  if ((type !== 'ticket' && type !== 'conversation') || !id || !messageId || rest.length > 0) return null
  if (!isId(id) || !isId(messageId)) return null
  return attempt !== undefined && /^\d{1,6}$/.test(attempt)
    ? { type, id, messageId, attempt: Number(attempt) }
    : { type, id, messageId }
}

/** The place of a message in a stream of this company. */
export const placeIn = (company: CompanyId, stream: string, messageId: string): MessagePlace | null => {
  const address: Address = addressOf(stream)
  if (address.company !== company || streamName(address) !== stream) return null
  if (address.type !== 'ticket' && address.type !== 'conversation') return null
  return { type: address.type, id: address.id, messageId }
}
