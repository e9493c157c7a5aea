import { imageSize } from './image-size.ts'

/**
 * Whether a decoder may have a picture's bytes: a few of them can claim a size that no memory holds. What a picture says
 * at its beginning is not all: a PNG may name its size again later, and a frame of a GIF may be larger than its screen.
 */
export const isDecodable = (bytes: Buffer, pixelsMax: number): boolean => {
  const size = imageSize(bytes)
  if (!size || size.width * size.height > pixelsMax) return false
  if (bytes[0] === 0x89) return headersIn(bytes) === 1
  if (bytes.toString('latin1', 0, 4) === 'GIF8') return firstFramePixels(bytes) <= pixelsMax
  return bytes[0] === 0xff && bytes[1] === 0xd8
}

const PNG_SIGNATURE_BYTES = 8
/** Length, type and checksum around a chunk's data. */
const CHUNK_FRAME_BYTES = 12

const headersIn = (png: Buffer): number => {
  let headers = 0
  for (let at = PNG_SIGNATURE_BYTES; at + CHUNK_FRAME_BYTES <= png.length;) {
    if (png.toString('latin1', at + 4, at + 8) === 'IHDR') headers++
    at += CHUNK_FRAME_BYTES + png.readUInt32BE(at)
  }
  return headers
}

const EXTENSION = 0x21
const FRAME = 0x2c

/** Of the first frame of a GIF, which alone is decoded; none that can be read: more than any limit. */
const firstFramePixels = (gif: Buffer): number => {
  const flags = gif[10] ?? 0
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  while (gif[at] === EXTENSION) {
    at += 2
    for (let length = gif[at] ?? 0; length > 0; length = gif[at] ?? 0) at += 1 + length
    at += 1
  }
  if (gif[at] !== FRAME || at + 9 > gif.length) return Infinity
  return gif.readUInt16LE(at + 5) * gif.readUInt16LE(at + 7)
}
