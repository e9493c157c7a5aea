import { z } from 'zod'
import type { UserPrincipal } from '../events/principal.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import type { HistoryEntry } from '../realtime/protocol.ts'
import { fromCursor, toCursor } from './cursor.ts'
import { decodeBatch } from './decode-batch.ts'
import { entryOf, type HistorySource } from './history.ts'
import { actorIds, tell } from './names.ts'
import type { Page, PageAsk } from './read-models.ts'

const revisionKey = z.tuple([z.int().nonnegative()])

/**
 * A page of what the log says of one stream, newest first; `list` names the list that its cursors are of. Whoever asks may
 * read all of it: that was decided before.
 */
export const newestFacts = async (
  { db, store, decode }: HistorySource,
  who: UserPrincipal,
  stream: string,
  { list, ask }: { readonly list: string; readonly ask: PageAsk },
): Promise<Page<HistoryEntry>> => {
  const before = ask.cursor ? fromCursor(list, revisionKey, ask.cursor)[0] : null
  if (before === 0) return { items: [], nextCursor: null }
  const events: StoredEvent[] = []
  const read = store.readStream(stream, {
    direction: 'backwards',
    limit: ask.limit + 1,
    ...(before === null ? {} : { from: before - 1 }),
  })
  for await (const event of read) events.push(event)
  const shown = events.slice(0, ask.limit)
  const { facts } = await decodeBatch(shown, decode)
  const { names } = await tell(db, who.companyId, { named: actorIds(facts) })
  const last = shown.at(-1)
  return {
    items: facts.map(fact => entryOf(fact, names, true, true)),
    nextCursor: events.length > ask.limit && last ? toCursor(list, [last.revision]) : null,
  }
}
