/** What a small picture is made of, and of what it is not worth it, or too much. */
export const THUMBNAIL_SIDE_PIXELS_MAX = 320
/**
 * The forms that are decoded, and up to how many pixels of each, so that none takes more than some 380 MiB while it is, in
 * a thread of its own. What is larger is shown whole. Measured in docs/decisions/0028.
 */
export const THUMBNAILED_PIXELS_MAX = {
  'image/jpeg': 25_000_000,
  'image/webp': 25_000_000,
  'image/png': 12_000_000,
  'image/gif': 12_000_000,
} as const satisfies Readonly<Record<string, number>>
export type ThumbnailedMime = keyof typeof THUMBNAILED_PIXELS_MAX
/** As large as the files of pictures become that have so many pixels. */
export const THUMBNAILED_BYTES_MAX = 16 * 1024 * 1024
/** Smaller files are as quick as a thumbnail would be. */
const THUMBNAILED_BYTES_MIN = 24 * 1024

const isThumbnailed = (mime: string): mime is ThumbnailedMime => Object.hasOwn(THUMBNAILED_PIXELS_MAX, mime)

/** Whether a picture has a thumbnail, by what is known of it without its bytes. */
export const hasThumbnail = (picture: {
  readonly mime: string
  readonly size: number | null
  readonly width?: number | undefined
  readonly height?: number | undefined
}): boolean => {
  const { mime, size, width = 0, height = 0 } = picture
  if (!isThumbnailed(mime) || size === null || width === 0 || height === 0) return false
  if (size < THUMBNAILED_BYTES_MIN || size > THUMBNAILED_BYTES_MAX) return false
  return Math.max(width, height) > THUMBNAIL_SIDE_PIXELS_MAX && width * height <= THUMBNAILED_PIXELS_MAX[mime]
}
