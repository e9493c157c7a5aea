import { createStore, produce, reconcile, unwrap } from 'solid-js/store'
import { api, type Message, type Said } from '../api/index.ts'
import type { FileKind } from '../api/upload.ts'

/** A bubble that was typed here and that the server has not shown us yet. */
export type Draft = {
  readonly key: string
  readonly body: string
  readonly quotedId?: string
  /** The uploaded file that it is about, or that stands above a template; `body` is then its caption. */
  readonly file?: {
    readonly uploadId: string
    readonly kind: FileKind
    readonly media: NonNullable<Message['media']>
  }
  /** An approved template of the channel; `body` is then what the customer reads. */
  readonly template?: NonNullable<Said['template']>
  /** What the customer may choose from; `body` is then the question. */
  readonly interactive?: NonNullable<Said['interactive']>
  readonly at: string
  /** Known once the server answered: the bubble goes when the message with this id comes. */
  messageId?: string
  error?: unknown
}
export type Thread = {
  items: Message[]
  drafts: Draft[]
  cursor: string | null
  state: 'loading' | 'ready' | 'failed'
  error?: unknown
}

const PAGE_SIZE = 50
const LONG_PAGE_SIZE = 100
const [threads, setThreads] = createStore<Record<string, Thread>>({})
export const threadOf = (ticketId: string): Thread | undefined => threads[ticketId]

const edit = (ticketId: string, change: (thread: Thread) => void): void =>
  setThreads(
    produce(all => {
      const thread = all[ticketId]
      if (thread) change(thread)
    }),
  )

/**
 * Whether one message stands below another. A ticket's own stand by their revision; what its conversation holds beside all
 * tickets (history of before the link) stands where its time puts it.
 */
const isBelow = (one: Message, other: Message): boolean =>
  one.ticketId === null || other.ticketId === null
    ? one.timestamp > other.timestamp
    : one.revision > other.revision

/** The revision of the oldest message of the ticket itself that is loaded; `undefined`: none is. */
const oldestOwn = (items: readonly Message[]): number | undefined =>
  items.find(item => item.ticketId !== null)?.revision

/** Puts one message into its place, by revision; an existing one is replaced. */
export const placeMessage = (items: Message[], message: Message): void => {
  const at = items.findIndex(item => item.id === message.id)
  if (at >= 0) return void (items[at] = message)
  let index = items.length
  while (index > 0 && isBelow(items[index - 1]!, message)) index--
  items.splice(index, 0, message)
}

/** Takes drafts out; what the browser held of their files is let go. */
const dropDrafts = (thread: Thread, gone: (draft: Draft) => boolean): void => {
  for (const { file } of thread.drafts.filter(gone)) if (file?.media.url) URL.revokeObjectURL(file.media.url)
  thread.drafts = thread.drafts.filter(draft => !gone(draft))
}

const kindOf = ({ template, interactive, file }: Draft): Message['kind'] =>
  template ? 'template' : interactive ? 'interactive' : (file?.kind ?? 'text')

const settleDraft = (thread: Thread, message: Message, myId: string): void => {
  if (!message.fromMe) return
  const byId = thread.drafts.findIndex(draft => draft.messageId === message.id)
  // The push may overtake the answer: then the oldest bubble of the same words is this message.
  const sameWords = (draft: Draft) =>
    !draft.messageId &&
    !draft.error &&
    draft.body === message.body &&
    kindOf(draft) === message.kind &&
    message.sentBy?.id === myId
  const at = byId >= 0 ? byId : thread.drafts.findIndex(sameWords)
  const key = thread.drafts[at]?.key
  dropDrafts(thread, draft => draft.key === key)
}

/** What the socket says about a message of a thread that is loaded here. */
export const applyMessage = (ticketId: string, message: Message, myId: string): void => {
  const at = unwrap(threads)[ticketId]?.items.findIndex(item => item.id === message.id) ?? -1
  // In its place: a bubble that is drawn anew would lose the keys that somebody has on it.
  if (at >= 0) return setThreads(ticketId, 'items', at, reconcile(message))
  edit(ticketId, thread => {
    const oldest = oldestOwn(thread.items)
    // Older than what is loaded: it comes with its page.
    if (thread.cursor !== null && oldest !== undefined && message.revision < oldest) return
    settleDraft(thread, message, myId)
    placeMessage(thread.items, message)
  })
}

export const removeMessage = (ticketId: string, messageId: string): void =>
  edit(ticketId, thread => void (thread.items = thread.items.filter(item => item.id !== messageId)))

const ranks: Record<Message['ack'], number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  failed: 2,
  sent: 3,
  delivered: 4,
  read: 5,
  played: 6,
  received: 9,
}
/** Acks never go backwards, except that a failed message may be tried again. */
export const laterAck = (old: Message['ack'], next: Message['ack']): boolean =>
  ranks[next] >= ranks[old] || old === 'failed' || old === 'unknown'

export const applyAck = (
  ticketId: string,
  messageId: string,
  ack: Message['ack'],
  error: Message['error'],
): void =>
  edit(ticketId, thread => {
    const message = thread.items.find(item => item.id === messageId)
    if (!message || !laterAck(message.ack, ack)) return
    message.ack = ack
    if (error) message.error = error
    else delete message.error
  })

