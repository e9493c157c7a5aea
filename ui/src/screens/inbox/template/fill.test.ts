import { expect, test } from 'vitest'
import { filledIn, guessFor, piecesOf, placesOf } from './fill.ts'

test('numbered places are sent by their number, named ones as they come, each once', () => {
  expect(placesOf({ body: 'Order {{2}} for {{1}}, {{ 2 }}, {{10}}' })).toEqual(['1', '2', '10'])
  expect(placesOf({ body: 'Hi {{name}}, {{order_id}} for {{name}}' })).toEqual(['name', 'order_id'])
  expect(placesOf({ body: 'Nothing here' })).toEqual([])
})

test('the preview shows what was given, and the place where nothing was', () => {
  const template = { body: 'Hi {{1}}, order {{2}}' }
  expect(filledIn(template, { 1: ' Ana ', 2: '' })).toBe('Hi Ana, order {{2}}')
  expect(piecesOf(template, { 1: 'Ana' }).filter(({ place }) => place)).toEqual([
    { text: 'Ana', place: true, filled: true },
    { text: '{{2}}', place: true, filled: false },
  ])
})

test('what is put in is words, whatever it looks like', () => {
  expect(filledIn({ body: '{{1}} {{2}}' }, { 1: '{{2}} $& <b>', 2: 'x' })).toBe('{{2}} $& <b> x')
})

test.each([
  ['first_name', 'Ana Souza', 'Ana'],
  ['nome', 'Ana Souza', 'Ana Souza'],
  ['customer_name', 'Ana Souza', 'Ana Souza'],
  ['product_name', 'Ana Souza', ''],
  ['1', 'Ana Souza', ''],
  ['name', null, ''],
])('for %s of %s: "%s"', (place, contact, guess) => {
  expect(guessFor(place, contact)).toBe(guess)
})
