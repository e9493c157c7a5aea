/**
 * How text is found. A searched column is a `tsvector` whose lexemes we make ourselves, so that one normalisation
 * serves Postgres and the embedded database and nothing depends on a dictionary or an extension. Every lexeme begins
 * with its tenant: a company's common words make nobody else's search slower.
 */

// Nearly all text is ASCII, or Latin letters with accents, whose marks are one short range: expressions that need no
// table of Unicode's classes look at it several times as fast, and find the same.
const ASCII = /^[\0-\x7f]*$/
const BEFORE_OTHER_MARKS = /^[\0-\u036f]*$/

const withoutMarks = (text: string): string => {
  const apart = text.normalize('NFD')
  return BEFORE_OTHER_MARKS.test(apart) ? apart.replace(/[\u0300-\u036f]/g, '') : apart.replace(/\p{M}/gu, '')
}

/** Without accents and capitals. */
const plain = (text: string): string => (ASCII.test(text) ? text : withoutMarks(text)).toLowerCase()

/** Text as people look for it: without accents, capitals and doubled spaces. */
export const searchable = (text: string): string => plain(text).replace(/\s+/g, ' ').trim()

/** What is longer is found by its beginning. */
const WORD_CHARS_MAX = 40
/** A text with more different words is found by the first of them. */
const WORDS_MAX = 2_000

const wordsIn = (text: string): readonly string[] =>
  text.match(ASCII.test(text) ? /[a-z0-9]+/g : /[\p{L}\p{N}]+/gu) ?? []

/** The different words of a text, as they are looked for. */
export const wordsOf = (text: string): string[] => {
  const words = new Set<string>()
  for (const word of wordsIn(plain(text)).slice(0, WORDS_MAX)) words.add(word.slice(0, WORD_CHARS_MAX))
  return [...words]
}

/** Every ending of a word: looked for by their beginnings, they find any part of it. */
const endings = (word: string): string[] =>
  [...word].map((_, i, all) => all.slice(i).join('')).filter((ending, i) => i === 0 || ending.length > 1)

const TENANT_CHARS = 8
const lexeme = (companyId: string, word: string): string => `'${companyId.slice(0, TENANT_CHARS)}${word}'`

/** A `tsvector`, as text, that finds a text by its words. */
export const wordVector = (companyId: string, text: string): string =>
  wordsOf(text)
    .map(word => lexeme(companyId, word))
    .join(' ')

/** A `tsvector`, as text, that finds names and numbers by any part of their words. */
export const partVector = (companyId: string, texts: readonly string[]): string =>
  [...new Set(texts.flatMap(wordsOf).flatMap(endings))].map(part => lexeme(companyId, part)).join(' ')

/** A `tsquery`, as text: all of these words, each by its beginning. `null`: there is no word in it. */
export const wordQuery = (companyId: string, text: string): string | null =>
  wordsOf(text)
    .map(word => `${lexeme(companyId, word)}:*`)
    .join(' & ') || null

/** Fewer digits than this are a ticket's number or part of a name, not part of a phone number. */
const PHONE_DIGITS_MIN = 3
const NUMBER_MAX = 2 ** 31 - 1

/** The whole numbers that begin with these digits, as ranges. */
const startingWith = (digits: string): (readonly [number, number])[] => {
  const ranges: (readonly [number, number])[] = []
  for (let from = Number(digits), to = from; from > 0 && from <= NUMBER_MAX; from *= 10, to = to * 10 + 9)
    ranges.push([from, Math.min(to, NUMBER_MAX)])
  return ranges
}

/** What a search box's text may mean: parts of a name, part of a phone number, the beginning of a ticket's number. */
export const searchTerms = (
  companyId: string,
  q: string,
): { name: string | null; phone: string | null; numbers: readonly (readonly [number, number])[] } => {
  const digits = q.replace(/\D/g, '')
  const numeric = /^[\d\s()+.#-]+$/.test(q)
  return {
    name: wordQuery(companyId, q),
    phone: numeric && digits.length >= PHONE_DIGITS_MIN ? wordQuery(companyId, digits) : null,
    numbers: /^#?\d+$/.test(q.trim()) ? startingWith(digits) : [],
  }
}
