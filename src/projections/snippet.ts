import { searchable, wordsOf } from './search.ts'

const BEFORE_CHARS_MAX = 40
export const SNIPPET_CHARS_MAX = 160

/** The words of a text with where each begins. */
const wordsIn = (text: string): { readonly word: string; readonly at: number }[] =>
  [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map(({ 0: word, index: at }) => ({ word: searchable(word), at }))

/** The line of a message in which a search found it: one line, from a little before the first hit. */
export const snippetOf = (body: string, q: string): string => {
  const asked = wordsOf(q)
  const hit = wordsIn(body).find(({ word }) => asked.some(one => word.startsWith(one)))?.at ?? 0
  const space = body.lastIndexOf(' ', Math.max(0, hit - BEFORE_CHARS_MAX))
  const from = hit > BEFORE_CHARS_MAX ? space + 1 : 0
  const cut = [...body.slice(from, from + 2 * SNIPPET_CHARS_MAX)].slice(0, SNIPPET_CHARS_MAX).join('')
  const line = cut.replace(/\s+/g, ' ').trim()
  return `${from > 0 ? '… ' : ''}${line}${from + cut.length < body.length ? ' …' : ''}`
}
