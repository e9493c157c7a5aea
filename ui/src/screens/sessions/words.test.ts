import { expect, test } from 'vitest'
import { en } from './words/en.ts'
import { es } from './words/es.ts'
import { pt } from './words/pt.ts'

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
