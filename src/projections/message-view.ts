import { sql, type RawBuilder } from 'kysely'
import type { MessageKind } from '../events/message.ts'
import type { Message } from '../realtime/protocol.ts'
import { hasThumbnail } from '../shared/thumbnails.ts'
import type { ActionColumn, MediaColumn, MessageRow } from './message-row.ts'
import { table } from './tables.ts'

/** A message's row with its author's name and what it quotes. */
export type MessageWithNames = MessageRow & {
  readonly author_name: string | null
  readonly quoted_body: string | null
  readonly quoted_kind: MessageKind | null
  readonly quoted_from_me: boolean | null
  readonly quoted_deleted: boolean | null
}

export const messageColumns: RawBuilder<unknown> = sql`m.*, coalesce(mu.name, mc.name) as author_name,
  mq.body as quoted_body, mq.kind as quoted_kind, mq.from_me as quoted_from_me,
  mq.deleted_at is not null as quoted_deleted`

/**
 * `author_id` is text because bots have names and not ids: only what is a user's or contact's id is looked up as one.
 * What another conversation said is not shown here by quoting it.
 */
export const messageNames: RawBuilder<unknown> = sql`
  left join ${table('user_row')} mu on mu.company_id = m.company_id
    and mu.id = case when m.author_kind = 'user' then m.author_id::uuid end
  left join ${table('contact_row')} mc on mc.company_id = m.company_id
    and mc.id = case when m.author_kind = 'contact' then m.author_id::uuid end
  left join ${table('message_row')} mq on mq.company_id = m.company_id and mq.id = m.quoted_id
    and mq.conversation_id = m.conversation_id`

/** What the reader may read: personal parts at all, what was deleted for everyone, and what messages cost. */
export type Reading = { readonly personal: boolean; readonly deleted: boolean; readonly pricing: boolean }

/** A sticker is small anyway, and lives of what shows through and moves, which a thumbnail has not. */
const mediaView = (
  { id, kind }: MessageRow,
  media: MediaColumn,
  readable: boolean,
): NonNullable<Message['media']> => ({
  url: media.key && readable ? `/api/v1/media/${id}` : null,
  mime: media.mime,
  size: media.size,
  name: readable ? media.name : null,
  thumbnailUrl:
    media.key && readable && kind !== 'sticker' && hasThumbnail(media)
      ? `/api/v1/media/${id}/thumbnail`
      : null,
  tooLarge: media.tooLarge,
  error: media.error,
  ...(media.width && media.height ? { width: media.width, height: media.height } : {}),
  ...(media.seconds === undefined ? {} : { seconds: media.seconds }),
  ...(media.linkUntil === undefined ? {} : { linkUntil: media.linkUntil }),
})

const actionView = ({
  emoji,
  body,
  error,
  ...action
}: ActionColumn): NonNullable<Message['actions']>[number] => ({
  ...action,
  ...(emoji === null ? {} : { emoji }),
  ...(body === null ? {} : { body }),
  ...(error ? { error } : {}),
})

const quotedView = (row: MessageWithNames, may: Reading): NonNullable<Message['quoted']> | null =>
  row.quoted_id && row.quoted_kind
    ? {
        id: row.quoted_id,
        body: may.personal && (may.deleted || !row.quoted_deleted) ? (row.quoted_body ?? '') : '',
        kind: row.quoted_kind,
        fromMe: row.quoted_from_me === true,
      }
    : null

/** A message as it goes over the wire. */
export const messageView = (row: MessageWithNames, may: Reading): Message => {
  const readable = may.personal && (may.deleted || row.deleted_at === null)
  const quoted = quotedView(row, may)
  const nameless = !may.personal && row.author_kind === 'contact'
  return {
    id: row.id,
    ticketId: row.ticket_id,
    fromMe: row.from_me,
    kind: row.kind,
    body: readable ? row.body : '',
    ...(row.media ? { media: mediaView(row, row.media, readable) } : {}),
    ...(readable && row.details !== null && row.details !== undefined
      ? { details: row.details as Message['details'] }
      : {}),
    ack: row.ack,
    sentBy: { kind: row.author_kind, id: row.author_id, name: nameless ? null : row.author_name },
    ...(quoted ? { quoted } : {}),
    reactions: may.personal ? row.reactions.map(reaction => ({ ...reaction })) : [],
    revision: row.revision,
    late: row.late,
    ...(row.history ? { history: true as const } : {}),
    ...(readable && row.actions.length > 0 ? { actions: row.actions.map(actionView) } : {}),
    ...(row.edited_at ? { editedAt: row.edited_at } : {}),
    // What it said before is for those who may read what was deleted.
    ...(may.personal && may.deleted && row.edits.length > 0
      ? { edits: row.edits.map(edit => ({ ...edit })) }
      : {}),
    ...(row.deleted_at ? { deletedAt: row.deleted_at } : {}),
    timestamp: row.created_at,
    sentAt: row.sent_at,
    ...(row.error ? { error: row.error } : {}),
    ...(row.waits && row.ack === 'queued' ? { waiting: { ...row.waits } } : {}),
    ...(may.pricing && row.pricing ? { pricing: row.pricing } : {}),
  } as Message
}

/** What is pushed goes to many: nobody gets more than the one who may read least. */
const PUSHED: Reading = { personal: true, deleted: false, pricing: false }

export const pushedMessage = (row: MessageWithNames): { companyId: string; message: Message } => ({
  companyId: row.company_id,
  message: messageView(row, PUSHED),
})
