import { isRefusal, type Door } from '../commands/define.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { Position } from '../eventstore/port.ts'
import type { Freshness, Lookups } from '../projections/read-models.ts'
import { notDone, type Reaction } from './runner.ts'

export type MergeTools = {
  readonly door: Door
  head(): Promise<Position | null>
  waitFor(position: string, timeoutMs: number): Promise<Freshness>
  readonly lookups: Pick<Lookups, 'conversationsOf'>
}

const RULE = 'merge-contacts'
const WAIT_MS = 2_000

/**
 * What follows when two contacts turn out to be one person, or are two again: their conversations are joined, or parted. The
 * commands look at the log and find nothing to do the second time, so that a crash anywhere only means asking again.
 *
 * The contacts come first: whoever starts a conversation after that sees what they are, and whatever was started before is
 * found in the read models.
 */
export const mergeContacts = ({ door, head, waitFor, lookups }: MergeTools): Reaction => ({
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
    const settled = (await head()) ?? fact.position
    if ((await waitFor(settled, WAIT_MS)).stale) throw new Error('the read models are behind')
    await ask([
      ...new Set([
        ...(await lookups.conversationsOf(company, id)),
        ...(await lookups.conversationsOf(company, other)),
      ]),
    ])
  },
})
