import type { RecordedEvent } from '../../src/events/all.ts'
import { decode, type DataKeys } from '../../src/eventstore/codec.ts'
import type { StoredEvent } from '../../src/eventstore/port.ts'
import type { ConversationRow } from '../../src/projections/conversation-row.ts'
import { step, type Keyed, type Projection, type Scope } from '../../src/projections/define.ts'
import { foldBatch } from '../../src/projections/fold-batch.ts'
import { providerKey, type MessageRow } from '../../src/projections/message-row.ts'
import { idIn } from '../../src/projections/place.ts'
import type { SessionRow } from '../../src/projections/session-row.ts'
import { projections } from '../../src/projections/tables.ts'
import type { TicketRow } from '../../src/projections/ticket-row.ts'
import type { Chance } from './chance.ts'
import type { MemoryLog } from './memory-log.ts'
import type { Scheduler } from './scheduler.ts'

type Table = Map<string, Keyed>
export type Tables = ReadonlyMap<string, Table>

const emptyTables = (): Tables => new Map(projections.map(({ table }) => [table, new Map<string, Keyed>()]))
const keyOf = (companyId: string, id: string): string => `${companyId}/${id}`

/** How far behind the log the read models may be, milliseconds. */
const LAG_MS_MAX = 400

/** The read models in memory, some way behind the log, folded by the production's own folds in batches of any size. */
export const createSimulatedReadModels = (parts: {
  readonly log: MemoryLog
  readonly keys: Pick<DataKeys, 'get'>
  readonly scheduler: Scheduler
  readonly chance: Chance
}) => {
  const { log, keys, scheduler, chance } = parts
  const tables = emptyTables()
  const waiting: { position: string; done: () => void }[] = []
  const poisons: string[] = []
  let position = ''
  let folding = false

  const rows = <Row extends Keyed>(table: string): Row[] => [...tables.get(table)!.values()] as Row[]

  const fold = async (): Promise<void> => {
    const limit = 1 + chance.int(40)
    const events = log.readAll({ ...(position ? { after: position as never } : {}), limit })
    const facts = await Promise.all(events.map(event => decode(event, keys)))
    const { changes, poisons: found } = await foldBatch(
      projections,
      facts,
      async (name, asked) =>
        asked.flatMap(({ company_id, id }) => tables.get(name)!.get(keyOf(company_id, id)) ?? []),
      // All of the company: which of them a fact touches is asked again in memory.
      async (name, companyId) => rows<Keyed>(name).filter(row => row.company_id === companyId),
    )
    poisons.push(...found.map(({ reason, type }) => `${type}: ${reason}`))
    for (const { projection, rows: changed, gone } of changes) {
      const table = tables.get(projection.table)!
      for (const row of changed) table.set(keyOf(row.company_id, row.id), row)
      for (const { company_id, id } of gone) table.delete(keyOf(company_id, id))
    }
    position = events.at(-1)?.position ?? position
    folding = false
    for (const one of waiting.splice(0)) {
      if (one.position <= position) one.done()
      else waiting.push(one)
    }
    if (position < (log.head() ?? '')) follow()
  }
  const follow = (): void => {
    if (folding) return
    folding = true
    scheduler.after(chance.float() * LAG_MS_MAX, 'projections', null, () => void fold())
  }
  log.onAppended(follow)

  const unsent = (): MessageRow[] =>
    rows<MessageRow>('message_row')
      .filter(
        row =>
          (row.ack === 'queued' || row.ack === 'sending' || row.acting) &&
          row.session_id &&
          row.conversation_id,
      )
      .toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1))

  return {
    tables,
    poisons,
    rows,
    position: () => position,
    /** Resolves when everything up to a position is shown. */
    shown: (until: string): Promise<void> =>
      until <= position
        ? Promise.resolve()
        : new Promise(done => void waiting.push({ position: until, done })),
    unsentMessages: () =>
      unsent().map(({ company_id, session_id, conversation_id, stream, id }) => ({
        companyId: company_id,
        sessionId: session_id!,
        conversationId: conversation_id!,
        stream,
        messageId: id,
      })),
    unsettledConversations: (before: string) => {
      const tickets = tables.get('ticket_row')!
      return rows<ConversationRow>('conversation_row').flatMap(
        ({ company_id, id, live_ticket_id, live_since }) => {
          if (!live_ticket_id || !live_since || live_since >= before) return []
          const ticket = tickets.get(keyOf(company_id, live_ticket_id)) as TicketRow | undefined
          const over = !ticket || (ticket.status === 'closed' && (ticket.closed_at ?? '') < before)
          return over ? [{ companyId: company_id, conversationId: id }] : []
        },
      )
    },
    conversationsOf: (contactId: string) =>
      rows<ConversationRow>('conversation_row')
        .filter(row => row.contact_id === contactId || row.origin_contact_id === contactId)
        .map(({ id }) => id)
        .toSorted(),
    wantedSessions: () =>
      rows<SessionRow>('session_row')
        .filter(({ wanted }) => wanted)
        .map(({ company_id, id }) => ({ companyId: company_id, sessionId: id })),
    messageByProviderId: (sessionId: string, providerMessageId: string) => {
      const key = providerKey(sessionId, providerMessageId)
      const found = rows<MessageRow>('message_row').find(row => row.provider_key === key)
      return found ? { stream: found.stream, messageId: found.id, fromMe: found.from_me } : null
    },
    ticketOfMessage: (messageId: string): string | null =>
      rows<MessageRow>('message_row').find(row => row.id === messageId)?.ticket_id ?? null,
  }
}
export type SimulatedReadModels = ReturnType<typeof createSimulatedReadModels>

const touchedBy = (projection: Projection<Keyed>, table: Table, fact: RecordedEvent): readonly string[] => {
  const { spread } = projection
  const { companyId } = fact.meta
  if (spread?.types.includes(fact.type))
    return [...table].flatMap(([key, row]) =>
      row.company_id === companyId && spread.matches(row, fact) ? [key] : [],
    )
  const id = projection.keyOf(fact)
  return id ? [keyOf(companyId, id)] : []
}

/** What a rebuild from the log's beginning comes to, one fact after the other. */
export const rebuilt = async (
  events: readonly StoredEvent[],
  keys: Pick<DataKeys, 'get'>,
): Promise<Tables> => {
  const tables = emptyTables()
  const scopeOf = (fact: RecordedEvent): Scope => {
    const rowOf = (kind: 'ticket' | 'conversation'): Keyed | undefined => {
      const id = idIn(kind, fact)
      return id ? tables.get(`${kind}_row`)!.get(keyOf(fact.meta.companyId, id)) : undefined
    }
    return {
      ticket: rowOf('ticket') as Scope['ticket'],
      conversation: rowOf('conversation') as Scope['conversation'],
    }
  }
  for (const event of events) {
    const fact = await decode(event, keys)
    for (const projection of projections) {
      const table = tables.get(projection.table)!
      for (const key of touchedBy(projection, table, fact)) {
        const row = step(projection, table.get(key), fact, scopeOf(fact))
        if (row) table.set(key, row)
        else table.delete(key)
      }
    }
  }
  return tables
}
