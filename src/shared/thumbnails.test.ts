import { expect, test } from 'vitest'
import { hasThumbnail } from './thumbnails.ts'

const photo = { mime: 'image/jpeg', size: 200_000, width: 1600, height: 1200 }

test.each([
  ['a photo', {}, true],
  ['a picture with a long side', { width: 4000, height: 60 }, true],
  ['one that is small anyway', { width: 320, height: 320 }, false],
  ['one of few bytes', { size: 5_000 }, false],
  ['a photo as telephones take them', { size: 4_000_000, width: 5712, height: 4284 }, true],
  ['one in WebP', { mime: 'image/webp' }, true],
  ['one of too many pixels', { width: 8160, height: 6120 }, false],
  ['one of too many pixels for its form', { mime: 'image/png', width: 5712, height: 4284 }, false],
  ['one of too many bytes', { size: 17 * 1024 * 1024 }, false],
  ['one of which no size is known', { width: undefined }, false],
  ['one that was never stored', { size: null }, false],
  ['a form that is not decoded here', { mime: 'image/heic' }, false],
  ['no picture', { mime: 'video/mp4' }, false],
])('%s', (_, change, has) => {
  expect(hasThumbnail({ ...photo, ...change })).toBe(has)
})
