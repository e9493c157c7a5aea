import type { DeliveryStatus, InboundItem } from '../provider.ts'
import type { Entry } from './entry.ts'

/** What WhatsApp calls how far a message got; what is not here says nothing of that (retries, history, own devices). */
const ACK_OF: Readonly<Record<string, DeliveryStatus['ack']>> = {
  '': 'delivered',
  delivery: 'delivered',
  inactive: 'delivered',
  read: 'read',
  'read-self': 'read',
  played: 'played',
  'played-self': 'played',
}

const TIME_MS_MAX = 8.64e15
/** Of a time that is none, the beginning of all times: a `Date` of it would throw. */
export const isoAt = (ms: number): string => new Date(Math.abs(ms) <= TIME_MS_MAX ? ms : 0).toISOString()

type Receipt = Extract<Entry, { kind: 'receipt' }>

export const ackOfReceipt = (attrs: Receipt['attrs']): DeliveryStatus['ack'] | null => {
  // Of our own other devices: that somebody of the company read it says nothing of the customer.
  if (attrs['recipient'] !== undefined || attrs['type']?.endsWith('-self')) return null
  return ACK_OF[attrs['type'] ?? ''] ?? null
}

export const parseReceipt = async (
  { attrs, ids }: Receipt,
  tools: { refOf(providerMessageId: string): Promise<string | null> },
): Promise<InboundItem[]> => {
  const ack = ackOfReceipt(attrs)
  if (!ack) return []
  const at = isoAt(Number(attrs['t'] ?? 0) * 1_000)
  const items: InboundItem[] = []
  for (const providerMessageId of ids) {
    const ref = await tools.refOf(providerMessageId)
    items.push({ item: 'status', status: { providerMessageId, ack, at, ...(ref ? { ref } : {}) } })
  }
  return items
}
