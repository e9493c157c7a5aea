import { Jimp } from 'jimp'
import { expect, test } from 'vitest'
import { imageSize } from './image-size.ts'
import { withOrientation } from './testing/with-orientation.ts'

const picture = new Jimp({ width: 37, height: 21, color: 0x336699ff })
test.each(['image/png', 'image/jpeg', 'image/gif'] as const)('%s', async mime => {
  expect(imageSize(await picture.getBuffer(mime))).toEqual({ width: 37, height: 21 })
})

test('webp in its three forms', () => {
  const webp = (form: string, body: Buffer) =>
    Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), Buffer.from(form), Buffer.alloc(4), body])
  expect(imageSize(webp('VP8X', Buffer.from([0, 0, 0, 0, 36, 0, 0, 20, 0, 0])))).toEqual({
    width: 37,
    height: 21,
  })
  expect(imageSize(webp('VP8 ', Buffer.from([0, 0, 0, 0x9d, 1, 0x2a, 37, 0, 21, 0])))).toEqual({
    width: 37,
    height: 21,
  })
  const bits = Buffer.alloc(5)
  bits[0] = 0x2f
  bits.writeUInt32LE(36 | (20 << 14), 1)
  expect(imageSize(webp('VP8L', bits))).toEqual({ width: 37, height: 21 })
})

test.each([
  [1, 37, 21],
  [3, 37, 21],
  [6, 21, 37],
  [8, 21, 37],
])('a camera held as %i', async (orientation, width, height) => {
  const jpeg = await picture.getBuffer('image/jpeg')
  expect(imageSize(withOrientation(jpeg, orientation))).toEqual({ width, height })
  expect(imageSize(withOrientation(jpeg, orientation, true))).toEqual({ width, height })
})

test.each([
  ['a mark without a length', [0xff, 0x01]],
  ['a stuffed byte', [0xff, 0x00]],
])('%s, which decoders step over, hides no other size', async (_, mark) => {
  const jpeg = await picture.getBuffer('image/jpeg')
  const frame = jpeg.subarray(jpeg.indexOf(Buffer.from([0xff, 0xc0])))
  // As if the mark had a length, that of what is put before the true frame: another one.
  const other = Buffer.from([...mark, 0, 2 + frame.length])
  expect(imageSize(Buffer.concat([jpeg.subarray(0, 2), other, frame, frame]))).toBeNull()
})

test('a PNG that does not begin with its header has no size', async () => {
  const png = await picture.getBuffer('image/png')
  const hidden = Buffer.concat([png.subarray(0, 8), Buffer.from('0000000074455874', 'hex'), png.subarray(16)])
  expect(imageSize(hidden)).toBeNull()
})

test('what is cut, damaged or none has no size, and throws nothing', async () => {
  const jpeg = withOrientation(await picture.getBuffer('image/jpeg'), 6)
  for (let cut = 0; cut < 60; cut++) expect(imageSize(jpeg.subarray(0, cut))).toBeNull()
  for (let at = 2; at < 60; at++)
    imageSize(Buffer.concat([jpeg.subarray(0, at), Buffer.alloc(9, 0xff), jpeg]))
  expect(imageSize(Buffer.from('hello'))).toBeNull()
})
