/** What an uploaded file may be sent as. */
export const UPLOAD_KINDS = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const
export type UploadKind = (typeof UPLOAD_KINDS)[number]

/** Channels take these as pictures; other pictures travel as documents. */
const PICTURES = /^image\/(jpeg|png|webp|gif)$/
const FILMS = /^video\/(mp4|3gpp|webm|quicktime)$/
const OGG = /^audio\/ogg(;|$)/

/** What a file is sent as: as its sender wishes where its bytes allow that, otherwise as what it is. */
export const kindOf = (mime: string, wished?: UploadKind): UploadKind => {
  const natural: UploadKind = PICTURES.test(mime)
    ? 'image'
    : FILMS.test(mime)
      ? 'video'
      : mime.startsWith('audio/')
        ? 'audio'
        : 'document'
  if (wished === 'document') return 'document'
  // What Safari records (MP4) is sound that channels carry, but not as a voice note.
  if (wished === 'voice' && OGG.test(mime)) return 'voice'
  if (wished === 'sticker' && mime === 'image/webp') return 'sticker'
  return natural
}
