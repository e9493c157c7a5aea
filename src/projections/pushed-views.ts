import type { Keyed } from './define.ts'
import { cachedRow, type Caches } from './fold-batch.ts'
import type { ContactRow } from './contact-row.ts'
import type { MessageRow } from './message-row.ts'
import { pushedMessage, type MessageWithNames } from './message-view.ts'
import type { QueueRow } from './queue-row.ts'
import type { PushViews, RowKey } from './read-models.ts'
import type { SessionRow } from './session-row.ts'
import type { TicketRow } from './ticket-row.ts'
import { pushedTicket, type TicketWithNames } from './ticket-view.ts'
import type { UserRow } from './user-row.ts'

/**
 * What is pushed was written a moment ago by the same process: its rows, and those of whom they name, are in the caches
 * of the fold. Asking the database for them again would cost as much as writing them. What is not in the caches is
 * asked for there, and so is everything in a process that does not write.
 */

/** A row that is needed and not at hand. */
class NotAtHand extends Error {}

const needed =
  (caches: Caches, companyId: string) =>
  <Row extends Keyed>(table: string, id: string): Row => {
    const row = cachedRow(caches, table, companyId, id)
    if (!row) throw new NotAtHand()
    return row as Row
  }

const ticketAtHand = (caches: Caches, { companyId, id }: RowKey): TicketWithNames => {
  const need = needed(caches, companyId)
  const row = need<TicketRow>('ticket_row', id)
  const contact = need<ContactRow>('contact_row', row.contact_id)
  const session = need<SessionRow>('session_row', row.session_id)
  const queue = row.queue_id === null ? null : need<QueueRow>('queue_row', row.queue_id)
  const user = row.user_id === null ? null : need<UserRow>('user_row', row.user_id)
  return {
    ...row,
    contact_name: contact.name,
    contact_phone: contact.phone,
    contact_erased: contact.erased_at !== null,
    session_name: session.name,
    session_provider: session.provider,
    queue_name: queue?.name ?? null,
    queue_color: queue?.color ?? null,
    user_name: user?.name ?? null,
  }
}

const messageAtHand = (caches: Caches, { companyId, id }: RowKey): MessageWithNames => {
  const need = needed(caches, companyId)
  const row = need<MessageRow>('message_row', id)
  const named =
    row.author_id === null
      ? null
      : row.author_kind === 'user'
        ? need<UserRow>('user_row', row.author_id)
        : row.author_kind === 'contact'
          ? need<ContactRow>('contact_row', row.author_id)
          : null
  const quoted = row.quoted_id === null ? null : need<MessageRow>('message_row', row.quoted_id)
  const shown = quoted?.conversation_id === row.conversation_id ? quoted : null
  return {
    ...row,
    author_name: named?.name ?? null,
    quoted_body: shown?.body ?? null,
    quoted_kind: shown?.kind ?? null,
    quoted_from_me: shown?.from_me ?? null,
    quoted_deleted: shown ? shown.deleted_at !== null : false,
  }
}

/** Those at hand made into views, and the keys of the others. */
const split = <Row, View>(
  keys: readonly RowKey[],
  atHand: (key: RowKey) => Row,
  view: (row: Row) => View,
): { views: Map<string, View>; rest: RowKey[] } => {
  const views = new Map<string, View>()
  const rest: RowKey[] = []
  for (const key of keys) {
    try {
      views.set(key.id, view(atHand(key)))
    } catch (error) {
      if (!(error instanceof NotAtHand)) throw error
      rest.push(key)
    }
  }
  return { views, rest }
}

/** Views from the caches where they hold the rows, from `source` otherwise. */
export const pushedViews = (
  caches: Caches,
  source: PushViews,
): Pick<PushViews, 'ticketViews' | 'messageViews'> => ({
  ticketViews: async keys => {
    const { views, rest } = split(keys, key => ticketAtHand(caches, key), pushedTicket)
    if (rest.length === 0) return views
    return new Map([...views, ...(await source.ticketViews(rest))])
  },
  messageViews: async keys => {
    const { views, rest } = split(keys, key => messageAtHand(caches, key), pushedMessage)
    if (rest.length === 0) return views
    return new Map([...views, ...(await source.messageViews(rest))])
  },
})
