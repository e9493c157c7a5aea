import { sql, type RawBuilder } from 'kysely'
import type { ProviderKind } from '../events/session.ts'
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
}

export const ticketColumns: RawBuilder<unknown> = sql`t.*, c.name as contact_name, c.phone as contact_phone,
  c.erased_at is not null as contact_erased,
  s.name as session_name, s.provider as session_provider, q.name as queue_name, q.color as queue_color, u.name as user_name`

export const ticketNames: RawBuilder<unknown> = sql`
  left join ${table('contact_row')} c on c.company_id = t.company_id and c.id = t.contact_id
  left join ${table('session_row')} s on s.company_id = t.company_id and s.id = t.session_id
  left join ${table('queue_row')} q on q.company_id = t.company_id and q.id = t.queue_id
  left join ${table('user_row')} u on u.company_id = t.company_id and u.id = t.user_id`

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
