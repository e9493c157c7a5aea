import { sql, type RawBuilder } from 'kysely'
import { WINDOW_HOURS, type ProviderKind } from '../events/session.ts'
import type { Ticket } from '../realtime/protocol.ts'
import type { PushViews } from './read-models.ts'
import { table } from './tables.ts'
import type { TicketRow } from './ticket-row.ts'

/** A ticket's row with the names of whom it mentions. */
export type TicketWithNames = TicketRow & {
  readonly contact_name: string | null
  readonly contact_phone: string | null
  readonly contact_erased: boolean
  readonly session_name: string | null
  readonly session_provider: ProviderKind | null
  readonly queue_name: string | null
  readonly queue_color: string | null
  readonly user_name: string | null
  /** When the customer last wrote in the conversation, in whatever ticket of it; where that was asked. */
  readonly heard_at?: string | null
}

export const ticketColumns: RawBuilder<unknown> = sql`t.*, c.name as contact_name, c.phone as contact_phone,
  c.erased_at is not null as contact_erased,
  s.name as session_name, s.provider as session_provider, q.name as queue_name, q.color as queue_color, u.name as user_name`

export const ticketNames: RawBuilder<unknown> = sql`
  left join ${table('contact_row')} c on c.company_id = t.company_id and c.id = t.contact_id
  left join ${table('session_row')} s on s.company_id = t.company_id and s.id = t.session_id
  left join ${table('queue_row')} q on q.company_id = t.company_id and q.id = t.queue_id
  left join ${table('user_row')} u on u.company_id = t.company_id and u.id = t.user_id`

/** Of one ticket: its conversation may have heard the customer in an earlier ticket, or in none. */
export const heardAt: RawBuilder<unknown> = sql`greatest(t.last_inbound_at,
  (select max(x.last_inbound_at) from ${table('ticket_row')} x where x.company_id = t.company_id
    and x.contact_id = t.contact_id and x.conversation_id = t.conversation_id),
  (select cv.last_inbound_at from ${table('conversation_row')} cv
    where cv.company_id = t.company_id and cv.id = t.conversation_id)) as heard_at`

const HOUR_MS = 3_600_000

/** Absent where the channel has no window, and where the row does not know: the customer wrote before this ticket, or never. */
const windowOf = ({ session_provider: provider, ...row }: TicketWithNames): Pick<Ticket, 'window'> => {
  const hours = provider && WINDOW_HOURS[provider]
  const from = row.heard_at === undefined ? row.last_inbound_at : row.heard_at
  if (!hours || (from === null && row.heard_at === undefined)) return {}
  const closesAt = from === null ? null : new Date(Date.parse(from) + hours * HOUR_MS).toISOString()
  return { window: { closesAt } }
}

const lastMessage = (row: TicketRow, personal: boolean): Ticket['lastMessage'] =>
  row.last_at === null || row.last_kind === null || row.last_ack === null
    ? null
    : {
        preview: personal ? (row.last_preview ?? '') : '',
        at: row.last_at,
        fromMe: row.last_from_me === true,
        kind: row.last_kind,
        ack: row.last_ack,
      }

/** A ticket as it goes over the wire. Names that could not be recorded are empty, never a reason to hide the ticket. */
export const ticketView = (row: TicketWithNames, personal: boolean): Ticket => ({
  id: row.id,
  number: row.number,
  status: row.status,
  revision: row.revision,
  contact: {
    id: row.contact_id,
    name: personal ? row.contact_name : null,
    phone: personal ? row.contact_phone : null,
    isGroup: row.is_group,
    ...(row.contact_erased ? { erased: true as const } : {}),
  },
  session: {
    id: row.session_id,
    name: row.session_name ?? '',
    provider: row.session_provider ?? 'simulator',
  },
  queue: row.queue_id
    ? { id: row.queue_id, name: row.queue_name ?? '', color: row.queue_color ?? '#888888' }
    : null,
  user: row.user_id ? { id: row.user_id, name: row.user_name ?? '' } : null,
  tags: [],
  priority: row.priority,
  lastMessage: lastMessage(row, personal),
  unreadCount: row.unread_count,
  isGroup: row.is_group,
  openedAt: row.opened_at,
  acceptedAt: row.accepted_at,
  waitingSince: row.pending_since,
  closedAt: row.closed_at,
  snoozedUntil: row.snoozed_until,
  ...windowOf(row),
  updatedAt: row.updated_at,
})

type PushedTicket =
  Awaited<ReturnType<PushViews['ticketViews']>> extends ReadonlyMap<string, infer V> ? V : never

/** As it is pushed: who gets it is decided by its place. */
export const pushedTicket = (row: TicketWithNames): PushedTicket => ({
  place: { companyId: row.company_id, status: row.status, queueId: row.queue_id, userId: row.user_id },
  ticket: ticketView(row, true),
  lastMessageId: row.last_id,
})
