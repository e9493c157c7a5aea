import type { Projection } from './define.ts'
import { idIn } from './place.ts'
import {
  forgotten,
  worded,
  WORDS_COLUMNS,
  wordsHandlers,
  wordsOf,
  WRITTEN,
  type WordsRow,
} from './words-row.ts'

/** The words of a ticket's message, by which it is found. */
export type MessageWords = WordsRow & { readonly ticket_id: string }

export const messageWords: Projection<MessageWords> = {
  table: 'message_words',
  version: 2,
  columns: { ...WORDS_COLUMNS, ticket_id: 'uuid not null' },
  indexes: [
    '(company_id, created_at desc, id desc)',
    '(company_id, ticket_id, created_at desc, id desc)',
    'using gin (words)',
  ],
  creates: WRITTEN,
  keyOf: worded('ticket'),
  spread: forgotten,
  handlers: wordsHandlers((_, fact) => ({ ...wordsOf(fact), ticket_id: idIn('ticket', fact) ?? '' })),
}
