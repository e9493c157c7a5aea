import { addressOf, streamName, type Address } from '../../eventstore/streams.ts'
import { isId, type CompanyId } from '../../shared/ids.ts'

/**
 * Our reference that travels with a message through the channel where it can: `<type>.<actor id>.<message id>`. It says
 * where the message lives without any look-up; the company is never taken from it but from the session it came by.
 */
export const makeRef = (type: 'ticket' | 'conversation', id: string, messageId: string): string =>
  `${type}.${id}.${messageId}`

export type MessagePlace = {
  readonly type: 'ticket' | 'conversation'
  readonly id: string
  readonly messageId: string
}

export const parseRef = (ref: string): MessagePlace | null => {
  const [type, id, messageId, ...rest] = ref.split('.')
  if ((type !== 'ticket' && type !== 'conversation') || !id || !messageId || rest.length > 0) return null
  return isId(id) && isId(messageId) ? { type, id, messageId } : null
}

/** The place of a message in a stream of this company. */
export const placeIn = (company: CompanyId, stream: string, messageId: string): MessagePlace | null => {
  const address: Address = addressOf(stream)
  if (address.company !== company || streamName(address) !== stream) return null
  if (address.type !== 'ticket' && address.type !== 'conversation') return null
  return { type: address.type, id: address.id, messageId }
}
