import { describe, test } from 'vitest'
import { ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { Claim } from '../../actors/conversation/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { accepted, closed, opened, openingOf, received, reopened } from '../../../test/support/facts.ts'
import { given, idOf, server } from '../../../test/support/given.ts'
import { receiveInto } from './receive.ts'

const fact = received('hello') as unknown as DecidedFact
const claim = (ordinal: number, more: Partial<Claim> = {}): Claim => ({
  ticketId: idOf('ticket'),
  ordinal,
  reopen: false,
  opening: openingOf(),
  ...more,
})
const receive = (ticket: TicketState, under: Claim) => receiveInto(ticket, under, fact, idOf('hello'))

describe('a message into a ticket', () => {
  test('opens it where the claim is all there is', () => {
    given(ticketKind)
      .when(receive, claim(1), server)
      .recorded([
        { type: 'ticket.opened', data: { ...openingOf(), ordinal: 1 } },
        { type: 'message.received' },
      ])
  })
  test('is appended while it lives', () => {
    given(ticketKind, opened())
      .when(receive, claim(1), server)
      .recorded([{ type: 'message.received' }])
    given(ticketKind, opened(), accepted('ana'))
      .when(receive, claim(1), server)
      .recorded([{ type: 'message.received' }])
  })
  test('reopens it under a newer claim', () => {
    given(ticketKind, opened(), accepted('ana'), closed('ana'))
      .when(receive, claim(2, { reopen: true }), server)
      .recorded([
        { type: 'ticket.reopened', data: { userId: null, by: 'customer', ordinal: 2 } },
        { type: 'message.received' },
      ])
  })
  test('does not go into one that is over', () => {
    given(ticketKind, opened(), closed()).when(receive, claim(1), server).refused('ticket-not-live')
    given(ticketKind, opened(), closed(), reopened(null, 2), closed())
      .when(receive, claim(2), server)
      .refused('ticket-not-live')
  })
  test('does not go into one that lives again, under a claim from before', () => {
    given(ticketKind, opened(), closed(), reopened(null, 2))
      .when(receive, claim(1), server)
      .refused('ticket-not-live')
  })
  test('does not go into one that was told of a parting which its writer does not know of', () => {
    const parted = { type: 'ticket.parted', data: { conversationId: idOf('other'), redirect: 4 } } as const
    const write = (ticket: TicketState, partings: number) =>
      receiveInto(ticket, claim(1), fact, idOf('hello'), () => true, partings)
    given(ticketKind, opened(), parted).when(write, 0, server).refused('conflict')
    given(ticketKind, opened(), parted)
      .when(write, 1, server)
      .recorded([{ type: 'message.received' }])
  })
  test('that it knows is a duplicate in every state, before any other rule', () => {
    for (const story of [
      [opened(), received('hello')],
      [opened(), received('hello'), accepted('ana')],
      [opened(), received('hello'), closed()],
      [opened(), received('hello'), closed(), reopened(null, 2)],
      [opened(), received('hello'), closed(), reopened('ana', 2), closed()],
    ])
      for (const ordinal of [1, 2, 3])
        given(ticketKind, ...story)
          .when(receive, claim(ordinal), server)
          .nothing()
  })
})
