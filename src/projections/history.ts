import { sql } from 'kysely'
import { z } from 'zod'
import type { RecordedEvent } from '../events/all.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { EventStore, StoredEvent } from '../eventstore/port.ts'
import type { HistoryEntry } from '../realtime/protocol.ts'
import { fromCursor, toCursor } from './cursor.ts'
import { decodeBatch } from './decode-batch.ts'
import { actorIds, deletedAmong, namesOf, type Names } from './names.ts'
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

export const createHistory = ({ db, store, decode }: HistorySource): Pick<ReadModels, 'history'> => ({
  history: async (who, ticketId, ask) => {
    const from = ask.cursor ? fromCursor(LIST, revisionKey, ask.cursor)[0] + 1 : 0
    if (!(await mayLookBack(db, who, ticketId))) return null
    const events: StoredEvent[] = []
    const stream = store.readStream(streamOf('ticket', who.companyId, ticketId), {
      from,
      limit: ask.limit + 1,
    })
    for await (const event of stream) events.push(event)
    const { facts } = await decodeBatch(events, decode)
    const names = await namesOf(db, who.companyId, actorIds(facts))
    const deleted = mayReadDeleted(who)
      ? new Set<string>()
      : await deletedAmong(
          db,
          who.companyId,
          facts.flatMap(fact => messageIdOf(fact) ?? []),
        )
    const personal = mayReadPersonal(who)
    const view = (fact: RecordedEvent): HistoryEntry => {
      const messageId = messageIdOf(fact)
      return entryOf(fact, names, personal && !(messageId && deleted.has(messageId)), personal)
    }
    const more = events.length > ask.limit
    const last = events[ask.limit - 1]
    const items = facts.filter(fact => !more || fact.revision <= (last?.revision ?? 0)).map(view)
    return { items, nextCursor: more && last ? toCursor(LIST, [last.revision]) : null }
  },
})
