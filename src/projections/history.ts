import { sql } from 'kysely'
import { z } from 'zod'
import type { RecordedEvent } from '../events/all.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { EventStore, StoredEvent } from '../eventstore/port.ts'
import type { HistoryEntry } from '../realtime/protocol.ts'
import { fromCursor, toCursor } from './cursor.ts'
import { decodeBatch } from './decode-batch.ts'
import { actorIds, tell, type Names } from './names.ts'
import { streamOf } from './place.ts'
import type { ReadModels } from './read-models.ts'
import { table, type Db } from './tables.ts'
import { isUuid } from './asked.ts'
import { mayReadDeleted, mayReadPersonal, visibleHistory } from './visibility.ts'

export type HistorySource = {
  readonly db: Db
  readonly store: Pick<EventStore, 'readStream'>
  decode(event: StoredEvent): Promise<RecordedEvent>
}

const LIST = 'history'
const revisionKey = z.tuple([z.int().nonnegative()])

/** Whether the person may look into the ticket's past. Analysts have figures, not stories. */
export const mayLookBack = async (db: Db, who: UserPrincipal, ticketId: string): Promise<boolean> => {
  if (!isUuid(ticketId) || !mayReadPersonal(who)) return false
  const { rows } = await sql`select 1 from ${table('ticket_row')} t
    where t.id = ${ticketId} and ${visibleHistory(who)}`.execute(db)
  return rows.length > 0
}

const messageIdOf = (fact: RecordedEvent): string | null =>
  'messageId' in fact.data ? fact.data.messageId : null

/** The fact's data as far as the reader may see it. The channel's raw payload is for replay, not for reading. */
const dataFor = (fact: RecordedEvent, readable: boolean): HistoryEntry['data'] => {
  const { personal, ...open } = fact.data as { personal?: Record<string, unknown> | null }
  if (personal === undefined || !readable) return open as HistoryEntry['data']
  if (personal === null) return { ...open, personal: null } as HistoryEntry['data']
  const { raw: _, ...shown } = personal
  return { ...open, personal: shown } as HistoryEntry['data']
}

/** One fact as a line that this reader may see. */
export const entryOf = (
  fact: RecordedEvent,
  names: Names,
  readable: boolean,
  personal: boolean,
): HistoryEntry => {
  const { actor } = fact.meta
  const named = personal || actor.kind !== 'contact'
  return {
    revision: fact.revision,
    id: fact.id,
    type: fact.type,
    at: fact.meta.at,
    actor: { kind: actor.kind, id: actor.id, name: named ? (names.get(actor.id) ?? null) : null },
    commandId: fact.meta.commandId,
    causationId: fact.meta.causationId ?? null,
    correlationId: fact.meta.correlationId,
    rule: fact.meta.rule ?? null,
    data: dataFor(fact, readable),
  }
}

/** So many facts of a ticket are looked through for those about one message, from where it was written. */
const SEARCHED_FACTS_MAX = 5_000
/** More than that are not shown of one message. */
const MESSAGE_FACTS_MAX = 200

/** Where a message began in its ticket; `null`: it is not there. */
const beginningOf = async (
  db: Db,
  { companyId }: UserPrincipal,
  ticketId: string,
  messageId: string,
): Promise<number | null> => {
  if (!isUuid(messageId)) return null
  const { rows } = await sql<{ revision: number }>`select m.revision from ${table('message_row')} m
    where m.company_id = ${companyId} and m.id = ${messageId} and m.ticket_id = ${ticketId}`.execute(db)
  return rows[0]?.revision ?? null
}

type HistoryQueries = Pick<ReadModels, 'history' | 'messageHistory'>

export const createHistory = ({ db, store, decode }: HistorySource): HistoryQueries => {
  /** The facts of these events as this reader may see them. */
  const entriesOf = async (
    who: UserPrincipal,
    events: readonly StoredEvent[],
  ): Promise<readonly HistoryEntry[]> => {
    const { facts } = await decodeBatch(events, decode)
    const messages = mayReadDeleted(who) ? [] : facts.flatMap(fact => messageIdOf(fact) ?? [])
    const { names, deleted } = await tell(db, who.companyId, { named: actorIds(facts), messages })
    const personal = mayReadPersonal(who)
    return facts.map(fact => {
      const messageId = messageIdOf(fact)
      return entryOf(fact, names, personal && !(messageId && deleted.has(messageId)), personal)
    })
  }
  return {
    history: async (who, ticketId, ask) => {
      const from = ask.cursor ? fromCursor(LIST, revisionKey, ask.cursor)[0] + 1 : 0
      if (!(await mayLookBack(db, who, ticketId))) return null
      const events: StoredEvent[] = []
      const stream = streamOf('ticket', who.companyId, ticketId)
      for await (const event of store.readStream(stream, { from, limit: ask.limit + 1 })) events.push(event)
      const more = events.length > ask.limit
      const last = events[ask.limit - 1]
      const entries = await entriesOf(who, events)
      const items = entries.filter(({ revision }) => !more || revision <= (last?.revision ?? 0))
      return { items, nextCursor: more && last ? toCursor(LIST, [last.revision]) : null }
    },

    messageHistory: async (who, ticketId, messageId) => {
      if (!(await mayLookBack(db, who, ticketId))) return null
      const from = await beginningOf(db, who, ticketId, messageId)
      if (from === null) return null
      const events: StoredEvent[] = []
      const stream = streamOf('ticket', who.companyId, ticketId)
      for await (const event of store.readStream(stream, { from, limit: SEARCHED_FACTS_MAX })) {
        if (event.data['messageId'] === messageId) events.push(event)
        if (events.length === MESSAGE_FACTS_MAX) break
      }
      return entriesOf(who, events)
    },
  }
}