export const loadThread = async (ticketId: string): Promise<void> => {
  if (!threads[ticketId]) setThreads(ticketId, { items: [], drafts: [], cursor: null, state: 'loading' })
  try {
    const page = await api.tickets.messages(ticketId, { limit: PAGE_SIZE })
    const old = unwrap(threads)[ticketId]?.items ?? []
    // What was read further up stays, as long as nothing is missing between it and the newest page.
    const from = old.findIndex(item => item.id === page.items[0]?.id)
    const items = [...old.slice(0, Math.max(0, from)), ...page.items]
    // By id: a bubble that did not change is not drawn anew.
    if (threads[ticketId]) setThreads(ticketId, 'items', reconcile(items, { key: 'id' }))
    edit(ticketId, thread => {
      if (from < 0) thread.cursor = page.nextCursor
      thread.state = 'ready'
      dropDrafts(thread, draft => page.items.some(item => item.id === draft.messageId))
    })
  } catch (error) {
    edit(ticketId, thread => {
      if (thread.state === 'loading') thread.state = 'failed'
      thread.error = error
    })
  }
}

const READ_AGAIN_AFTER_MS = 1_000
const toRead = new Set<string>()
/** Reads a thread that is loaded here again, once for all that is told within a moment. */
export const readAgain = (ticketId: string): void => {
  if (!unwrap(threads)[ticketId] || toRead.has(ticketId)) return
  toRead.add(ticketId)
  setTimeout(() => {
    toRead.delete(ticketId)
    if (unwrap(threads)[ticketId]) void loadThread(ticketId)
  }, READ_AGAIN_AFTER_MS)
}

export const loadOlder = async (ticketId: string, limit = PAGE_SIZE): Promise<void> => {
  const before = threads[ticketId]?.cursor
  if (!before) return
  const page = await api.tickets.messages(ticketId, { limit, before })
  edit(ticketId, thread => {
    const known = new Set(thread.items.map(item => item.id))
    thread.items.unshift(...page.items.filter(item => !known.has(item.id)))
    thread.cursor = page.nextCursor
  })
}

/** Loads what is older until the message with this revision is there: nothing is missing between it and the newest. */
export const loadBackTo = async (ticketId: string, revision: number): Promise<void> => {
  for (;;) {
    const { cursor, items } = threads[ticketId] ?? { items: [] }
    if (!cursor || (oldestOwn(items) ?? Infinity) <= revision) return
    await loadOlder(ticketId, LONG_PAGE_SIZE)
  }
}

/** Likewise for a message that stands beside the ticket, and has no place in it. */
export const loadBackToMessage = async (ticketId: string, messageId: string): Promise<void> => {
  for (;;) {
    const { cursor, items } = threads[ticketId] ?? { items: [] }
    if (!cursor || items.some(({ id }) => id === messageId)) return
    await loadOlder(ticketId, LONG_PAGE_SIZE)
  }
}

const clean = ({ key, body, at, quotedId, file, template, interactive }: Draft): Draft => ({
  key,
  body,
  at,
  ...(quotedId ? { quotedId } : {}),
  ...(file ? { file } : {}),
  ...(template ? { template } : {}),
  ...(interactive ? { interactive } : {}),
})

const saidOf = ({ body, quotedId, file, template, interactive }: Draft): Said => ({
  ...(body === '' ? {} : { body }),
  ...(quotedId ? { quotedId } : {}),
  ...(file ? { uploadId: file.uploadId, ...(template ? {} : { kind: file.kind }) } : {}),
  ...(template ? { template } : {}),
  ...(interactive ? { interactive } : {}),
})

/** The end of each ticket's line of messages on their way. */
const lines = new Map<string, Promise<void>>()

const deliver = async (ticketId: string, draft: Draft): Promise<void> => {
  try {
    const messageId = (await api.tickets.reply(ticketId, saidOf(draft), draft.key)).id
    edit(ticketId, thread => {
      if (thread.items.some(item => item.id === messageId))
        dropDrafts(thread, other => other.key === draft.key)
      else for (const other of thread.drafts) if (other.key === draft.key) other.messageId = messageId
    })
  } catch (error) {
    edit(ticketId, thread => {
      for (const other of thread.drafts) if (other.key === draft.key) other.error = error
    })
  }
}

/**
 * Shows the bubble at once, then sends when what was written before it is through. Trying again uses the same key: it can
 * never be written twice.
 */
export const sendReply = async (ticketId: string, draft: Draft): Promise<void> => {
  edit(ticketId, thread => {
    const old = thread.drafts.findIndex(other => other.key === draft.key)
    if (old >= 0) thread.drafts[old] = clean(draft)
    else thread.drafts.push(clean(draft))
  })
  const before = lines.get(ticketId)
  const mine = before ? before.then(() => deliver(ticketId, draft)) : deliver(ticketId, draft)
  lines.set(ticketId, mine)
  await mine
  if (lines.get(ticketId) === mine) lines.delete(ticketId)
}

export const discardDraft = (ticketId: string, key: string): void =>
  edit(ticketId, thread => dropDrafts(thread, draft => draft.key === key))

export const loadedThreads = (): string[] => Object.keys(threads)
export const forgetThread = (ticketId: string): void => setThreads(produce(all => void delete all[ticketId]))
export const forgetThreads = (): void => loadedThreads().forEach(forgetThread)
