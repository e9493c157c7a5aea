import type { RecordedEvent } from '../events/all.ts'
import { WHAT_TO_TELL } from './what-to-tell.ts'

export type ToldRow<Action> = {
  readonly companyId: string
  readonly id: string
  position: string
  action: Action
}

/** What a batch of facts comes to for clients: of each row the last word, not every word. */
export type Batch = {
  readonly tickets: Map<string, ToldRow<'create' | 'update'>>
  readonly messages: Map<
    string,
    ToldRow<'create' | 'update' | 'delete' | 'ack'> & { readonly ticketId: string | null }
  >
  /** Conversations in which something beside their tickets changed. */
  readonly beside: Map<string, { readonly companyId: string; readonly id: string; readonly position: string }>
  readonly contacts: Map<string, ToldRow<'create' | 'update'>>
  readonly sessions: Map<string, ToldRow<'update' | 'remove'>>
  /** Users whose rights are others now, and since when. */
  readonly rights: Map<string, { readonly companyId: string; readonly userId: string; position: string }>
}

const idOf = (stream: string): string => stream.slice(stream.indexOf('.') + 1)
const ticketOf = (stream: string): string | null => (stream.startsWith('ticket-') ? idOf(stream) : null)

/** The later word replaces the earlier, but a row that is new to clients stays new, at the place where it came in. */
const put = <T extends { action: string; position: string }>(
  map: Map<string, T>,
  key: string,
  row: T,
): void => {
  const before = map.get(key)
  if (before?.action === 'create') return
  const weaker = row.action === 'ack' && before !== undefined
  map.set(key, weaker ? { ...before, position: row.position } : row)
}

const rightsChanged = (fact: RecordedEvent): boolean =>
  fact.type !== 'user.changed' || fact.data.role !== undefined || fact.data.queueIds !== undefined

const collectOne = (batch: Batch, fact: RecordedEvent): void => {
  const told = WHAT_TO_TELL[fact.type]
  if (!told) return
  const { position, meta } = fact
  if (told.as === 'message' && fact.stream.startsWith('conversation-')) {
    const id = idOf(fact.stream)
    batch.beside.set(id, { companyId: meta.companyId, id, position })
  }
  // What was said before the number was linked is news to nobody: it is there when somebody looks.
  if ('history' in fact.data && fact.data.history) return
  const row = { companyId: meta.companyId, id: idOf(fact.stream), position }
  switch (told.as) {
    case 'ticket':
      return put(batch.tickets, row.id, { ...row, action: told.action })
    case 'contact':
      return put(batch.contacts, row.id, { ...row, action: told.action })
    case 'session':
      return put(batch.sessions, row.id, { ...row, action: told.action })
    case 'message':
    case 'ack': {
      if (!('messageId' in fact.data)) return
      const id = fact.data.messageId
      const action = told.as === 'ack' ? 'ack' : told.action
      return put(batch.messages, id, { ...row, id, action, ticketId: ticketOf(fact.stream) })
    }
    case 'rights':
    case 'deactivated':
      if (rightsChanged(fact))
        batch.rights.set(`${row.companyId}/${row.id}`, { companyId: row.companyId, userId: row.id, position })
  }
}

export const collect = (facts: readonly RecordedEvent[]): Batch => {
  const batch: Batch = {
    tickets: new Map(),
    messages: new Map(),
    beside: new Map(),
    contacts: new Map(),
    sessions: new Map(),
    rights: new Map(),
  }
  for (const fact of facts) collectOne(batch, fact)
  return batch
}
