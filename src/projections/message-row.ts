import { hash } from 'node:crypto'
import type { RecordedEvent } from '../events/all.ts'
import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import type { Ack, HeldBy, MessageAction, MessageKind } from '../events/message.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { nextAck, requeuedAck } from './ack.ts'
import { ERASURES, ignoring, inSql, instant, type Handler, type Projection, type Scope } from './define.ts'
import { idIn, idOf } from './place.ts'

export type MediaColumn = {
  readonly key: string | null
  readonly mime: string
  readonly size: number | null
  readonly name: string | null
  readonly tooLarge: boolean
  readonly error: string | null
  readonly seconds?: number | undefined
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly thumbnail?: boolean | undefined
  /** It went as a link that ends then. */
  readonly linkUntil?: string | undefined
}
export type ReactionColumn = {
  readonly emoji: string
  readonly fromMe: boolean
  readonly authorId: string | null
}
/** What we did to it that is not done: on its way, or failed. */
export type ActionColumn = {
  readonly id: string
  readonly action: MessageAction
  readonly state: 'pending' | 'failed'
  readonly emoji: string | null
  readonly body: string | null
  readonly error: { readonly code: string; readonly reason: string } | null
}
/** Words that it had before, oldest first. `at`: when they were replaced. */
export type EditColumn = { readonly body: string; readonly at: string }
export type ErrorColumn = { readonly code: string; readonly reason: string; readonly retryable: boolean }

/** `retry`: the channel refused it for now, or was not there; the others: we hold it back ourselves. */
export type WaitColumn = { readonly by: HeldBy | 'retry'; readonly until: string }

type PricingColumn = NonNullable<Extract<RecordedEvent, { type: 'message.delivered' }>['data']['pricing']>

/** One message as a conversation shows it, with or without a ticket. */
export type MessageRow = {
  readonly company_id: string
  readonly id: string
  readonly ticket_id: string | null
  readonly conversation_id: string | null
  readonly session_id: string | null
  /** The contact with whose key it is sealed; erased with them. */
  readonly subject_id: string | null
  readonly stream: string
  /** Of the fact that made it: its place in the conversation. */
  readonly revision: number
  readonly from_me: boolean
  readonly kind: MessageKind
  readonly body: string
  readonly media: MediaColumn | null
  /** Its media has to be asked for at the channel. */
  readonly unfetched: boolean
  readonly details: unknown
  readonly ack: Ack
  readonly attempt: number
  readonly error: ErrorColumn | null
  /** Why it is not sent yet, and when it is tried. */
  readonly waits: WaitColumn | null
  /** What the channel counts it as. */
  readonly pricing: PricingColumn | null
  readonly quoted_id: string | null
  readonly reactions: readonly ReactionColumn[]
  readonly actions: readonly ActionColumn[]
  /** Something that we do to it waits for the channel. */
  readonly acting: boolean
  readonly edits: readonly EditColumn[]
  /** Hash of the channel's id, by which statuses, edits and echoes find it. */
  readonly provider_key: string | null
  readonly author_kind: 'user' | 'contact' | 'bot' | 'system' | 'device'
  readonly author_id: string | null
  readonly late: boolean
  /** Said before the number was linked; `created_at` is then when it was said. */
  readonly history: boolean
  readonly created_at: string
  readonly sent_at: string
  readonly edited_at: string | null
  readonly deleted_at: string | null
}

/** So many earlier wordings of one message are kept at hand; the log has them all. */
const EDITS_MAX = 50

/** Under which a message is found by the id that the channel gave it; unique per session. */
export const providerKey = (sessionId: string, providerMessageId: string): string =>
  hash('sha256', `${sessionId}\n${providerMessageId}`, 'base64url').slice(0, 32)

type Written = Extract<RecordedEvent, { type: 'message.received' | 'message.mirrored' | 'message.queued' }>
type Deciphered = Extract<RecordedEvent, { type: 'message.deciphered' }>
type MediaFact =
  | NonNullable<(Written | Deciphered)['data']['media']>
  | Extract<RecordedEvent, { type: 'message.mediaStored' }>['data']['media']

/** What a reader's screen makes room for before the bytes are there. */
const looksOf = (media: MediaFact) => ({
  ...('seconds' in media ? { seconds: media.seconds } : {}),
  ...('width' in media ? { width: media.width } : {}),
  ...('height' in media ? { height: media.height } : {}),
  ...('thumbnail' in media ? { thumbnail: media.thumbnail } : {}),
})

