import { describe, expect, test } from 'vitest'
import { ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { Principal } from '../../events/principal.ts'
import { accepted, closed, opened, queued, received } from '../../../test/support/facts.ts'
import { after, given, idOf, server, user } from '../../../test/support/given.ts'
import { EVERYTHING } from '../../../test/support/capabilities.ts'
import { messageBody } from './content.ts'
import { queueMessage } from './send.ts'

const send = (ticket: TicketState, body: string, who: Principal, at: string) =>
  queueMessage(ticket, who, { messageId: idOf('hello'), content: { kind: 'text', body } }, at, {
    capabilities: EVERYTHING,
    windowHours: null,
    lastInboundAt: null,
  })
const ana = user('agent', 'ana', 'sales')
const bob = user('agent', 'bob', 'sales')

describe('answering', () => {
  test('its agent and supervisors write, with an hour for the session to come back', () => {
    for (const who of [ana, user('supervisor'), user('admin')])
      given(ticketKind, opened(), accepted('ana'))
        .when(send, 'Hello', who)
        .recorded([
          {
            type: 'message.queued',
            data: { userId: who.userId, deadline: '2026-03-02T13:00:00.000Z', personal: { body: 'Hello' } },
          },
        ])
  })
  test('a waiting ticket has to be accepted first', () => {
    given(ticketKind, opened()).when(send, 'Hello', ana).refused('ticket-not-open')
  })
  test('a closed ticket takes no answer', () => {
    given(ticketKind, opened(), accepted('ana'), closed('ana'))
      .when(send, 'Hello', ana)
      .refused('ticket-not-live')
  })
  test('of another agent it is refused, naming who has it', () => {
    given(ticketKind, opened(), accepted('ana'))
      .when(send, 'Hello', bob)
      .refused('ticket-taken', { userId: idOf('ana') })
  })
  test('an answer means that everything was read', () => {
    const told = given(ticketKind, opened(), accepted('ana'), received('hi'))
      .when(send, 'Hello', ana)
      .recorded([{ type: 'ticket.seen', data: { userId: idOf('ana') } }, { type: 'message.queued' }])
    expect(told).toHaveLength(2)
    const ticket = after(ticketKind, opened(), accepted('ana'), received('hi'), queued('hello'))
    expect(ticket.context.unread).toBe(0)
    expect(ticket.context.outbox).toHaveLength(1)
  })
  test('what a program writes is nobody having read', () => {
    given(ticketKind, opened(), accepted('ana'), received('hi'))
      .when(send, 'Hello', server)
      .recorded([{ type: 'message.queued' }])
  })
  test('an empty text is no text', () => {
    expect(messageBody.safeParse(' \n\t').success).toBe(false)
    expect(messageBody.safeParse('x'.repeat(4_097)).success).toBe(false)
    expect(messageBody.safeParse('x'.repeat(4_096)).success).toBe(true)
  })
})
