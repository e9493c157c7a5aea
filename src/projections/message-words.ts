import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import type { RecordedEvent } from '../events/all.ts'
import { ERASURES, ignoring, inSql, instant, type Projection } from './define.ts'
import { idIn, idOf } from './place.ts'
import { wordVector } from './search.ts'

/**
 * The words of a ticket's message, by which it is found. Apart from the message itself, which changes with every
 * acknowledgement: an index of words is dear to change, and words hardly ever do.
 */
export type MessageWords = {
  readonly company_id: string
  /** The message's. */
  readonly id: string
  readonly ticket_id: string
  /** The contact with whose key the message is sealed; forgotten with them. */
  readonly subject_id: string | null
  readonly words: string
  readonly created_at: string
}

export type WrittenFact = Extract<
  RecordedEvent,
  { type: 'message.received' | 'message.mirrored' | 'message.queued' }
>

const written = (_: MessageWords | undefined, fact: WrittenFact): MessageWords => ({
  company_id: fact.meta.companyId,
  id: fact.data.messageId,
  ticket_id: idIn('ticket', fact) ?? '',
  subject_id: fact.meta.subject ?? null,
  words: wordVector(fact.meta.companyId, fact.data.personal?.body ?? ''),
  created_at: instant(fact.type === 'message.queued' ? fact.meta.at : fact.data.receivedAt),
})

const said = (
  row: MessageWords | undefined,
  { data }: Extract<RecordedEvent, { type: 'message.deciphered' | 'message.edited' }>,
): MessageWords | undefined => row && { ...row, words: wordVector(row.company_id, data.personal?.body ?? '') }

const SAYS = new Set([
  'message.received',
  'message.mirrored',
  'message.queued',
  'message.deciphered',
  'message.edited',
])

/** Whether the fact gives a message words. */
export const saysWords = ({ type }: Pick<RecordedEvent, 'type'>): boolean => SAYS.has(type)

export const messageWords: Projection<MessageWords> = {
  table: 'message_words',
  version: 2,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    ticket_id: 'uuid not null',
    subject_id: 'uuid',
    words: 'tsvector not null',
    created_at: 'text collate "C" not null',
  },
  indexes: [
    '(company_id, created_at desc, id desc)',
    '(company_id, ticket_id, created_at desc, id desc)',
    'using gin (words)',
  ],
  creates: ['message.received', 'message.mirrored', 'message.queued'],
  // Acknowledgements and the like are not even looked up.
  keyOf: fact =>
    saysWords(fact) && 'messageId' in fact.data && idIn('ticket', fact) ? fact.data.messageId : null,
  // Looked for without an index: each message would pay for it, and a person is seldom erased.
  spread: {
    types: ERASURES,
    matches: (row, { stream }) => row.subject_id === idOf(stream),
    where: ({ stream }) => `t.subject_id = ${inSql(idOf(stream))}`,
  },
  handlers: {
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    'contact.erased': () => undefined,
    'contact.erasureCompleted': () => undefined,
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    ...ignoring(auditEvents),
    'message.received': written,
    'message.mirrored': written,
    'message.queued': written,
    'message.deciphered': said,
    'message.edited': said,
  },
}
