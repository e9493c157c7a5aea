import { sql } from 'kysely'
import type { RecordedEvent } from '../events/all.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import { decodeBatch } from './decode-batch.ts'
import { step, type Keyed } from './define.ts'
import { mayLookBack, type HistorySource } from './history.ts'
import { messageRow, type MessageRow } from './message-row.ts'
import { messageView, type MessageWithNames } from './message-view.ts'
import { readingOf } from './messages.ts'
import { tellOf, toldOf, type AskedAbout, type Names, type Told } from './names.ts'
import { streamOf } from './place.ts'
import type { ReadModels } from './read-models.ts'
import { table, type Db } from './tables.ts'
import { ticketNames, ticketView, type TicketWithNames } from './ticket-view.ts'
import { ticketRow, type TicketRow } from './ticket-row.ts'
import { mayReadDeleted, mayReadPersonal } from './visibility.ts'

type Then = { readonly ticket: TicketRow; readonly messages: readonly MessageRow[] }

/** What one ticket's stream makes, with the very folds that make the tables. */
export const foldTicket = (facts: readonly RecordedEvent[]): Then | null => {
  let ticket: TicketRow | undefined
  const messages = new Map<string, MessageRow>()
  for (const fact of facts) {
    ticket = step(ticketRow, ticket, fact, { ticket, conversation: undefined })
    const id = messageRow.keyOf(fact)
    if (!id) continue
    const message = step(messageRow, messages.get(id), fact, { ticket, conversation: undefined })
    if (message) messages.set(id, message)
    else messages.delete(id)
  }
  return ticket ? { ticket, messages: [...messages.values()].sort((a, b) => a.revision - b.revision) } : null
}

type NamesOfTicket = Omit<TicketWithNames, keyof TicketRow>

/**
 * The ticket of then with the names of now, the names of those who wrote, and which messages are gone now, in one statement: the row as
 * it was stands in for the table.
 */
const toldNow = async (
  db: Db,
  ticket: TicketRow,
  about: AskedAbout,
): Promise<Told & { readonly ticket: TicketWithNames | null }> => {
  const { rows } = await sql<{
    what: string
    id: string
    name: string | null
  }>`${tellOf(ticket.company_id, about)}
    union all select 'ticket', t.id, json_build_object(
      'contact_name', c.name, 'contact_phone', c.phone, 'contact_erased', c.erased_at is not null,
      'session_name', s.name, 'session_provider', s.provider, 'queue_name', q.name, 'queue_color', q.color,
      'user_name', u.name)::text
    from json_populate_record(null::${table('ticket_row')}, ${JSON.stringify(ticket)}::json) t ${ticketNames}`.execute(
    db,
  )
  const now = rows.find(({ what }) => what === 'ticket')?.name
  return {
    ...toldOf(rows),
    ticket: now ? { ...ticket, ...(JSON.parse(now) as NamesOfTicket) } : null,
  }
}

const withNames = (row: MessageRow, names: Names, all: ReadonlyMap<string, MessageRow>): MessageWithNames => {
  const quoted = row.quoted_id ? all.get(row.quoted_id) : undefined
  return {
    ...row,
    author_name: (row.author_id && names.get(row.author_id)) || null,
    quoted_body: quoted?.body ?? null,
    quoted_kind: quoted?.kind ?? null,
    quoted_from_me: quoted?.from_me ?? null,
    quoted_deleted: quoted ? quoted.deleted_at !== null : null,
  }
}

const authorsOf = (messages: readonly (MessageRow & Keyed)[]): string[] =>
  messages.flatMap(row =>
    row.author_kind === 'user' || row.author_kind === 'contact' ? (row.author_id ?? []) : [],
  )

export const createTimeTravel = ({ db, store, decode }: HistorySource): Pick<ReadModels, 'ticketAt'> => ({
  ticketAt: async (who, ticketId, revision) => {
    if (!Number.isSafeInteger(revision) || revision < 0 || !(await mayLookBack(db, who, ticketId)))
      return null
    const events: StoredEvent[] = []
    const stream = store.readStream(streamOf('ticket', who.companyId, ticketId), { limit: revision + 1 })
    for await (const event of stream) events.push(event)
    // What nobody can read is left out here as it is in the tables.
    const { facts } = await decodeBatch(events, decode)
    const then = events.length === revision + 1 ? foldTicket(facts) : null
    if (!then) return null
    const {
      ticket,
      names,
      deleted: gone,
    } = await toldNow(db, then.ticket, {
      named: authorsOf(then.messages),
      // What was deleted since is not to be read by going back before that.
      messages: mayReadDeleted(who) ? [] : then.messages.map(row => row.id),
    })
    if (!ticket) return null
    const rows = then.messages.map(row =>
      gone.has(row.id) ? { ...row, body: '', media: null, details: null, actions: [], edits: [] } : row,
    )
    const all = new Map(rows.map(row => [row.id, row]))
    const messages = rows.map(row => messageView(withNames(row, names, all), readingOf(who)))
    const shown = ticket.last_id && gone.has(ticket.last_id) ? { ...ticket, last_preview: '' } : ticket
    return { ticket: ticketView(shown, mayReadPersonal(who)), messages }
  },
})
