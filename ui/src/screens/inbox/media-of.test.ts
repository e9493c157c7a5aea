import { expect, test } from 'vitest'
import { boxOf, cardsIn, choicesIn, mapLink, placeIn, playTime, type MediaOf } from './media-of.ts'

const media = (change: Partial<MediaOf>): MediaOf => ({
  url: null,
  mime: 'image/jpeg',
  size: 1,
  name: null,
  thumbnailUrl: null,
  tooLarge: false,
  error: null,
  ...change,
})

test.each([
  [4000, 3000, { width: 288, height: 216 }],
  [3000, 4000, { width: 270, height: 360 }],
  [200, 100, { width: 200, height: 100 }],
  // Very long ones stay large enough to be pressed.
  [10_000, 100, { width: 288, height: 96 }],
  [1, 1, { width: 96, height: 96 }],
] as const)('a picture of %i × %i has its shape inside the bubble', (width, height, box) => {
  expect(boxOf(media({ width, height }), false)).toEqual(box)
})

test('a sticker is small even where nothing is known of it; a picture then has no box of its own', () => {
  expect(boxOf(media({}), true)).toEqual({ width: 160, height: 160 })
  expect(boxOf(media({ width: 512, height: 512 }), true)).toEqual({ width: 160, height: 160 })
  expect(boxOf(media({}), false)).toBeNull()
})

test('times as players write them', () => {
  expect([0, 5.4, 59.6, 61, 600].map(playTime)).toEqual(['0:00', '0:05', '1:00', '1:01', '10:00'])
})

test('a place leads to a map; what is none leads nowhere', () => {
  const place = placeIn({ latitude: -23.5, longitude: -46.6, name: 'Loja', address: '' })
  expect(place).toEqual({ latitude: -23.5, longitude: -46.6, name: 'Loja' })
  expect(mapLink(place!)).toContain('mlat=-23.5&mlon=-46.6')
  for (const none of [null, undefined, [], 'x', { latitude: '1', longitude: 2 }])
    expect(placeIn(none)).toBeNull()
})

test('cards of our own channels and of Meta; anything else is left to the words', () => {
  const ana = { name: 'Ana', phones: ['5511'] }
  expect(cardsIn({ cards: [ana] })).toEqual([ana])
  expect(cardsIn([{ name: { formatted_name: 'Ana' }, phones: [{ phone: '5511' }, {}] }])).toEqual([ana])
  for (const none of [null, {}, 'x', [{}], { cards: 3 }]) expect(cardsIn(none)).toEqual([])
})

test('choices that we offered; what a customer chose, and anything else, are none', () => {
  expect(choicesIn({ type: 'buttons', buttons: [{ id: '1', title: 'Yes' }, { id: '2' }] })).toEqual({
    opensBy: null,
    groups: [{ title: null, choices: [{ title: 'Yes' }] }],
  })
  const rows = [{ id: '1', title: 'Morning', description: '8 to 12' }]
  const sections = [
    { title: 'Monday', rows },
    { title: 'Tuesday', rows: [] },
  ]
  expect(choicesIn({ type: 'list', button: 'Times', sections })).toEqual({
    opensBy: 'Times',
    groups: [{ title: 'Monday', choices: [{ title: 'Morning', description: '8 to 12' }] }],
  })
  const none = [null, 'x', {}, { type: 'button_reply', id: '1', title: 'Yes' }, { type: 'list', sections: 3 }]
  for (const one of none) expect(choicesIn(one)).toBeNull()
})