const mediaOf = (media: MediaFact | undefined, name: string | undefined): MediaColumn | null =>
  media
    ? {
        key: media.key ?? null,
        mime: media.mime,
        size: media.size ?? null,
        name: name ?? null,
        tooLarge: media.tooLarge ?? false,
        error: null,
        ...looksOf(media),
      }
    : null

/** The bytes of an erased person are gone; what kind of file it was stays. */
const withoutFile = (media: MediaColumn | null, erased: boolean): MediaColumn | null =>
  media && erased ? { ...media, key: null, name: null } : media

const asksForMedia = (media: MediaFact | undefined): boolean =>
  media !== undefined &&
  'atChannel' in media &&
  media.atChannel === true &&
  media.key === undefined &&
  !media.tooLarge

const placeOf = ({ ticket, conversation }: Scope) => ({
  ticket_id: ticket?.id ?? null,
  conversation_id: ticket?.conversation_id ?? conversation?.id ?? null,
  session_id: ticket?.session_id ?? conversation?.session_id ?? null,
})

const written = (
  fact: Written,
  scope: Scope,
): Omit<MessageRow, 'from_me' | 'ack' | 'author_kind' | 'author_id'> => ({
  company_id: fact.meta.companyId,
  id: fact.data.messageId,
  ...placeOf(scope),
  ticket_id: idIn('ticket', fact),
  subject_id: fact.meta.subject ?? null,
  stream: fact.stream,
  revision: fact.revision,
  kind: fact.data.kind,
  body: fact.data.personal?.body ?? '',
  media: withoutFile(mediaOf(fact.data.media, fact.data.personal?.mediaName), fact.data.personal === null),
  unfetched: false,
  details: null,
  attempt: 0,
  error: null,
  waits: null,
  pricing: null,
  quoted_id: null,
  reactions: [],
  actions: [],
  acting: false,
  edits: [],
  provider_key: null,
  late: false,
  history: false,
  created_at: instant(fact.meta.at),
  sent_at: instant(fact.meta.at),
  edited_at: null,
  deleted_at: null,
})

const keyIn = (sessionId: string | null, providerMessageId: string | undefined): string | null =>
  sessionId && providerMessageId ? providerKey(sessionId, providerMessageId) : null

type Times = {
  readonly late: boolean
  readonly history?: true | undefined
  readonly receivedAt: string
  readonly sentAt: string
}

const timesOf = ({ late, history, receivedAt, sentAt }: Times) => ({
  late,
  history: history === true,
  created_at: instant(history ? sentAt : receivedAt),
  sent_at: instant(sentAt),
})

const received: Handler<MessageRow, 'message.received'> = (_, fact, scope) => {
  const row = written(fact, scope)
  return {
    ...row,
    from_me: false,
    ack: 'received',
    unfetched: fact.data.personal !== null && asksForMedia(fact.data.media),
    details: fact.data.personal?.details ?? null,
    quoted_id: fact.data.quotedMessageId ?? null,
    provider_key: keyIn(row.session_id, fact.data.personal?.providerMessageId),
    author_kind: 'contact',
    author_id: fact.data.authorId,
    ...timesOf(fact.data),
  }
}

const mirrored: Handler<MessageRow, 'message.mirrored'> = (_, fact, scope) => {
  const row = written(fact, scope)
  return {
    ...row,
    from_me: true,
    ack: 'sent',
    provider_key: keyIn(row.session_id, fact.data.personal?.providerMessageId),
    author_kind: 'device',
    author_id: null,
    ...timesOf(fact.data),
  }
}

const queued: Handler<MessageRow, 'message.queued'> = (_, fact, scope) => {
  const { userId, personal, link } = fact.data
  const made = written(fact, scope)
  return {
    ...made,
    media: made.media && link ? { ...made.media, linkUntil: link.expiresAt } : made.media,
    details: personal?.location ?? personal?.contacts ?? personal?.interactive ?? personal?.template ?? null,
    from_me: true,
    ack: 'queued',
    quoted_id: fact.data.quotedMessageId ?? null,
    author_kind: userId ? 'user' : fact.meta.actor.kind === 'bot' ? 'bot' : 'system',
    author_id: userId ?? fact.meta.actor.id,
  }
}

/** How far it got; what went wrong before is over once it got further. */
const told =
  (ack: Ack) =>
  (row: MessageRow | undefined): MessageRow | undefined => {
    if (!row) return row
    const next = nextAck(row.ack, ack)
    return next === row.ack ? row : { ...row, ack: next, error: null, waits: null }
  }

