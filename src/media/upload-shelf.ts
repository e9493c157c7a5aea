import { z } from 'zod'
import type { Clock } from '../shared/clock.ts'
import { kindOf, UPLOAD_KINDS, type UploadKind } from '../shared/upload-kind.ts'
import type { MediaStore } from './port.ts'
import type { TakeIn } from './take-in.ts'
import type { Upload, Uploads } from './uploads.ts'

/** So long an upload waits for the message that names it. */
const WAITS_HOURS = 24
/** So long it lives on once a message asked for it, whatever it waited before. */
const TAKEN_HOURS = 2
const HOUR_MS = 3_600_000
/** By so much the clocks of this process and of the store may differ. */
const CLOCKS_DIFFER_MS_MAX = 5 * 60_000

/** A drawer that every process of the installation sees, durable when it answers. */
export type UploadDrawer = {
  get(key: string): Promise<string | null>
  update(key: string, change: (current: string | null) => string | null | undefined): Promise<string | null>
  keys(prefix: string): Promise<string[]>
}

export type NewUpload = {
  readonly id: string
  readonly name: string | null
  readonly declared: string
  readonly kind?: UploadKind | undefined
  readonly limit: number
}

export type UploadShelf = Uploads & {
  /**
   * Puts a file where the message that names it finds it. The same id with the same bytes is the same upload; `null`:
   * with other bytes. @throws MediaTooLarge, MediaRefused
   */
  keep(companyId: string, bytes: AsyncIterable<Uint8Array>, file: NewUpload): Promise<Upload | null>
  /** Removes what has expired and no message names; answers how many uploads. */
  sweep(isUsed: (companyId: string, key: string) => Promise<boolean>): Promise<number>
}

const keptSchema = z.object({
  upload: z.object({
    id: z.string(),
    key: z.string(),
    mime: z.string(),
    size: z.number(),
    sha256: z.string(),
    name: z.string().nullable(),
    kind: z.enum(UPLOAD_KINDS),
    seconds: z.number().exactOptional(),
    width: z.number().exactOptional(),
    height: z.number().exactOptional(),
    thumbnail: z.boolean().exactOptional(),
  }),
  at: z.number(),
  expiresAt: z.number(),
})
type Kept = z.output<typeof keptSchema>
const parsed = (text: string): Kept => keptSchema.parse(JSON.parse(text))

/**
 * Uploads lie in the media store, and what is known of them in a drawer of the vault: whichever node took one, every node
 * can send it, and a restart forgets none. Bytes whose record was never written (a crash in between) stay until the same
 * file comes again.
 */
export const createUploadShelf = (tools: {
  readonly drawer: UploadDrawer
  readonly media: Pick<MediaStore, 'head' | 'remove'>
  readonly takeIn: TakeIn
  readonly clock: Clock
}): UploadShelf => {
  const { drawer, media, takeIn, clock } = tools

  const removeBytes = async (companyId: string, { upload, at }: Kept, isUsed: Used): Promise<void> => {
    const info = await media.head(upload.key)
    // Put again since, by somebody else: then they are no longer this upload's to remove.
    if (!info || info.mime !== upload.mime || info.storedAt > at + CLOCKS_DIFFER_MS_MAX) return
    if (!(await isUsed(companyId, upload.key))) await media.remove(upload.key)
  }

  return {
    keep: async (companyId, bytes, { id, name, declared, kind, limit }) => {
      const { mime, ...stored } = await takeIn(companyId, bytes, {
        declared,
        name,
        limit,
        strict: true,
        voice: kind === 'voice',
      })
      const upload: Upload = { id, ...stored, mime, name, kind: kindOf(mime, kind) }
      const now = clock.now()
      const fresh: Kept = { upload, at: now, expiresAt: now + WAITS_HOURS * HOUR_MS }
      const there = await drawer.update(`${companyId}/${id}`, current =>
        current === null || parsed(current).upload.sha256 === upload.sha256
          ? JSON.stringify(fresh)
          : undefined,
      )
      const kept = there === null ? null : parsed(there).upload
      return kept?.sha256 === upload.sha256 ? kept : null
    },
    take: async (companyId, uploadId) => {
      const now = clock.now()
      const there = await drawer.update(`${companyId}/${uploadId}`, current => {
        if (current === null) return undefined
        const kept = parsed(current)
        if (kept.expiresAt <= now) return undefined
        return JSON.stringify({ ...kept, expiresAt: Math.max(kept.expiresAt, now + TAKEN_HOURS * HOUR_MS) })
      })
      if (there === null) return null
      const { upload, expiresAt } = parsed(there)
      return expiresAt > now ? upload : null
    },
    sweep: async isUsed => {
      let removed = 0
      for (const key of await drawer.keys('')) {
        const text = await drawer.get(key)
        if (text === null) continue
        const kept = parsed(text)
        if (kept.expiresAt > clock.now()) continue
        // The bytes first: a crash in between only means looking again.
        await removeBytes(key.split('/')[0] ?? '', kept, isUsed)
        await drawer.update(key, current => (current === text ? null : undefined))
        removed++
      }
      return removed
    },
  }
}
type Used = (companyId: string, key: string) => Promise<boolean>
