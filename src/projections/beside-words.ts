import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ERASURES, ignoring, inSql, instant, type Projection } from './define.ts'
import { saysWords, type WrittenFact } from './message-words.ts'
import { idIn, idOf } from './place.ts'
import { wordVector } from './search.ts'

/**
 * The words of what a conversation holds beside all tickets: what was said before its number was linked, most of it. Apart from
 * the words of tickets, so that a company without such a past pays nothing for it, and one with a long past finds what is new as
 * quickly as before.
 */
export type BesideWords = {
  readonly company_id: string
  /** The message's. */
  readonly id: string
  readonly conversation_id: string
  /** The contact with whose key the message is sealed; forgotten with them. */
  readonly subject_id: string | null
  readonly words: string
  readonly created_at: string
}

const timeOf = (fact: WrittenFact): string => {
  if (fact.type === 'message.queued') return instant(fact.meta.at)
  return instant(fact.data.history ? fact.data.sentAt : fact.data.receivedAt)
}

/** What says nothing is not looked for. */
const written = (_: BesideWords | undefined, fact: WrittenFact): BesideWords | undefined => {
  const words = wordVector(fact.meta.companyId, fact.data.personal?.body ?? '')
  if (words === '') return undefined
  return {
    company_id: fact.meta.companyId,
    id: fact.data.messageId,
    conversation_id: idIn('conversation', fact) ?? '',
    subject_id: fact.meta.subject ?? null,
    words,
    created_at: timeOf(fact),
  }
}

export const besideWords: Projection<BesideWords> = {
  table: 'beside_words',
  version: 1,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    conversation_id: 'uuid not null',
    subject_id: 'uuid',
    words: 'tsvector not null',
    created_at: 'text collate "C" not null',
  },
  indexes: ['(company_id, created_at desc, id desc)', 'using gin (words)'],
  creates: ['message.received', 'message.mirrored', 'message.queued'],
  keyOf: fact =>
    saysWords(fact) && 'messageId' in fact.data && idIn('conversation', fact) ? fact.data.messageId : null,
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
    'message.edited': (row, { data }) =>
      row && { ...row, words: wordVector(row.company_id, data.personal?.body ?? '') },
  },
}
