import { isRefusal, type Door } from '../commands/define.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { EventStore, Position } from '../eventstore/port.ts'
import { streamName } from '../eventstore/streams.ts'
import type { Freshness, Lookups } from '../projections/read-models.ts'
import { notDone, type Reaction } from './runner.ts'

export type MergeTools = {
  readonly door: Door
  readonly store: Pick<EventStore, 'readStream'>
  waitFor(position: string, timeoutMs: number): Promise<Freshness>
  readonly lookups: Pick<Lookups, 'conversationsOf'>
}

const RULE = 'merge-contacts'
/** Longer than they ever take under load: each new try waits for a later place. */
const WAIT_MS = 10_000

/** Where the log says something in this stream last. */
const lastOf = async (store: MergeTools['store'], stream: string): Promise<Position | null> => {
  for await (const { position } of store.readStream(stream, { direction: 'backwards', limit: 1 }))
    return position
  return null
}

/**
 * What follows when two contacts turn out to be one person, or are two again: their conversations are joined, or parted. The
 * commands look at the log and find nothing to do the second time, so that a crash anywhere only means asking again.
 *
 * The contacts come first: whoever starts a conversation after that sees what they are, and whatever was started before is
 * found in the read models, once they show what was said of the contacts last. (To wait for the end of the log each time was tried:
 * on a busy log the reaction fell behind for good.)
 */
export const mergeContacts = ({ door, store, waitFor, lookups }: MergeTools): Reaction => ({
  name: RULE,
  types: ['contact.merged', 'contact.unmerged'],
  react: async ({ company, id }, fact) => {
    const { intoId, fromId } = fact.data as { intoId?: string; fromId?: string }
    const other = intoId ?? fromId
    if (other === undefined) return
    const who: SystemPrincipal = { kind: 'system', companyId: company, actor: { kind: 'system', id: RULE } }
    const ask = async (conversationIds: readonly string[] | null): Promise<void> => {
      const answer = await door.ask(
        who,
        intoId === undefined ? 'contact.continueUnmerge' : 'contact.continueMerge',
        { id, conversationIds, ...(fromId === undefined ? {} : { fromId }) },
        { correlationId: fact.meta.correlationId, causationId: fact.id, rule: RULE },
      )
      if (isRefusal(answer)) throw notDone(`${id} and ${other}`, answer)
    }
    await ask(null)
    let settled = fact.position
    for (const contact of [id, other]) {
      const last = await lastOf(store, streamName({ company, type: 'contact', id: contact }))
      if (last !== null && last > settled) settled = last
    }
    if ((await waitFor(settled, WAIT_MS)).stale) throw new Error('the read models are behind')
    await ask([
      ...new Set([
        ...(await lookups.conversationsOf(company, id)),
        ...(await lookups.conversationsOf(company, other)),
      ]),
    ])
  },
})
