import type { InboundKind, InboundMedia } from '../provider.ts'
import type { Attachment } from './messaging-schema.ts'

export type Content = {
  readonly kind: InboundKind
  readonly text: string
  readonly media?: InboundMedia
  readonly details?: { readonly [name: string]: unknown }
}

/** Meta does not say the type of a file; this is what it is most likely, until its bytes are here. */
const LIKELY = {
  image: { kind: 'image', mime: 'image/jpeg' },
  video: { kind: 'video', mime: 'video/mp4' },
  audio: { kind: 'audio', mime: 'audio/mp4' },
  file: { kind: 'document', mime: 'application/octet-stream' },
} as const satisfies Record<string, { kind: InboundKind; mime: string }>

const BY_ENDING: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  pdf: 'application/pdf',
}

/** As the address ends, where that is a type of this kind: a voice message ends in `mp4` too. */
const mimeIn = (url: string, type: keyof typeof LIKELY): string => {
  const ending = /\.([a-z0-9]{2,4})$/i.exec(nameIn(url) ?? '')?.[1]?.toLowerCase() ?? ''
  const found = BY_ENDING[ending]
  if (found === undefined) return LIKELY[type].mime
  return type === 'file' || found.startsWith(`${type}/`) ? found : LIKELY[type].mime
}

/** Posts, reels and stories that are pointed at: shown as a link, because Meta does not allow keeping them. */
const LINKS: ReadonlySet<string> = new Set([
  'fallback',
  'share',
  'story_mention',
  'ig_story',
  'ig_post',
  'ig_reel',
  'reel',
  'post',
])

/** One attachment in the engine's words; a type that we do not know is `unsupported`, with its name. */
export const attachmentContent = (given: Attachment, sticker: boolean): Content => {
  const { payload } = given
  const url = payload?.url ?? given.url ?? undefined
  if (Object.hasOwn(LIKELY, given.type) && url !== undefined)
    return fileContent(
      given.type as keyof typeof LIKELY,
      url,
      sticker || typeof payload?.sticker_id === 'string',
    )
  if (given.type === 'location' && payload?.coordinates)
    return locationContent(payload.coordinates, given.title ?? undefined)
  const title = given.title || payload?.title || undefined
  if (LINKS.has(given.type)) {
    const what = given.type === 'story_mention' ? 'story mention' : title
    const text = [what, url].filter(Boolean).join('\n')
    if (text !== '') return { kind: 'text', text, details: { type: given.type, ...(url ? { url } : {}) } }
  }
  const words = given.type === 'template' ? (payload?.text ?? title) : undefined
  if (words) return { kind: 'interactive', text: words, details: { type: 'template' } }
  return { kind: 'unsupported', text: `unsupported: ${given.type}` }
}

const fileContent = (type: keyof typeof LIKELY, url: string, sticker: boolean): Content => {
  const { kind } = LIKELY[type]
  const name = kind === 'document' ? nameIn(url) : undefined
  const media = { mime: mimeIn(url, type), providerMediaId: url, ...(name ? { name } : {}) }
  if (type === 'image' && sticker) return { kind: 'sticker', text: '', media }
  return { kind, text: '', media }
}

const NAME_LENGTH_MAX = 200

/** The last part of the path is how the sender called the file. */
const nameIn = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last).slice(0, NAME_LENGTH_MAX) || undefined
  } catch {
    return last.slice(0, NAME_LENGTH_MAX) || undefined
  }
}

const locationContent = (
  { lat, long }: { lat: number; long: number },
  name: string | undefined,
): Content => ({
  kind: 'location',
  text: [name, `https://maps.google.com/?q=${lat},${long}`].filter(Boolean).join('\n'),
  details: { latitude: lat, longitude: long, ...(name ? { name } : {}) },
})
