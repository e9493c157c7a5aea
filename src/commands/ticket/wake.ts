import { z } from 'zod'
import { isClosed, isSnoozed, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import type { TicketEvent } from '../../events/ticket.ts'
import { timerIdOf } from '../../events/timer.ts'
import { answerOf, type Act } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { refused } from '../define.ts'
import { maySee, notFound, notLive, owns, supervises } from './rights.ts'
import { LIFECYCLE, ticketInput } from './ticket-command.ts'

type Woken = Extract<TicketEvent, { type: 'ticket.woken' }>['data']

/** Whether an agent is there to go on with what comes back. */
export type IsHere = (userId: string) => boolean

/** Pure: a ticket comes back to its agent, or to the queue if that agent is away. Nothing for one that is not snoozed. */
export const wakingFacts = (
  ticket: TicketState,
  by: Woken['by'],
  isHere: IsHere,
): readonly Extract<DecidedFact, { type: 'ticket.woken' }>[] => {
  if (!isSnoozed(ticket)) return []
  const { userId } = ticket.context
  return [{ type: 'ticket.woken', data: { by, userId: userId !== null && isHere(userId) ? userId : null } }]
}

export const isHereFor =
  (act: Act): IsHere =>
  userId =>
    act.tools.isOnline(act.principal.companyId, userId)

/** Brings a snoozed ticket back before its time. */
export const wakeTicket = command({
  name: 'ticket.wake',
  summary: 'Bring a snoozed ticket back now',
  roles: HANDLERS,
  input: ticketInput,
  run: async (act, { id }) => {
    const { principal: who } = act
    const online = isHereFor(act)
    const isHere: IsHere = userId => (who.kind === 'user' && who.userId === userId) || online(userId)
    const outcome = await act.transact(
      ticketKind,
      id,
      ticket => {
        if (!maySee(who, ticket)) return notFound()
        if (isClosed(ticket)) return notLive()
        if (!isSnoozed(ticket)) return []
        if (!owns(who, ticket) && !supervises(who))
          return refused('forbidden', 'Only its agent or a supervisor brings a ticket back.')
        return wakingFacts(ticket, 'user', isHere)
      },
      LIFECYCLE,
      ticket => maySee(who, ticket),
    )
    return answerOf(id, outcome)
  },
})

/** The timer of a snooze: refused unless it is the one that is armed now, and due. */
export const wakeByTimer = command({
  name: 'ticket.wakeByTimer',
  summary: 'Bring a snoozed ticket back at its time',
  roles: ['system'],
  input: z.object({ id: z.uuid(), timerId: z.uuid() }),
  run: async (act, { id, timerId }) => {
    const isHere = isHereFor(act)
    const outcome = await act.transact(ticketKind, id, (ticket, at) => {
      const { snoozed } = ticket.context
      const until = isSnoozed(ticket) ? snoozed?.until : null
      if (!snoozed || !until || timerIdOf('ticket.snooze', id, snoozed.revision) !== timerId)
        return refused('conflict', 'This timer is not armed.')
      if (until > at) return refused('conflict', 'This timer is not due yet.')
      return wakingFacts(ticket, 'timer', isHere)
    })
    return answerOf(id, outcome)
  },
})
