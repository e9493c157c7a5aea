import { parentPort } from 'node:worker_threads'
import { THUMBNAIL_SIDE_PIXELS_MAX } from '../shared/thumbnails.ts'
import { boundDecoders, decode, encodeJpeg } from './picture-codecs.ts'
import type { FromThumbnailWorker, ToThumbnailWorker } from './shrink-picture.ts'
import { shrinkPixels } from './shrink-pixels.ts'

/** More than what is let in needs (docs/decisions/0028), and less than what hurts. */
const DECODER_MIB_MAX = 256

const answer = async ({ bytes, mime }: ToThumbnailWorker): Promise<FromThumbnailWorker> => {
  try {
    return { jpeg: await encodeJpeg(shrinkPixels(await decode(bytes, mime), THUMBNAIL_SIDE_PIXELS_MAX)) }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

boundDecoders(DECODER_MIB_MAX)
parentPort?.on('message', (asked: ToThumbnailWorker) => {
  void answer(asked).then(told => parentPort?.postMessage(told))
})
