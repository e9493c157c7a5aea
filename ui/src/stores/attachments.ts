import { createStore, produce } from 'solid-js/store'
import type { Capabilities } from '../api/index.ts'
import type { FileKind, Upload } from '../api/upload.ts'
import { loadPart } from '../sync/load-part.ts'
import { carriedAs, type NotCarried } from './carried.ts'
import { fileRules, isAlwaysTaken, refusalBy } from './outgoing.ts'
import type { Draft } from './threads.ts'

/** A file beside the answer that is being written. It stays while other tickets are looked at. */
export type Attachment = {
  readonly key: string
  readonly file: File
  readonly url: string
  kind: FileKind
  /** It was recorded to be heard as a voice note. */
  readonly wished?: 'voice'
  refused?: NotCarried
  /** The channel takes less: the customer gets a link to it. */
  asLink?: true
  /** From 0 to 1. */
  progress: number
  upload?: Upload
  error?: unknown
}

export const ATTACHMENTS_MAX = 10
const [all, setAll] = createStore<Record<string, Attachment[]>>({})
const running = new Map<string, AbortController>()
const none: readonly Attachment[] = []
export const attachmentsOf = (ticketId: string): readonly Attachment[] => all[ticketId] ?? none

const edit = (ticketId: string, key: string, change: (one: Attachment) => void): void =>
  setAll(
    produce(every => {
      const found = every[ticketId]?.find(one => one.key === key)
      if (found) change(found)
    }),
  )

const judge = (one: Attachment, can: Capabilities, facts: { mime: string; size: number }): void => {
  const carried = carriedAs(can, facts, one.wished)
  one.kind = carried.kind
  // Of what goes as a link, its size alone does not matter.
  if ('what' in carried && !(one.asLink && carried.what === 'size')) one.refused = carried
}

/** Starts, or starts again under the same key: the server keeps one file of it. */
export const uploadAgain = async (ticketId: string, key: string, can: Capabilities): Promise<void> => {
  const found = attachmentsOf(ticketId).find(one => one.key === key)
  if (!found || running.has(key)) return
  const { file, wished } = found
  const stop = new AbortController()
  running.set(key, stop)
  edit(ticketId, key, one => {
    delete one.error
    one.progress = 0
  })
  try {
    const { upload } = await loadPart(() => import('../api/upload.ts'))
    const onProgress = (part: number) => edit(ticketId, key, one => void (one.progress = part))
    const kept = await upload(file, {
      key,
      onProgress,
      signal: stop.signal,
      ...(wished ? { kind: wished } : {}),
    })
    edit(ticketId, key, one => {
      one.upload = kept
      // The bytes may be something else than the browser said.
      judge(one, can, kept)
    })
  } catch (error) {
    edit(ticketId, key, one => void (one.error = error))
  } finally {
    running.delete(key)
  }
}

/** Uploads what the company lets out, as a link where it is only too large for the channel and the company wants that. */
const begin = async (
  ticketId: string,
  { key, file, kind, refused }: Attachment,
  can: Capabilities,
): Promise<void> => {
  if (refused && refused.what !== 'size') return
  if (refused || !isAlwaysTaken(file)) {
    const rules = await fileRules()
    const wrong = refusalBy(rules, kind, file.size)
    const asLink = refused !== undefined && !wrong && rules?.asLinks === true
    edit(ticketId, key, one => {
      if (wrong) one.refused = wrong
      if (!asLink) return
      delete one.refused
      one.asLink = true
    })
    if (wrong || (refused && !asLink)) return
  }
  await uploadAgain(ticketId, key, can)
}

/** Takes files in, each uploading at once; what the channel cannot carry is shown as that. Answers how many were too many. */
export const attach = (
  ticketId: string,
  files: readonly File[],
  can: Capabilities,
  wished?: 'voice',
): number => {
  const room = Math.max(0, ATTACHMENTS_MAX - attachmentsOf(ticketId).length)
  const fresh = files.slice(0, room).map((file): Attachment => {
    const one: Attachment = {
      key: crypto.randomUUID(),
      file,
      url: URL.createObjectURL(file),
      kind: 'document',
      ...(wished ? { wished } : {}),
      progress: 0,
    }
    judge(one, can, { mime: file.type, size: file.size })
    return one
  })
  setAll(ticketId, [...attachmentsOf(ticketId), ...fresh])
  for (const one of fresh) void begin(ticketId, one, can)
  return files.length - fresh.length
}

const forget = (ticketId: string, keys: readonly string[]): void =>
  setAll(ticketId, (every = []) => every.filter(one => !keys.includes(one.key)))

export const removeAttachment = (ticketId: string, key: string): void => {
  const found = attachmentsOf(ticketId).find(one => one.key === key)
  running.get(key)?.abort()
  forget(ticketId, [key])
  if (found) URL.revokeObjectURL(found.url)
}

export const forgetAttachments = (): void => {
  for (const [ticketId, every] of Object.entries(all))
    for (const { key } of every) removeAttachment(ticketId, key)
}

/**
 * Makes one message of each file, in order, and of the words: they go under the first file that may carry them, or follow
 * as a message of their own. The strip is empty afterwards; the pictures now belong to the messages.
 */
export const draftsFrom = (
  ticketId: string,
  said: { readonly body: string; readonly quotedId?: string },
  can: Capabilities | undefined,
): readonly Draft[] => {
  const at = new Date().toISOString()
  const files = attachmentsOf(ticketId).flatMap(({ key, url, kind, upload, refused }) =>
    upload && !refused ? [{ key, url, kind, upload }] : [],
  )
  const captioned = said.body === '' ? -1 : files.findIndex(({ kind }) => can?.captions.includes(kind))
  const drafts: Draft[] = files.map(({ url, kind, upload }, index) => {
    const { id, mime, size, name, ...looks } = upload
    const { seconds, width, height } = looks
    return {
      key: crypto.randomUUID(),
      at,
      body: index === captioned ? said.body : '',
      file: {
        uploadId: id,
        kind,
        media: {
          ...{ url, mime, size, name, thumbnailUrl: null, tooLarge: false, error: null },
          ...(seconds === undefined ? {} : { seconds }),
          ...(width === undefined || height === undefined ? {} : { width, height }),
        },
      },
    }
  })
  if (said.body !== '' && captioned < 0) drafts.push({ key: crypto.randomUUID(), at, body: said.body })
  forget(
    ticketId,
    files.map(({ key }) => key),
  )
  return drafts.map((draft, index) =>
    index === 0 && said.quotedId ? { ...draft, quotedId: said.quotedId } : draft,
  )
}
