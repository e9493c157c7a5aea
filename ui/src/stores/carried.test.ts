import { expect, test } from 'vitest'
import { capabilities } from '../testing/samples.ts'
import { carriedAs, carriesFiles } from './carried.ts'

const MEGABYTE = 1024 * 1024
const can = capabilities({
  kinds: ['text', 'image', 'document', 'audio'],
  mediaBytesMax: { image: 5 * MEGABYTE, document: 50 * MEGABYTE },
  mediaTypes: {
    image: ['image/jpeg', 'image/png'],
    audio: ['audio/*'],
    document: ['application/pdf', 'image/*'],
  },
})

test.each([
  ['image/png', 1, { kind: 'image' }],
  ['audio/ogg; codecs=opus', 1, { kind: 'audio' }],
  // What is no picture to the channel, or too large for one, still goes as a document.
  ['image/webp', 1, { kind: 'document' }],
  ['image/png', 6 * MEGABYTE, { kind: 'document' }],
  ['image/png', 60 * MEGABYTE, { what: 'size', kind: 'image', max: 5 * MEGABYTE }],
  // Where the channel knows no limit, the company's is asked for.
  ['audio/mpeg', 500 * MEGABYTE, { kind: 'audio' }],
  ['video/mp4', 1, { what: 'kind', kind: 'video' }],
  ['application/zip', 1, { what: 'type', kind: 'document' }],
  // A type that the browser does not know is judged by the bytes, at the server.
  ['', 1, { kind: 'document' }],
])('%s of %i bytes', (mime, size, expected) => {
  expect(carriedAs(can, { mime, size })).toEqual(expected)
})

test('where no file is carried, none is offered', () => {
  expect(carriesFiles(can)).toBe(true)
  expect(carriesFiles(capabilities({ kinds: ['text', 'reaction'] }))).toBe(false)
  expect(carriesFiles(undefined)).toBe(false)
})
