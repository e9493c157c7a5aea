/** What a small picture is made of, and of what it is not worth it, or too much. */
export const THUMBNAIL_SIDE_PIXELS_MAX = 320
/**
 * A picture of so many pixels takes 280 MiB and 2.7 s of one core while it is decoded, in a thread of its own; one of 12
 * million took 410 MiB. What is larger is shown whole.
 */
export const THUMBNAILED_PIXELS_MAX = 8_000_000
/** As large as the files of pictures become that have so many pixels. */
export const THUMBNAILED_BYTES_MAX = 16 * 1024 * 1024
/** Smaller files are as quick as a thumbnail would be. */
const THUMBNAILED_BYTES_MIN = 24 * 1024
const MIMES: readonly string[] = ['image/jpeg', 'image/png', 'image/gif']

/** Whether a picture has a thumbnail, by what is known of it without its bytes. */
export const hasThumbnail = (picture: {
  readonly mime: string
  readonly size: number | null
  readonly width?: number | undefined
  readonly height?: number | undefined
}): boolean => {
  const { mime, size, width = 0, height = 0 } = picture
  if (!MIMES.includes(mime) || size === null || width === 0 || height === 0) return false
  if (size < THUMBNAILED_BYTES_MIN || size > THUMBNAILED_BYTES_MAX) return false
  return Math.max(width, height) > THUMBNAIL_SIDE_PIXELS_MAX && width * height <= THUMBNAILED_PIXELS_MAX
}
