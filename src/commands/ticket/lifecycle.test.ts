import { describe, test } from 'vitest'
import { ticketKind } from '../../actors/ticket/chart.ts'
import { accepted, closed, opened, received, reopened, returned } from '../../../test/support/facts.ts'
import { given, idOf, server, user } from '../../../test/support/given.ts'
import { acceptTicket } from './accept.ts'
import { closeTicket } from './close.ts'
import { readTicket } from './read.ts'
import { returnTicket } from './return.ts'
import { takeOverTicket } from './take-over.ts'

const input = { id: idOf('ticket') }
const ana = user('agent', 'ana', 'sales')
const bob = user('agent', 'bob', 'sales')
const stranger = user('agent', 'carla', 'support')
const lead = user('supervisor', 'lead', 'sales')
const otherLead = user('supervisor', 'other lead', 'support')
const admin = user('admin')
const auditor = user('auditor')

describe('accepting', () => {
  test('a member of the queue takes a waiting ticket and has seen what came in', () => {
    given(ticketKind, opened(), received('hi'))
      .when(acceptTicket, input, ana)
      .recorded([
        { type: 'ticket.accepted', data: { userId: idOf('ana'), waitedMs: 3_600_000 } },
        { type: 'ticket.seen', data: { userId: idOf('ana') } },
      ])
  })
  test('a ticket without unread messages is only accepted', () => {
    given(ticketKind, opened())
      .when(acceptTicket, input, ana)
      .recorded([{ type: 'ticket.accepted' }])
  })
  test('a member of another queue does not even see it', () => {
    given(ticketKind, opened()).when(acceptTicket, input, stranger).refused('not-found')
    given(ticketKind, opened()).when(acceptTicket, input, otherLead).refused('not-found')
  })
  test('a ticket that is taken names who has it', () => {
    given(ticketKind, opened(), accepted('ana'))
      .when(acceptTicket, input, bob)
      .refused('ticket-taken', { userId: idOf('ana') })
    given(ticketKind, opened(), accepted('ana'))
      .when(acceptTicket, input, lead)
      .refused('ticket-taken', { userId: idOf('ana') })
  })
  test('of a ticket that is taken, strangers hear nothing', () => {
    given(ticketKind, opened(), accepted('ana')).when(acceptTicket, input, stranger).refused('not-found')
  })
  test('accepting twice is accepting once', () => {
    given(ticketKind, opened(), accepted('ana')).when(acceptTicket, input, ana).nothing()
  })
  test('only supervisors and admins route a ticket without a queue', () => {
    const unrouted = opened({ queueId: null })
    given(ticketKind, unrouted).when(acceptTicket, input, ana).refused('not-found')
    given(ticketKind, unrouted)
      .when(acceptTicket, input, lead)
      .recorded([{ type: 'ticket.accepted' }])
    given(ticketKind, unrouted)
      .when(acceptTicket, input, otherLead)
      .recorded([{ type: 'ticket.accepted' }])
    given(ticketKind, unrouted)
      .when(acceptTicket, input, admin)
      .recorded([{ type: 'ticket.accepted' }])
  })
  test('a closed ticket is accepted by nobody', () => {
    given(ticketKind, opened(), closed()).when(acceptTicket, input, lead).refused('ticket-not-live')
  })
  test('a returned ticket waits from its return on', () => {
    given(ticketKind, opened(), accepted('ana'), { ...returned('ana'), at: '2026-03-02T11:59:00.000Z' })
      .when(acceptTicket, input, bob)
      .recorded([{ type: 'ticket.accepted', data: { waitedMs: 60_000 } }])
  })
  test('a part of the server accepts nothing', () => {
    given(ticketKind, opened()).when(acceptTicket, input, server).refused('forbidden')
  })
  test('what does not exist is not found', () => {
    given(ticketKind).when(acceptTicket, input, admin).refused('not-found')
  })
})

