import { z } from 'zod'
import { isClosed, isOpen, isSnoozed } from '../../actors/ticket/chart.ts'
import { HANDLERS } from '../command.ts'
import { refused } from '../define.ts'
import { notLive, owns, supervises } from './rights.ts'
import { LIFECYCLE, ticketCommand } from './ticket-command.ts'

/** Longer than this nobody remembers why. */
export const SNOOZE_DAYS_MAX = 366
const DAY_MS = 86_400_000

export const snoozeInput = z
  .object({
    id: z.uuid(),
    /** When it comes back by itself, if the customer does not write before: ISO 8601, in the future. */
    until: z.iso
      .datetime({ offset: true })
      .transform(text => new Date(text).toISOString())
      .optional(),
    /** Only the customer's next message brings it back. */
    untilReply: z.literal(true).optional(),
  })
  .refine(({ until, untilReply }) => (until === undefined) !== (untilReply === undefined), {
    path: ['until'],
    message: 'give either until or untilReply',
  })

/** Puts an open ticket aside until a time or until the customer writes; asked again, until another time. */
export const snoozeTicket = ticketCommand({
  name: 'ticket.snooze',
  summary: 'Put an open ticket aside for a while',
  roles: HANDLERS,
  input: snoozeInput,
  conflictsWith: LIFECYCLE,
  decide: (ticket, { until }, who, at) => {
    if (isClosed(ticket)) return notLive()
    if (!isOpen(ticket) && !isSnoozed(ticket))
      return refused('ticket-not-open', 'Only an open ticket can be put aside.')
    if (!owns(who, ticket) && !supervises(who))
      return refused('forbidden', 'Only its agent or a supervisor puts a ticket aside.')
    if (who.kind !== 'user') return refused('forbidden', 'Only a person puts a ticket aside.')
    if (until !== undefined && until <= at) return refused('invalid', 'until: must be in the future.')
    if (until !== undefined && Date.parse(until) - Date.parse(at) > SNOOZE_DAYS_MAX * DAY_MS)
      return refused('invalid', `until: must be within ${SNOOZE_DAYS_MAX} days.`)
    if (isSnoozed(ticket) && ticket.context.snoozed?.until === (until ?? null)) return []
    return [{ type: 'ticket.snoozed', data: { userId: who.userId, until: until ?? null } }]
  },
})
