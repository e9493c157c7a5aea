import { expect, test } from 'vitest'
import { en } from './en.ts'
import { es } from './es.ts'
import { guessLocale } from './index.ts'
import { pt } from './pt.ts'

const names = (text: string): string[] =>
  [...text.matchAll(/\{\{ (\w+) \}\}/g)].map(match => match[1] ?? '').sort()

test.each([
  ['pt', pt],
  ['es', es],
])('every text of %s is there and names what the English one names', (_, words) => {
  expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort())
  for (const [key, text] of Object.entries(en)) {
    const theirs = words[key as keyof typeof en]
    expect(theirs.trim(), key).not.toBe('')
    expect(names(theirs), key).toEqual(names(text))
  }
})

test.each([
  [['pt-PT', 'en'], 'pt-BR'],
  [['en-GB'], 'en'],
  [['de-DE', 'es-419'], 'es'],
  [['ja'], 'pt-BR'],
  [[], 'pt-BR'],
])('a browser that asks for %j reads %s', (asked, locale) => {
  expect(guessLocale(asked)).toBe(locale)
})
