import { userKind } from '../actors/company/chart.ts'
import type { Directory } from '../actors/directory.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import type { Freshness } from '../projections/read-models.ts'
import { notDone, type Reaction } from './runner.ts'

/** How long the read models are waited for at a time, until they show what happened before the deactivation. */
const WAIT_MS = 2_000

/** The open tickets of somebody who was taken out of service go back to their queues, where others see them. */
export const returnTickets = (tools: {
  readonly door: Door
  readonly directory: Directory
  waitFor(position: string, timeoutMs: number): Promise<Freshness>
  openTicketsOf(companyId: string, userId: string): Promise<readonly string[]>
}): Reaction => ({
  name: 'return-tickets',
  types: ['user.deactivated'],
  react: async ({ company, id }, fact) => {
    const { state: user } = await tools.directory.state(userKind, { company, id })
    // An old story read again: the user is back in service since.
    if (!user.matches({ existing: 'inactive' })) return
    if ((await tools.waitFor(fact.position, WAIT_MS)).stale) throw new Error('the read models are behind')
    for (const ticketId of await tools.openTicketsOf(company, id)) {
      const answer = await tools.door.ask(
        { kind: 'system', companyId: company, actor: { kind: 'system', id: 'return-tickets' } },
        'ticket.return',
        { id: ticketId },
        { correlationId: fact.id, causationId: fact.id, rule: 'user-deactivated' },
      )
      // Closed or taken over meanwhile: then there is nothing to return.
      if (isRefusal(answer) && answer.refused !== 'ticket-not-live')
        throw notDone(`ticket ${ticketId} was not returned`, answer)
    }
  },
})
