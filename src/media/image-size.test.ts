import { Jimp } from 'jimp'
import { expect, test } from 'vitest'
import { imageSize } from './image-size.ts'

const picture = new Jimp({ width: 37, height: 21, color: 0x336699ff })
/** An EXIF segment that says nothing but how the camera was held. */
const withOrientation = (jpeg: Buffer, orientation: number, little = false): Buffer => {
  const tiff = Buffer.alloc(26)
  const put = (value: number, at: number) =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
  tiff.write(little ? 'II' : 'MM', 0, 'latin1')
  put(42, 2)
  if (little) tiff.writeUInt32LE(8, 4)
  else tiff.writeUInt32BE(8, 4)
  put(1, 8)
  put(0x0112, 10)
  put(3, 12)
  put(orientation, 18)
  const segment = Buffer.concat([
    Buffer.from([0xff, 0xe1, 0, 2 + 6 + tiff.length]),
    Buffer.from('Exif\0\0'),
    tiff,
  ])
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
}

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

test('what is cut, damaged or none has no size, and throws nothing', async () => {
  const jpeg = withOrientation(await picture.getBuffer('image/jpeg'), 6)
  for (let cut = 0; cut < 60; cut++) expect(imageSize(jpeg.subarray(0, cut))).toBeNull()
  for (let at = 2; at < 60; at++)
    imageSize(Buffer.concat([jpeg.subarray(0, at), Buffer.alloc(9, 0xff), jpeg]))
  expect(imageSize(Buffer.from('hello'))).toBeNull()
})