describe('returning', () => {
  test('its agent and supervisors give a ticket back', () => {
    for (const who of [ana, lead, admin])
      given(ticketKind, opened(), accepted('ana'))
        .when(returnTicket, input, who)
        .recorded([{ type: 'ticket.returned', data: { fromUserId: idOf('ana') } }])
  })
  test('nobody else does', () => {
    given(ticketKind, opened(), accepted('ana')).when(returnTicket, input, bob).refused('not-found')
    given(ticketKind, opened(), accepted('ana')).when(returnTicket, input, otherLead).refused('not-found')
    given(ticketKind, opened(), accepted('ana')).when(returnTicket, input, auditor).refused('forbidden')
  })
  test('a waiting ticket is where it should be; a closed one is not live', () => {
    given(ticketKind, opened()).when(returnTicket, input, ana).nothing()
    given(ticketKind, opened(), closed()).when(returnTicket, input, lead).refused('ticket-not-live')
  })
})

describe('closing', () => {
  const silent = { ...input, silent: true }
  test('its agent and supervisors close an open ticket', () => {
    for (const who of [ana, lead, admin])
      given(ticketKind, opened(), accepted('ana'))
        .when(closeTicket, input, who)
        .recorded([{ type: 'ticket.closed', data: { reason: 'solved', userId: who.userId } }])
  })
  test('any member of its queue closes a waiting ticket', () => {
    given(ticketKind, opened())
      .when(closeTicket, input, bob)
      .recorded([{ type: 'ticket.closed' }])
    given(ticketKind, opened()).when(closeTicket, input, stranger).refused('not-found')
  })
  test('only supervisors close silently', () => {
    given(ticketKind, opened(), accepted('ana')).when(closeTicket, silent, ana).refused('forbidden')
    given(ticketKind, opened()).when(closeTicket, silent, bob).refused('forbidden')
    given(ticketKind, opened(), accepted('ana'))
      .when(closeTicket, silent, lead)
      .recorded([{ type: 'ticket.closed', data: { reason: 'silent' } }])
  })
  test('an auditor sees every ticket and closes none', () => {
    given(ticketKind, opened(), accepted('ana')).when(closeTicket, input, auditor).refused('forbidden')
  })
  test('closing twice is closing once', () => {
    given(ticketKind, opened(), accepted('ana'), closed('ana')).when(closeTicket, input, ana).nothing()
  })
})

describe('taking over', () => {
  test('a supervisor takes an open ticket from its agent', () => {
    given(ticketKind, opened(), accepted('ana'))
      .when(takeOverTicket, input, lead)
      .recorded([{ type: 'ticket.takenOver', data: { userId: idOf('lead'), fromUserId: idOf('ana') } }])
  })
  test('taking what one has changes nothing', () => {
    given(ticketKind, opened(), accepted('lead')).when(takeOverTicket, input, lead).nothing()
  })
  test('only an open ticket is taken over', () => {
    given(ticketKind, opened()).when(takeOverTicket, input, lead).refused('ticket-not-open')
    given(ticketKind, opened(), closed()).when(takeOverTicket, input, lead).refused('ticket-not-open')
  })
})

describe('reading', () => {
  test('its agent sees what came in, once', () => {
    given(ticketKind, opened(), accepted('ana'), received('hi'))
      .when(readTicket, input, ana)
      .recorded([{ type: 'ticket.seen', data: { userId: idOf('ana') } }])
    given(ticketKind, opened(), accepted('ana')).when(readTicket, input, ana).nothing()
  })
  test('others look without marking', () => {
    given(ticketKind, opened(), accepted('ana'), received('hi')).when(readTicket, input, lead).nothing()
    given(ticketKind, opened(), received('hi')).when(readTicket, input, ana).nothing()
  })
})

test('a customer who comes back finds the ticket waiting in its queue, without an agent', () => {
  given(ticketKind, opened(), accepted('ana'), closed('ana'), reopened(null, 2))
    .when(acceptTicket, input, bob)
    .recorded([{ type: 'ticket.accepted', data: { userId: idOf('bob') } }])
})
