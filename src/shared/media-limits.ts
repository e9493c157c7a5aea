/** Bytes of one file that an installation takes in or sends, whatever a company chose, unless it was told another limit. */
export const MEDIA_BYTES_MAX = 100 * 1024 * 1024
/** In MiB, what an installation may be told at most: larger files no channel has, nor a column room for their size. */
export const MEDIA_MIB_MAX_MOST = 2_000
/** A company may not choose less: smaller than an ordinary photo, nothing would go. */
export const MEDIA_BYTES_MAX_LEAST = 64 * 1024

/** A file, or what its sender says of it, is over a limit. `size`: as far as it is known, in bytes. */
export class MediaTooLarge extends Error {
  readonly limit: number
  readonly size: number | undefined
  constructor(limit: number, size?: number) {
    super(`media is over ${limit} bytes`)
    this.name = 'MediaTooLarge'
    this.limit = limit
    this.size = size
  }
}