/** Told more than once, the later is the more exact. */
const priced = (row: MessageRow | undefined, pricing: PricingColumn | undefined): MessageRow | undefined =>
  row && pricing ? { ...row, pricing } : row

const wentWrong = (
  row: MessageRow | undefined,
  ack: 'failed' | 'unknown',
  error: ErrorColumn,
): MessageRow | undefined =>
  row && nextAck(row.ack, ack) === ack ? { ...row, ack, error, waits: null } : row

const again = (row: MessageRow | undefined, waits: WaitColumn | null): MessageRow | undefined =>
  row && requeuedAck(row.ack) === 'queued' ? { ...row, ack: 'queued', error: null, waits } : row

/** The message with other actions of ours on it. One that failed is shown until the next of its kind. */
const withActions = (row: MessageRow, actions: readonly ActionColumn[]): MessageRow => ({
  ...row,
  actions,
  acting: actions.some(({ state }) => state === 'pending'),
})

const done = (row: MessageRow, actionId: string | undefined): MessageRow =>
  actionId === undefined
    ? row
    : withActions(
        row,
        row.actions.filter(({ id }) => id !== actionId),
      )

const actionQueued: Handler<MessageRow, 'message.actionQueued'> = (row, { data }) => {
  if (!row) return row
  const { actionId: id, action, personal } = data
  const others = row.actions.filter(one => one.action !== action || one.state === 'pending')
  const words = { emoji: personal?.emoji ?? null, body: personal?.body ?? null }
  return withActions(row, [...others, { id, action, state: 'pending', ...words, error: null }])
}

const actionFailed: Handler<MessageRow, 'message.actionFailed'> = (row, { data }) => {
  if (!row) return row
  const { actionId: id, action, reason, code = reason } = data
  const others = row.actions.filter(one => one.id !== id)
  const known = row.actions.find(one => one.id === id) ?? { id, action, emoji: null, body: null }
  return withActions(row, [...others, { ...known, state: 'failed', error: { code, reason } }])
}

const reacted: Handler<MessageRow, 'message.reacted'> = (row, { data }) => {
  if (!row) return row
  const authorId = data.authorId ?? null
  const others = row.reactions.filter(one => one.fromMe !== data.fromMe || one.authorId !== authorId)
  const emoji = data.personal?.emoji ?? ''
  const reactions = emoji ? [...others, { emoji, fromMe: data.fromMe, authorId }] : others
  return done({ ...row, reactions }, data.actionId)
}

const edited: Handler<MessageRow, 'message.edited'> = (row, { data }) => {
  if (!row) return row
  const at = instant(data.at)
  const edits = [...row.edits, { body: row.body, at }].slice(-EDITS_MAX)
  return done({ ...row, body: data.personal?.body ?? '', edits, edited_at: at }, data.actionId)
}

/** It was there already, in its place; now it says something. */
const deciphered: Handler<MessageRow, 'message.deciphered'> = (row, { data }) => {
  if (!row) return row
  const { kind, media, quotedMessageId, personal } = data
  return {
    ...row,
    kind,
    body: personal?.body ?? '',
    media: withoutFile(mediaOf(media, personal?.mediaName), personal === null),
    unfetched: !row.from_me && personal !== null && asksForMedia(media),
    details: row.from_me ? null : (personal?.details ?? null),
    quoted_id: quotedMessageId ?? null,
  }
}

/** What an erased person wrote, or was written, is no more than that there was a message. */
const blank = (
  row: MessageRow | undefined,
  { stream }: { readonly stream: string },
): MessageRow | undefined => {
  if (!row) return row
  const id = idOf(stream)
  const reactions = row.reactions.filter(({ authorId }) => authorId !== id)
  if (row.subject_id !== id) return { ...row, reactions }
  return {
    ...withActions(row, []),
    edits: [],
    body: '',
    details: null,
    media: withoutFile(row.media, true),
    unfetched: false,
    reactions: [],
    provider_key: null,
  }
}

