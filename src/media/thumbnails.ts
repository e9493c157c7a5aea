import { boundedMap } from '../shared/bounded-map.ts'
import type { Log } from '../shared/log.ts'
import { THUMBNAILED_BYTES_MAX } from '../shared/thumbnails.ts'
import { decodableAs } from './decodable.ts'
import type { MediaStore } from './port.ts'
import type { ShrinkPicture } from './shrink-picture.ts'

/** Pictures that wait for their turn: a screen full of them, of several people. */
const WAITING_MAX = 64
/** Pictures that were tried in vain are not tried again; so many are remembered. */
const REFUSED_MAX = 10_000

/** Small pictures of what lies in the store: made when first asked for, and kept beside their files. */
export type Thumbnails = {
  /** A JPEG. `null`: there is no such file, none can be made of it, or too many are wanted right now. */
  of(key: string): Promise<Uint8Array | null>
  close(): Promise<void>
}

/** In a buffer of its own, which may be given away. */
const wholeOf = async (
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): Promise<Buffer<ArrayBuffer> | null> => {
  const whole = Buffer.allocUnsafeSlow(size)
  let at = 0
  for await (const chunk of bytes) {
    if (at + chunk.byteLength > size) return null
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return at === size ? whole : null
}

export const createThumbnails = (tools: {
  readonly media: Pick<MediaStore, 'get' | 'head' | 'thumbnail' | 'putThumbnail' | 'remove'>
  readonly pictures: ShrinkPicture
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly waitingMax?: number
}): Thumbnails => {
  const { media, pictures, log, waitingMax = WAITING_MAX } = tools
  const making = new Map<string, Promise<Uint8Array | null>>()
  const refused = boundedMap<true>(REFUSED_MAX)
  let turn: Promise<unknown> = Promise.resolve()

  const keep = async (key: string, jpeg: Uint8Array): Promise<void> => {
    try {
      await media.putThumbnail(key, jpeg)
      // A file that was removed meanwhile leaves nothing behind.
      if ((await media.head(key)) === null) await media.remove(key)
    } catch (err) {
      log.warn({ key, err }, 'a thumbnail could not be kept; it is made again when it is wanted')
    }
  }

  const shrunk = async (key: string, bytes: Buffer<ArrayBuffer> | null): Promise<Uint8Array | null> => {
    try {
      const mime = bytes && decodableAs(bytes)
      if (mime) return await pictures.shrink(bytes.buffer, mime)
    } catch (err) {
      log.info({ key, err }, 'no thumbnail could be made of a picture')
    }
    refused.set(key, true)
    return null
  }

  const make = async (key: string): Promise<Uint8Array | null> => {
    const file = await media.get(key)
    if (!file) return null
    const { size } = file.info
    const jpeg = await shrunk(key, size > THUMBNAILED_BYTES_MAX ? null : await wholeOf(file.bytes, size))
    if (jpeg) await keep(key, jpeg)
    return jpeg
  }

  const inTurn = (key: string): Promise<Uint8Array | null> => {
    const mine = turn.then(() => make(key))
    turn = mine.catch(() => undefined)
    return mine.finally(() => making.delete(key))
  }

  return {
    of: async key => {
      const kept = await media.thumbnail(key)
      if (kept || refused.has(key)) return kept
      const running = making.get(key)
      if (running) return running
      if (making.size >= waitingMax) return null
      const fresh = inTurn(key)
      making.set(key, fresh)
      return fresh
    },
    close: () => pictures.close(),
  }
}
