import { z } from 'zod'
import { ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import type { Role } from '../../events/company.ts'
import type { Principal } from '../../events/principal.ts'
import { answerOf, type Act } from '../act.ts'
import { command, type Command } from '../command.ts'
import type { Refusal } from '../define.ts'
import { maySee, notFound } from './rights.ts'

/** Lifecycle facts that change who answers a ticket, or whether anybody does. */
export const LIFECYCLE = [
  'ticket.accepted',
  'ticket.returned',
  'ticket.takenOver',
  'ticket.queueChanged',
  'ticket.closed',
  'ticket.reopened',
  'ticket.snoozed',
  'ticket.woken',
] as const

export const ticketInput = z.object({ id: z.uuid() })

type TicketCommand<In extends { id: string }> = {
  readonly name: string
  readonly summary: string
  readonly roles: readonly (Role | 'system')[]
  readonly input: z.ZodType<In>
  /** Who may know of the ticket here; default: who may see it anyway. */
  readonly sees?: (who: Principal, ticket: TicketState) => boolean
  /** Facts that must not have come after the revision that the asker saw. */
  readonly conflictsWith: readonly string[]
  /** Pure. The ticket exists and the asker may see it. */
  readonly decide: (
    ticket: TicketState,
    input: In,
    who: Principal,
    at: string,
  ) => readonly DecidedFact[] | Refusal
  /** What has to follow in other streams; answers the positions of its appends. */
  readonly after?: (act: Act, ticket: TicketState, id: string) => Promise<readonly (string | null)[]>
}

/** A command on one ticket: sight is checked before anything else, and facts are decided by a pure function. */
export const ticketCommand = <In extends { id: string }>(
  definition: TicketCommand<In>,
): Command<In> & Pick<TicketCommand<In>, 'decide'> => {
  const { sees = maySee } = definition
  const decide: TicketCommand<In>['decide'] = (ticket, input, who, at) =>
    sees(who, ticket) ? definition.decide(ticket, input, who, at) : notFound()
  const { name, summary, roles, input } = definition
  return {
    ...command({
      name,
      summary,
      roles,
      input,
      run: async (act, given) => {
        const outcome = await act.transact(
          ticketKind,
          given.id,
          (ticket, at) => decide(ticket, given, act.principal, at),
          definition.conflictsWith,
          ticket => sees(act.principal, ticket),
        )
        if (outcome.outcome !== 'done' || !definition.after) return answerOf(given.id, outcome)
        const positions = await definition.after(act, outcome.state, given.id)
        return answerOf(given.id, outcome, { positions })
      },
    }),
    decide,
  }
}