export const messageRow: Projection<MessageRow> = {
  table: 'message_row',
  version: 8,
  columns: {
    company_id: 'uuid not null',
    id: 'uuid not null',
    ticket_id: 'uuid',
    conversation_id: 'uuid',
    session_id: 'uuid',
    subject_id: 'uuid',
    stream: 'text not null',
    revision: 'integer not null',
    from_me: 'boolean not null',
    kind: 'text not null',
    body: 'text not null',
    media: 'jsonb',
    unfetched: 'boolean not null',
    details: 'jsonb',
    ack: 'text not null',
    attempt: 'integer not null',
    error: 'jsonb',
    waits: 'jsonb',
    pricing: 'jsonb',
    quoted_id: 'uuid',
    reactions: 'jsonb not null',
    actions: 'jsonb not null',
    acting: 'boolean not null',
    edits: 'jsonb not null',
    provider_key: 'text',
    author_kind: 'text not null',
    author_id: 'text',
    late: 'boolean not null',
    history: 'boolean not null',
    created_at: 'text collate "C" not null',
    sent_at: 'text collate "C" not null',
    edited_at: 'text collate "C"',
    deleted_at: 'text collate "C"',
  },
  indexes: [
    '(company_id, ticket_id, revision desc)',
    '(company_id, conversation_id, created_at desc, revision desc) where ticket_id is null',
    '(company_id, provider_key) where provider_key is not null',
    "(created_at, revision) where ack in ('queued', 'sending') or acting",
    '(created_at, id) where unfetched',
    '(session_id, created_at, from_me)',
    '(company_id, subject_id)',
    "(company_id, (media->>'key')) where media is not null",
  ],
  creates: ['message.received', 'message.mirrored', 'message.queued'],
  keyOf: fact => ('messageId' in fact.data ? fact.data.messageId : null),
  spread: {
    types: ERASURES,
    matches: (row, { stream }) =>
      row.subject_id === idOf(stream) || row.reactions.some(({ authorId }) => authorId === idOf(stream)),
    // Reactions to other people's messages are looked for without an index: a person is seldom erased.
    where: ({ stream }) =>
      `t.subject_id = ${inSql(idOf(stream))}
        or t.reactions @> jsonb_build_array(jsonb_build_object('authorId', ${inSql(idOf(stream))}::text))`,
  },
  handlers: {
    ...ignoring(auditEvents),
    ...ignoring(companyEvents),
    ...ignoring(userEvents),
    ...ignoring(queueEvents),
    ...ignoring(deadLetterEvents),
    ...ignoring(aliasEvents),
    ...ignoring(contactEvents),
    'contact.erased': blank,
    'contact.erasureCompleted': blank,
    ...ignoring(sessionEvents),
    ...ignoring(conversationEvents),
    ...ignoring(ticketEvents),
    'message.received': received,
    'message.mirrored': mirrored,
    'message.queued': queued,
    'message.sending': (row, { data }) => {
      const next = told('sending')(row)
      return next && { ...next, attempt: Math.max(next.attempt, data.attempt) }
    },
    'message.sent': (row, { data }) => {
      const next = priced(told('sent')(row), data.pricing)
      return (
        next && {
          ...next,
          provider_key: keyIn(next.session_id, data.personal?.providerMessageId) ?? next.provider_key,
        }
      )
    },
    'message.delivered': (row, { data }) => priced(told('delivered')(row), data.pricing),
    'message.read': (row, { data }) => priced(told('read')(row), data.pricing),
    'message.played': told('played'),
    'message.failed': (row, { data }) =>
      wentWrong(row, 'failed', {
        code: data.code ?? data.reason,
        reason: data.reason,
        retryable: data.retryable,
      }),
    'message.outcomeUnknown': (row, { data }) =>
      wentWrong(row, 'unknown', { code: 'outcome-unknown', reason: data.reason, retryable: false }),
    'message.deferred': (row, { data }) =>
      again(row, { by: data.held?.by ?? 'retry', until: instant(data.until) }),
    'message.requeued': row => again(row, null),
    'message.mediaStored': (row, { data }) =>
      row && {
        ...row,
        media: {
          ...mediaOf(data.media, row.media?.name ?? undefined)!,
          size: data.media.size ?? row.media?.size ?? null,
        },
        unfetched: false,
      },
    'message.mediaFailed': (row, { data }) =>
      row?.media ? { ...row, media: { ...row.media, error: data.reason }, unfetched: false } : row,
    'message.reacted': reacted,
    'message.deciphered': deciphered,
    'message.edited': edited,
    'message.actionQueued': actionQueued,
    'message.actionFailed': actionFailed,
    // The body stays, for auditors; who may see it is decided where it is read.
    'message.revoked': (row, { data }) =>
      row && done({ ...row, deleted_at: instant(data.at) }, data.actionId),
  },
}
