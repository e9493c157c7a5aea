import { THUMBNAILED_PIXELS_MAX, type ThumbnailedMime } from '../shared/thumbnails.ts'
import { imageSize } from './image-size.ts'

const mimeOf = (bytes: Buffer): ThumbnailedMime | null => {
  if (bytes[0] === 0x89) return 'image/png'
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg'
  const four = bytes.toString('latin1', 0, 4)
  return four === 'GIF8' ? 'image/gif' : four === 'RIFF' ? 'image/webp' : null
}

/**
 * As what a decoder may have a picture's bytes, `null`: it may not. A few bytes can claim a size that no memory holds, and
 * what a picture says at its beginning is not all: a PNG may name its size again later, and a frame of a GIF may be larger
 * than its screen. What moves in WebP is left whole: the decoder at hand takes stills.
 */
export const decodableAs = (bytes: Buffer): ThumbnailedMime | null => {
  const mime = mimeOf(bytes)
  const size = imageSize(bytes)
  if (!mime || !size || size.width * size.height > THUMBNAILED_PIXELS_MAX[mime]) return null
  const fine = {
    'image/jpeg': () => true,
    'image/png': () => headersIn(bytes) === 1,
    'image/gif': () => firstFramePixels(bytes) <= THUMBNAILED_PIXELS_MAX['image/gif'],
    'image/webp': () => !isAnimatedWebp(bytes),
  } satisfies Record<ThumbnailedMime, () => boolean>
  return fine[mime]() ? mime : null
}

const isAnimatedWebp = (webp: Buffer): boolean =>
  webp.toString('latin1', 12, 16) === 'VP8X' && ((webp[20] ?? 0) & 0x02) !== 0

const PNG_SIGNATURE_BYTES = 8
/** Length, type and checksum around a chunk's data. */
const CHUNK_FRAME_BYTES = 12
/** `IHDR`, as a number: there may be a million chunks. */
const HEADER = 0x49484452

const headersIn = (png: Buffer): number => {
  let headers = 0
  for (let at = PNG_SIGNATURE_BYTES; at + CHUNK_FRAME_BYTES <= png.length;) {
    if (png.readUInt32BE(at + 4) === HEADER) headers++
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
