/** The port of the media store. Keys are `companyId/sha256`, so that the same file is kept once per company. */
export type MediaInfo = { readonly size: number; readonly mime: string }

export class MediaTooLarge extends Error {
  readonly limit: number
  constructor(limit: number) {
    super(`media is over ${limit} bytes`)
    this.name = 'MediaTooLarge'
    this.limit = limit
  }
}

export type MediaStore = {
  readonly name: 'folder' | 's3'
  /**
   * Stores the bytes durably and answers their key, hash and size. Streams: never holds a file in memory.
   * @throws MediaTooLarge once `limit` bytes were exceeded; nothing is kept then.
   */
  put(
    companyId: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { mime: string; limit: number },
  ): Promise<{ key: string; sha256: string; size: number }>
  /** The bytes, or `null` when there is no such key. */
  get(key: string): Promise<{ info: MediaInfo; bytes: AsyncIterable<Uint8Array> } | null>
  remove(key: string): Promise<void>
}
