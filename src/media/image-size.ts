/**
 * How large a picture is as it is seen, from the beginning of its bytes and without decoding it: a screen makes room for
 * it, and what would be too large to decode is never tried. `null`: no picture that is known here, or cut too soon.
 */
export type ImageSize = { readonly width: number; readonly height: number }

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

const pngSize = (b: Buffer): ImageSize | null =>
  b.toString('latin1', 12, 16) === 'IHDR' ? { width: b.readUInt32BE(16), height: b.readUInt32BE(20) } : null
const gifSize = (b: Buffer): ImageSize => ({ width: b.readUInt16LE(6), height: b.readUInt16LE(8) })

const webpSize = (b: Buffer): ImageSize | null => {
  switch (b.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: b.readUIntLE(24, 3) + 1, height: b.readUIntLE(27, 3) + 1 }
    case 'VP8 ':
      return { width: b.readUInt16LE(26) & 0x3fff, height: b.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = b.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    default:
      return null
  }
}

const ORIENTATION = 0x0112
/** Whether the picture was taken with the camera on its side, by its EXIF segment. */
const isTurned = (exif: Buffer): boolean => {
  const tiff = exif.subarray(6)
  const little = tiff.toString('latin1', 0, 2) === 'II'
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const long = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  const directory = long(4)
  const entries = short(directory)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12
    if (short(entry) === ORIENTATION) return short(entry + 8) >= 5
  }
  return false
}

/** Frame headers: every SOF but those that are tables (DHT, JPG, DAC). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** Markers with a length after them. The others have no place before the frame: decoders step over them, each its own way. */
const isSegment = (marker: number): boolean => marker >= 0xc0 && !(marker >= 0xd0 && marker <= 0xd9)

const jpegSize = (b: Buffer): ImageSize | null => {
  let turned = false
  for (let at = 2; b[at] === 0xff;) {
    const marker = b[at + 1] ?? 0
    if (marker === 0xff) {
      at++
      continue
    }
    if (!isSegment(marker)) return null
    const length = b.readUInt16BE(at + 2)
    if (isFrame(marker)) {
      const [height, width] = [b.readUInt16BE(at + 5), b.readUInt16BE(at + 7)]
      return turned ? { width: height, height: width } : { width, height }
    }
    const segment = b.subarray(at + 4, at + 2 + length)
    if (marker === 0xe1 && segment.toString('latin1', 0, 6) === 'Exif\0\0') turned = turnedIn(segment)
    at += 2 + length
  }
  return null
}
/** A damaged EXIF segment says nothing; the picture is seen all the same. */
const turnedIn = (segment: Buffer): boolean => {
  try {
    return isTurned(segment)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

const sizeIn = (head: Buffer): ImageSize | null => {
  if (head.subarray(0, 8).equals(PNG)) return pngSize(head)
  if (head.toString('latin1', 0, 4) === 'GIF8') return gifSize(head)
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP')
    return webpSize(head)
  return head[0] === 0xff && head[1] === 0xd8 ? jpegSize(head) : null
}

export const imageSize = (head: Buffer): ImageSize | null => {
  try {
    const size = sizeIn(head)
    return size && size.width > 0 && size.height > 0 ? size : null
  } catch (error) {
    // Reading past what is there: it was cut, or is no picture.
    if (error instanceof RangeError) return null
    throw error
  }
}
