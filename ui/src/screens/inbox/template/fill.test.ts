import { expect, test } from 'vitest'
import type { Template } from '../../../api/index.ts'
import {
  filledIn,
  finished,
  guessFor,
  piecesOf,
  placesOf,
  pointIn,
  tooLong,
  wantsOf,
  wrongWith,
  type Want,
} from './fill.ts'

test('numbered places are sent by their number, named ones as they come, each once', () => {
  expect(placesOf('Order {{2}} for {{1}}, {{ 2 }}, {{10}}')).toEqual(['1', '2', '10'])
  expect(placesOf('Hi {{name}}, {{order_id}} for {{name}}')).toEqual(['name', 'order_id'])
  expect(placesOf('Nothing here')).toEqual([])
})

test('the preview shows what was given, and the place where nothing was', () => {
  const template = 'Hi {{1}}, order {{2}}'
  expect(filledIn(template, { 1: ' Ana ', 2: '' })).toBe('Hi Ana, order {{2}}')
  expect(piecesOf(template, { 1: 'Ana' }).filter(({ place }) => place)).toEqual([
    { text: 'Ana', place: true, filled: true },
    { text: '{{2}}', place: true, filled: false },
  ])
})

test('what is put in is words, whatever it looks like', () => {
  expect(filledIn('{{1}} {{2}}', { 1: '{{2}} $& <b>', 2: 'x' })).toBe('{{2}} $& <b> x')
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

const template = (more: Partial<Template>): Template => ({
  ...{ name: 'one', language: 'en', category: 'utility', status: 'approved', body: 'Hi {{1}}', places: 1 },
  ...more,
})
const asked = (more: Partial<Template>) => wantsOf(template(more)).map(({ id, kind, max }) => [id, kind, max])

test('a template asks for exactly what it needs, in its order', () => {
  expect(
    asked({
      header: { type: 'text', text: 'For {{1}}' },
      buttons: [
        { type: 'url', text: 'Fixed', value: 'https://example.com' },
        { type: 'url', text: 'Track', value: 'https://example.com/{{1}}' },
        { type: 'copy-code', text: 'Copy' },
        { type: 'phone', text: 'Call', value: '+1' },
        { type: 'quick-reply', text: 'Thanks' },
        { type: 'flow', text: 'Book' },
      ],
    }),
  ).toEqual([
    ['header:1', 'text', 60],
    ['body:1', 'text', 1024],
    ['button:1', 'suffix', 1975],
    ['button:2', 'code', 15],
  ])
  expect(asked({ header: { type: 'image' }, body: 'Hi' })).toEqual([])
  expect(asked({ header: { type: 'location' }, body: 'Hi' }).map(([id]) => id)).toEqual([
    'point',
    'point-name',
    'point-address',
  ])
})

test('a code for logging in is asked for once, and stands in the words and the button', () => {
  const login = template({ body: '{{1}} is your code', buttons: [{ type: 'otp', text: 'Copy code' }] })
  expect(wantsOf(login).map(({ id, kind, max }) => [id, kind, max])).toEqual([['body:1', 'code', 15]])
  expect(finished(login, { 'body:1': ' 1234 ' })).toEqual({
    body: '1234 is your code',
    template: {
      ...{ name: 'one', language: 'en', parameters: ['1234'] },
      buttons: [{ type: 'otp', text: 'Copy code', parameter: '1234' }],
    },
  })
})

test('the finished message says each part as the customer sees it, with what fills it', () => {
  const sale = template({
    header: { type: 'text', text: 'For {{first_name}}' },
    footer: 'Fio',
    buttons: [
      { type: 'url', text: 'Track', value: 'https://example.com/{{1}}' },
      { type: 'phone', text: 'Call', value: '+1' },
    ],
  })
  const given = { 'header:first_name': 'Ana', 'body:1': 'Bia', 'button:0': '4711' }
  expect(finished(sale, given)).toEqual({
    body: 'Hi Bia',
    template: {
      ...{ name: 'one', language: 'en', parameters: ['Bia'], footer: 'Fio' },
      header: { type: 'text', text: 'For Ana', parameter: 'Ana' },
      buttons: [
        { type: 'url', text: 'Track', value: 'https://example.com/4711', parameter: '4711' },
        { type: 'phone', text: 'Call', value: '+1' },
      ],
    },
  })
  const place = template({ header: { type: 'location' } })
  const at = { point: '-23.5505, -46.6333', 'point-name': 'Sé', 'point-address': 'Praça', 'body:1': 'Ana' }
  expect(finished(place, at).template.header).toEqual({
    ...{ type: 'location', latitude: -23.5505, longitude: -46.6333, name: 'Sé', address: 'Praça' },
  })
})

test.each([
  ['text', '', 'missing'],
  ['text', 'x'.repeat(21), 'long'],
  ['text', 'a     b', 'spaces'],
  ['text', 'a    b', null],
  ['suffix', 'a b', 'gaps'],
  ['suffix', 'a/b', null],
  ['point', 'here', 'point'],
  ['point', '-23.55, -46.63', null],
] as const)('in a %s, "%s" is %s', (kind, value, wrong) => {
  const want: Want = { id: 'one', part: 'body', kind, about: '1', max: 20 }
  expect(wrongWith(want, { one: value })).toBe(wrong)
})

test('finished texts that are longer than Meta takes are noticed; words alone may be longer', () => {
  const header = template({ header: { type: 'text', text: `${'x'.repeat(50)}{{1}}` } })
  expect(tooLong(header, { 'header:1': 'y'.repeat(10) })).toBeNull()
  expect(tooLong(header, { 'header:1': 'y'.repeat(11) })).toEqual({ part: 'header', max: 60 })
  const given = { 'body:1': 'y'.repeat(1022) }
  expect(tooLong(template({ footer: 'Fio' }), given)).toEqual({ part: 'body', max: 1024 })
  expect(tooLong(template({}), given)).toBeNull()
})

test.each([
  ['-23.5505, -46.6333', { latitude: -23.5505, longitude: -46.6333 }],
  ['https://www.google.com/maps/@-23.5505,-46.6333,15z', { latitude: -23.5505, longitude: -46.6333 }],
  ['https://maps.google.com/?q=-23.5505%2C-46.6333', { latitude: -23.5505, longitude: -46.6333 }],
  ['https://www.openstreetmap.org/#map=17/40.4168/-3.7038', { latitude: 40.4168, longitude: -3.7038 }],
  ['Rua 12, 34', null],
  ['-93.5, -46.6', null],
  ['23.5, 181.6', null],
])('the place in "%s"', (text, point) => {
  expect(pointIn(text)).toEqual(point)
})
