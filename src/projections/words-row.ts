import type { RecordedEvent, RecordedOf } from '../events/all.ts'
import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { ERASURES, ignoring, inSql, instant, type Handlers, type Spread } from './define.ts'
import { idIn, idOf } from './place.ts'
import { wordVector } from './search.ts'

/**
 * What every table of words has in common. Words are apart from the messages themselves, which change with every
 * acknowledgement: an index of words is dear to change, and words hardly ever do.
 */
export type WordsRow = {
  readonly company_id: string
  /** The message's. */
  readonly id: string
  /** The contact with whose key the message is sealed; forgotten with them. */
  readonly subject_id: string | null
  readonly words: string
  readonly created_at: string
}

export const WORDS_COLUMNS = {
  company_id: 'uuid not null',
  id: 'uuid not null',
  subject_id: 'uuid',
  words: 'tsvector not null',
  created_at: 'text collate "C" not null',
} as const satisfies { [C in keyof WordsRow]: string }

type Written = 'message.received' | 'message.mirrored' | 'message.queued'
export type WrittenFact = RecordedOf<Written>
export const WRITTEN = ['message.received', 'message.mirrored', 'message.queued'] as const satisfies Written[]
const SAYS: ReadonlySet<string> = new Set([...WRITTEN, 'message.deciphered', 'message.edited'])

const timeOf = (fact: WrittenFact): string => {
  if (fact.type === 'message.queued') return instant(fact.meta.at)
  return instant(fact.data.history ? fact.data.sentAt : fact.data.receivedAt)
}

export const wordsOf = (fact: WrittenFact): WordsRow => ({
  company_id: fact.meta.companyId,
  id: fact.data.messageId,
  subject_id: fact.meta.subject ?? null,
  words: wordVector(fact.meta.companyId, fact.data.personal?.body ?? ''),
  created_at: timeOf(fact),
})

/** The message that the fact gives words where it stands in such a place. Acknowledgements and the like are not even looked up. */
export const worded =
  (place: 'ticket' | 'conversation') =>
  (fact: RecordedEvent): string | null =>
    SAYS.has(fact.type) && 'messageId' in fact.data && idIn(place, fact) ? fact.data.messageId : null

/** Looked for without an index: each message would pay for it, and a person is seldom erased. */
export const forgotten: Spread<WordsRow> = {
  types: ERASURES,
  matches: (row, { stream }) => row.subject_id === idOf(stream),
  where: ({ stream }) => `t.subject_id = ${inSql(idOf(stream))}`,
}

export const wordsHandlers = <Row extends WordsRow>(
  written: (row: Row | undefined, fact: WrittenFact) => Row | undefined,
): Handlers<Row> => {
  const said = (
    row: Row | undefined,
    { data }: RecordedOf<'message.deciphered' | 'message.edited'>,
  ): Row | undefined => row && { ...row, words: wordVector(row.company_id, data.personal?.body ?? '') }
  return {
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
  }
}
