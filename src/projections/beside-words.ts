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

/**
 * The words of what a conversation holds beside all tickets: what was said before its number was linked, most of it. Apart from
 * the words of tickets, so that a company without such a past pays nothing for it, and one with a long past finds what is new as
 * quickly as before.
 */
export type BesideWords = WordsRow & { readonly conversation_id: string }

export const besideWords: Projection<BesideWords> = {
  table: 'beside_words',
  version: 2,
  columns: { ...WORDS_COLUMNS, conversation_id: 'uuid not null' },
  indexes: ['(company_id, created_at desc, id desc)', '(company_id, conversation_id)', 'using gin (words)'],
  creates: WRITTEN,
  keyOf: worded('conversation'),
  spread: forgotten,
  handlers: wordsHandlers((_, fact) => {
    const said = wordsOf(fact)
    // What says nothing is not looked for; what could not be opened may say something later.
    return said.words === '' && fact.data.kind !== 'undecryptable'
      ? undefined
      : { ...said, conversation_id: idIn('conversation', fact) ?? '' }
  }),
}
