import { z } from 'zod'
import type { StoredEvent } from '../eventstore/port.ts'
import { isUuid } from './asked.ts'
import { fromCursor, toCursor } from './cursor.ts'
import { decodeBatch } from './decode-batch.ts'
import { entryOf, type HistorySource } from './history.ts'
import { actorIds, namesOf } from './names.ts'
import { streamOf } from './place.ts'
import type { ReadModels } from './read-models.ts'
import { createSessionQueries } from './sessions.ts'
import { mayReadSessionHistory } from './visibility.ts'

const LIST = 'session-history'
const revisionKey = z.tuple([z.int().nonnegative()])

/** What happened to a channel: how it went down, when, why, and who had it meanwhile. */
export const createSessionHistory = (source: HistorySource): Pick<ReadModels, 'sessionHistory'> => {
  const { db, store, decode } = source
  const { session } = createSessionQueries(db)
  return {
    sessionHistory: async (who, sessionId, ask) => {
      const before = ask.cursor ? fromCursor(LIST, revisionKey, ask.cursor)[0] : null
      if (!mayReadSessionHistory(who) || !isUuid(sessionId) || !(await session(who, sessionId))) return null
      if (before === 0) return { items: [], nextCursor: null }
      const events: StoredEvent[] = []
      const stream = store.readStream(streamOf('session', who.companyId, sessionId), {
        direction: 'backwards',
        limit: ask.limit + 1,
        ...(before === null ? {} : { from: before - 1 }),
      })
      for await (const event of stream) events.push(event)
      const shown = events.slice(0, ask.limit)
      const { facts } = await decodeBatch(shown, decode)
      const names = await namesOf(db, who.companyId, actorIds(facts))
      const last = shown.at(-1)
      return {
        items: facts.map(fact => entryOf(fact, names, true, true)),
        nextCursor: events.length > ask.limit && last ? toCursor(LIST, [last.revision]) : null,
      }
    },
  }
}
