import { imageSize, type ImageSize } from './image-size.ts'
import { peek } from './peek.ts'
import type { MediaStore, StoredMedia } from './port.ts'
import { sniff, SNIFFED_BYTES_MAX } from './sniff.ts'

/** Why a file is not kept although the store could. */
export type MediaRefusal = 'dangerous' | 'unknown'

/** Thrown out of the stream, so that the store drops what it has of it. */
export class MediaRefused extends Error {
  readonly why: MediaRefusal
  constructor(why: MediaRefusal, detail: string) {
    super(detail)
    this.name = 'MediaRefused'
    this.why = why
  }
}

/** `width` and `height` of a picture, as it is seen. */
export type TakenIn = StoredMedia & { readonly mime: string } & Partial<ImageSize>

export type ToTakeIn = {
  /** As whoever sent it says. */
  readonly declared: string
  readonly name: string | null
  readonly limit: number
  /** What a person uploads is refused where it is dangerous or unknown; what a customer sent is kept as what it is. */
  readonly strict: boolean
}

/** The one way of a file into the store, whoever sent it. */
export type TakeIn = (companyId: string, bytes: AsyncIterable<Uint8Array>, file: ToTakeIn) => Promise<TakenIn>

const SENTENCES = {
  dangerous: 'Programs, scripts and web pages are not taken.',
  unknown: 'The bytes are of no type that is known here.',
} as const satisfies Record<MediaRefusal, string>

/**
 * The beginning says what it is, and the rest is streamed straight into the store.
 * @throws MediaTooLarge, MediaRefused
 */
export const createTakeIn =
  ({ media }: { readonly media: Pick<MediaStore, 'put'> }): TakeIn =>
  async (companyId, bytes, { declared, name, limit, strict }) => {
    const { head, whole } = await peek(bytes, SNIFFED_BYTES_MAX)
    const { mime: found, verdict } = await sniff(head, { declared, name })
    if (strict && verdict !== 'fine') throw new MediaRefused(verdict, SENTENCES[verdict])
    // Bytes that say nothing are what their sender calls them; served, they are never run.
    const mime = verdict === 'unknown' ? declared : found
    const stored = await media.put(companyId, whole, { mime, limit })
    return { ...stored, mime, ...imageSize(head) }
  }
