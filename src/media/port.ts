/** The port of the media store. Keys are `companyId/sha256`, so that the same file is kept once per company. */
export type MediaInfo = {
  readonly size: number
  readonly mime: string
  /** When these bytes were last put, in milliseconds since the epoch: putting them again counts. */
  readonly storedAt: number
}

/** Bytes `start` to `end`, both included. */
export type ByteRange = { readonly start: number; readonly end: number }

export { MediaTooLarge } from '../shared/media-limits.ts'

/** The scanner found malware in it: thrown out of the stream before its end, so that the store keeps nothing of it. */
export class MalwareFound extends Error {
  /** What the scanner calls it. */
  readonly found: string
  constructor(found: string) {
    super(`malware was found: ${found}`)
    this.name = 'MalwareFound'
    this.found = found
  }
}

export type PutMedia = { readonly mime: string; readonly limit: number }
export type StoredMedia = { readonly key: string; readonly sha256: string; readonly size: number }

export type MediaStore = {
  readonly name: 'folder' | 's3'
  /**
   * Stores the bytes durably and answers their key, hash and size. Streams: never holds a file in memory.
   * @throws MediaTooLarge once `limit` bytes were exceeded; nothing is kept then.
   */
  put(companyId: string, bytes: AsyncIterable<Uint8Array>, options: PutMedia): Promise<StoredMedia>
  /** What is known of it without its bytes, or `null` when there is no such key. */
  head(key: string): Promise<MediaInfo | null>
  /**
   * The bytes, or those of the range, which must lie inside the file; `null` when there is no such key. Nothing is opened
   * before the bytes are read.
   */
  get(key: string, range?: ByteRange): Promise<{ info: MediaInfo; bytes: AsyncIterable<Uint8Array> } | null>
  /** Keeps a small JPEG beside the file; it goes when the file goes. */
  putThumbnail(key: string, jpeg: Uint8Array): Promise<void>
  thumbnail(key: string): Promise<Uint8Array | null>
  remove(key: string): Promise<void>
  /** Whether it could be written to now, looked at cheaply. @throws Error with the reason when it could not. */
  check(): Promise<void>
}
