import { expect, test } from 'vitest'
import * as choices from './choices/words/en.ts'
import * as choicesEs from './choices/words/es.ts'
import * as choicesPt from './choices/words/pt.ts'
import * as message from './message/words/en.ts'
import * as messageEs from './message/words/es.ts'
import * as messagePt from './message/words/pt.ts'
import * as template from './template/words/en.ts'
import * as templateEs from './template/words/es.ts'
import * as templatePt from './template/words/pt.ts'

const names = (text: string): string[] =>
  [...text.matchAll(/\{\{ (\w+) \}\}/g)].map(match => match[1] ?? '').sort()

test.each([
  ['choices, pt', choices.en, choicesPt.pt],
  ['choices, es', choices.en, choicesEs.es],
  ['what is done to messages, pt', message.en, messagePt.pt],
  ['what is done to messages, es', message.en, messageEs.es],
  ['templates, pt', template.en, templatePt.pt],
  ['templates, es', template.en, templateEs.es],
])('every text is there and names what the English one names: %s', (_, en, words) => {
  expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort())
  for (const [key, text] of Object.entries(en)) {
    const theirs = (words as Record<string, string>)[key] ?? ''
    expect(theirs.trim(), key).not.toBe('')
    expect(names(theirs), key).toEqual(names(text))
  }
})
