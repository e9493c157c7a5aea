import type { Capabilities } from '../api/index.ts'
import type { FileKind } from '../api/upload.ts'

const FILE_KINDS: readonly FileKind[] = ['image', 'video', 'audio', 'voice', 'document', 'sticker']
const PICTURES = /^image\/(jpeg|png|webp|gif)$/
const FILMS = /^video\/(mp4|3gpp|webm|quicktime)$/

/** `company`: what the company lets out is less than the file, whatever the channel. */
export type NotCarried = {
  readonly what: 'kind' | 'size' | 'type' | 'company'
  readonly kind: FileKind
  readonly max?: number
}
type Facts = { readonly mime: string; readonly size: number }

const naturalKind = (mime: string): FileKind =>
  PICTURES.test(mime)
    ? 'image'
    : FILMS.test(mime)
      ? 'video'
      : mime.startsWith('audio/')
        ? 'audio'
        : 'document'

const takes = (types: readonly string[], mime: string): boolean =>
  types.some(type => (type.endsWith('/*') ? mime.startsWith(type.slice(0, -1)) : mime === type))

/** Why the channel does not carry a file as this kind; `null`: it does. */
export const refusalAs = (can: Capabilities, kind: FileKind, { mime, size }: Facts): NotCarried | null => {
  if (!can.kinds.includes(kind)) return { what: 'kind', kind }
  const types = can.mediaTypes[kind]
  const [bare = ''] = mime.toLowerCase().split(';')
  // A browser that knows no type leaves it to the bytes.
  if (types && bare !== '' && !takes(types, bare)) return { what: 'type', kind }
  const max = can.mediaBytesMax[kind]
  return max !== undefined && size > max ? { what: 'size', kind, max } : null
}

/** What browsers record of speech, and the server makes a voice note of. */
const SPEECH = /^audio\/(ogg|webm)(;|$)/
const VOICE_NOTE = 'audio/ogg'

/** As what the channel carries a file: as what it is, or else as a document; or why it does not. */
export const carriedAs = (
  can: Capabilities,
  file: Facts,
  wished?: 'voice',
): { kind: FileKind } | NotCarried => {
  if (wished && SPEECH.test(file.mime) && !refusalAs(can, wished, { ...file, mime: VOICE_NOTE }))
    return { kind: wished }
  const kind = naturalKind(file.mime)
  const refused = refusalAs(can, kind, file)
  if (refused === null) return { kind }
  return refusalAs(can, 'document', file) === null ? { kind: 'document' } : refused
}

export const carriesFiles = (can: Capabilities | undefined): boolean =>
  FILE_KINDS.some(kind => can?.kinds.includes(kind))

export const carriesVoice = (can: Capabilities | undefined): boolean => can?.kinds.includes('voice') === true
