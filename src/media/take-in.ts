import { imageSize, type ImageSize } from './image-size.ts'
import { isMime } from './keys.ts'
import { peek } from './peek.ts'
import type { MediaStore, StoredMedia } from './port.ts'
import { unscanned, type ScanMedia } from './scan.ts'
import { sniff, SNIFFED_BYTES_MAX } from './sniff.ts'
import { isSpeech, webmToOgg } from './voice/remux.ts'
import { NotWebm } from './voice/webm.ts'

/** Why a file is not kept although the store could. */
export type MediaRefusal = 'dangerous' | 'unknown' | 'unreadable'

/** Thrown out of the stream, so that the store drops what it has of it. */
export class MediaRefused extends Error {
  readonly why: MediaRefusal
  constructor(why: MediaRefusal, detail: string) {
    super(detail)
    this.name = 'MediaRefused'
    this.why = why
  }
}

/** `width` and `height` of a picture, as it is seen; `seconds` of speech, where they were counted. */
export type TakenIn = StoredMedia & { readonly mime: string; readonly seconds?: number } & Partial<ImageSize>

export type ToTakeIn = {
  /** As whoever sent it says. */
  readonly declared: string
  readonly name: string | null
  readonly limit: number
  /** What a person uploads is refused where it is dangerous or unknown; what a customer sent is kept as what it is. */
  readonly strict: boolean
  /** It is to be sent as a voice note: what browsers record is made what channels take, without a change of its sound. */
  readonly voice?: boolean
}

/** The one way of a file into the store, whoever sent it. */
export type TakeIn = (companyId: string, bytes: AsyncIterable<Uint8Array>, file: ToTakeIn) => Promise<TakenIn>

const SENTENCES = {
  dangerous: 'Programs, scripts and web pages are not taken.',
  unknown: 'The bytes are of no type that is known here.',
  unreadable: 'The recording cannot be read.',
} as const satisfies Record<MediaRefusal, string>

const WEBM = /^(audio|video)\/webm$/
const OGG_OPUS = 'audio/ogg; codecs=opus'

/**
 * The beginning says what it is, and the rest is streamed straight into the store.
 * @throws MediaTooLarge, MediaRefused; MalwareFound and ScanUnavailable where a scanner looks at every file
 */
export const createTakeIn = (tools: {
  readonly media: Pick<MediaStore, 'put'>
  readonly scan?: ScanMedia
}): TakeIn => {
  const { media, scan = unscanned } = tools
  const storeSpeech = async (
    companyId: string,
    webm: AsyncIterable<Uint8Array>,
    limit: number,
  ): Promise<TakenIn> => {
    const { bytes, seconds } = webmToOgg(webm)
    try {
      const stored = await media.put(companyId, bytes, { mime: OGG_OPUS, limit })
      const plays = seconds()
      return { ...stored, mime: OGG_OPUS, ...(plays === undefined ? {} : { seconds: plays }) }
    } catch (error) {
      if (error instanceof NotWebm) throw new MediaRefused('unreadable', SENTENCES.unreadable)
      throw error
    }
  }

  return async (companyId, bytes, { declared, name, limit, strict, voice }) => {
    const { head, whole } = await peek(bytes, SNIFFED_BYTES_MAX)
    const seen = scan(whole)
    const { mime: found, verdict } = await sniff(head, { declared, name })
    if (strict && verdict !== 'fine') throw new MediaRefused(verdict, SENTENCES[verdict])
    if (voice && WEBM.test(found) && (await isSpeech(head))) return storeSpeech(companyId, seen, limit)
    // Bytes that say nothing are what their sender calls them, if that is a type at all; served, they are never run.
    const mime = verdict === 'unknown' && isMime(declared) ? declared : found
    const stored = await media.put(companyId, seen, { mime, limit })
    return { ...stored, mime, ...imageSize(head) }
  }
}
