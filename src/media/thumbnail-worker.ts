import { parentPort } from 'node:worker_threads'
import { Jimp, JimpMime } from 'jimp'
import { THUMBNAIL_SIDE_PIXELS_MAX } from '../shared/thumbnails.ts'

/** The picture's bytes go in, a small JPEG comes out, one at a time. Whoever started this thread ends it. */
export type ToThumbnailWorker = { readonly bytes: Uint8Array; readonly pixelsMax: number }
export type FromThumbnailWorker = { readonly jpeg: Uint8Array } | { readonly failed: string }

const QUALITY = 72
const DECODER_MIB_MAX = 384
const WHITE = 0xffffffff

const shrink = async ({ bytes, pixelsMax }: ToThumbnailWorker): Promise<Uint8Array> => {
  const whole = await Jimp.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    'image/jpeg': { maxMemoryUsageInMB: DECODER_MIB_MAX, maxResolutionInMP: pixelsMax / 1e6 },
  })
  const small = whole.scaleToFit({ w: THUMBNAIL_SIDE_PIXELS_MAX, h: THUMBNAIL_SIDE_PIXELS_MAX })
  // A JPEG has no transparency: what shows through is white and not black.
  const { width, height } = small.bitmap
  const paper = new Jimp({ width, height, color: WHITE }).composite(small)
  return paper.getBuffer(JimpMime.jpeg, { quality: QUALITY })
}

const answer = async (asked: ToThumbnailWorker): Promise<FromThumbnailWorker> => {
  try {
    return { jpeg: await shrink(asked) }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (asked: ToThumbnailWorker) => {
  void answer(asked).then(told => parentPort?.postMessage(told))
})
