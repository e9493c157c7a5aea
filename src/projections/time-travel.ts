import { sql } from 'kysely'
import type { RecordedEvent } from '../events/all.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import { decodeBatch } from './decode-batch.ts'
import { step, type Keyed } from './define.ts'
import { mayLookBack, type HistorySource } from './history.ts'
import { messageRow, type MessageRow } from './message-row.ts'
import { messageView, type MessageWithNames } from './message-view.ts'
import { readingOf } from './messages.ts'
import { deletedAmong, namesOf, type Names } from './names.ts'
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

/** The ticket of then with the names of now, in one statement: the row as it was stands in for the table. */
const named = async (db: Db, ticket: TicketRow): Promise<TicketWithNames | undefined> => {
  const { rows } = await sql<
    Omit<TicketWithNames, keyof TicketRow>
  >`select c.name as contact_name, c.phone as contact_phone, c.erased_at is not null as contact_erased,
      s.name as session_name, s.provider as session_provider, q.name as queue_name, q.color as queue_color, u.name as user_name
    from json_populate_record(null::${table('ticket_row')}, ${JSON.stringify(ticket)}::json) t ${ticketNames}`.execute(
    db,
  )
  return rows[0] && { ...ticket, ...rows[0] }
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
    const ticket = then && (await named(db, then.ticket))
    if (!then || !ticket) return null
    const names = await namesOf(db, who.companyId, authorsOf(then.messages))
    // What was deleted since is not to be read by going back before that.
    const ids = then.messages.map(row => row.id)
    const gone = mayReadDeleted(who) ? new Set<string>() : await deletedAmong(db, who.companyId, ids)
    const rows = then.messages.map(row =>
      gone.has(row.id) ? { ...row, body: '', media: null, details: null, actions: [], edits: [] } : row,
    )
    const all = new Map(rows.map(row => [row.id, row]))
    const messages = rows.map(row => messageView(withNames(row, names, all), readingOf(who)))
    const shown = ticket.last_id && gone.has(ticket.last_id) ? { ...ticket, last_preview: '' } : ticket
    return { ticket: ticketView(shown, mayReadPersonal(who)), messages }
  },
})
