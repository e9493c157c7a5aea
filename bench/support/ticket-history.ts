import { randomUUID } from 'node:crypto'
import { chainHash, encode } from '../../src/eventstore/codec.ts'
import type { DomainEvent } from '../../src/events/all.ts'
import type { NewEvent } from '../../src/eventstore/port.ts'

const KEY = Buffer.alloc(32, 1)

/** Two messages in for one of ours, which is queued, sent and read. */
const fact = (n: number, ours: { id: string }): DomainEvent => {
  const at = new Date(1_700_000_000_000 + n * 1000).toISOString()
  const userId = '00000000-0000-8000-8000-000000000001'
  if (n === 0)
    return {
      type: 'ticket.opened',
      data: {
        number: 1,
        sessionId: randomUUID(),
        conversationId: randomUUID(),
        contactId: randomUUID(),
        isGroup: false,
        queueId: randomUUID(),
        userId,
        ordinal: 1,
      },
    }
  const step = n % 6
  if (step === 1 || step === 2)
    return {
      type: 'message.received',
      data: {
        messageId: randomUUID(),
        authorId: userId,
        kind: 'text',
        sentAt: at,
        receivedAt: at,
        late: false,
        personal: {
          body: 'A message of usual length, as customers write them.',
          providerMessageId: randomUUID(),
        },
      },
    }
  if (step === 3) {
    ours.id = randomUUID()
    const personal = { body: 'And an answer of usual length.' }
    return {
      type: 'message.queued',
      data: { messageId: ours.id, userId, kind: 'text', deadline: at, personal },
    }
  }
  const messageId = ours.id
  if (step === 4) return { type: 'message.sending', data: { messageId, attempt: 1, fence: '1' } }
  if (step === 5)
    return { type: 'message.sent', data: { messageId, personal: { providerMessageId: messageId } } }
  return { type: 'message.read', data: { messageId, at } }
}

/** A part of a ticket's life as it is stored, from a revision on. */
export const ticketHistory = (
  companyId: string,
  from: number,
  count: number,
  prev = '',
): { readonly events: readonly NewEvent[]; readonly hash: string } => {
  const events: NewEvent[] = []
  const ours = { id: randomUUID() }
  let hash = prev
  for (let n = from; n < from + count; n++) {
    const meta = {
      companyId,
      actor: { kind: 'user' as const, id: '00000000-0000-8000-8000-000000000001' },
      at: new Date(1_700_000_000_000 + n * 1000).toISOString(),
      commandId: randomUUID(),
      correlationId: randomUUID(),
      causationId: randomUUID(),
      subject: '00000000-0000-8000-8000-000000000002',
      prev: hash,
    }
    const event = encode(fact(from === 0 ? n : n - from + 1, ours), randomUUID(), meta, KEY)
    hash = chainHash(event)
    events.push(event)
  }
  return { events, hash }
}
