import fc from 'fast-check'
import { expect, test } from 'vitest'
import { searchable, wordsOf } from './search.ts'

/** What the words of a text are by definition, whatever quicker way there is for most texts. */
const plainly = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim()
const wordsPlainly = (text: string): string[] => [
  ...new Set(
    plainly(text)
      .split(/[^\p{L}\p{N}]+/u)
      .flatMap(word => (word === '' ? [] : [word.slice(0, 40)])),
  ),
]

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary-ascii' }),
  fc.string({
    unit: fc.constantFrom('á', 'ç', 'İ', 'K', 'ß', '\u0301', '\u20d0', ' ', '\t', 'Z', '9', '-', '👍🏽'),
  }),
)

test('text is found by the same words, whichever alphabet it is in', () => {
  fc.assert(
    fc.property(texts, text => {
      expect(searchable(text)).toBe(plainly(text))
      expect(wordsOf(text)).toEqual(wordsPlainly(text))
    }),
    { numRuns: 2_000 },
  )
})
