import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ackOf, ticketKind } from '../../actors/ticket/chart.ts'
import type { Ack } from '../../events/message.ts'
import {
  closed,
  delivered,
  failed,
  opened,
  outcomeUnknown,
  queued,
  requeued,
  sending,
  sent,
} from '../../../test/support/facts.ts'
import { after, given, idOf, NOW, server, type Told } from '../../../test/support/given.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { deliveryFacts } from './delivery.ts'

type Status = Ack & ('sent' | 'delivered' | 'read' | 'played' | 'failed')
const status = (ticket: Parameters<typeof deliveryFacts>[0], ack: Status) =>
  deliveryFacts(ticket, idOf('hello'), { ack, providerMessageId: 'wamid.1', at: NOW })

const base = [opened({ userId: idOf('ana') }), queued('hello')]

describe('a status of a message of ours', () => {
  test('moves it forwards', () => {
    given(ticketKind, ...base, sending('hello'), sent('hello'))
      .when(status, 'delivered', server)
      .recorded([{ type: 'message.delivered', data: { messageId: idOf('hello'), at: NOW } }])
  })
  test('carries what the channel counts it as, once', () => {
    const pricing = { billable: true, model: 'PMP', category: 'service' }
    const told = (ticket: Parameters<typeof deliveryFacts>[0], ack: Status) =>
      deliveryFacts(ticket, idOf('hello'), { ack, providerMessageId: 'wamid.1', at: NOW, pricing })
    given(ticketKind, ...base, sending('hello'))
      .when(told, 'sent', server)
      .recorded([{ type: 'message.sent', data: { pricing, personal: { providerMessageId: 'wamid.1' } } }])
    given(ticketKind, ...base, sending('hello'), sent('hello'))
      .when(told, 'delivered', server)
      .recorded([{ type: 'message.delivered', data: { at: NOW, pricing } }])
    given(ticketKind, ...base, sending('hello'), sent('hello'), delivered('hello'))
      .when(told, 'delivered', server)
      .nothing()
  })
  test('never moves it backwards', () => {
    for (const ack of ['sent', 'delivered'] as const)
      given(ticketKind, ...base, sending('hello'), sent('hello'), delivered('hello'))
        .when(status, ack, server)
        .nothing()
  })
  test('that comes before we recorded that it was sent says that too', () => {
    given(ticketKind, ...base, sending('hello'))
      .when(status, 'read', server)
      .recorded([
        { type: 'message.sent', data: { personal: { providerMessageId: 'wamid.1' } } },
        { type: 'message.read' },
      ])
  })
  test('that says it failed is believed until it was delivered', () => {
    given(ticketKind, ...base, sending('hello'), sent('hello'))
      .when(status, 'failed', server)
      .recorded([{ type: 'message.failed', data: { retryable: false } }])
    given(ticketKind, ...base, sending('hello'), sent('hello'), delivered('hello'))
      .when(status, 'failed', server)
      .nothing()
    given(ticketKind, ...base, sending('hello'), failed('hello'))
      .when(status, 'failed', server)
      .nothing()
  })
  test('resolves an unknown outcome, also after the ticket was closed', () => {
    given(ticketKind, ...base, sending('hello'), outcomeUnknown('hello'), closed())
      .when(status, 'delivered', server)
      .recorded([{ type: 'message.sent' }, { type: 'message.delivered' }])
    given(ticketKind, ...base, sending('hello'), outcomeUnknown('hello'))
      .when(status, 'failed', server)
      .recorded([{ type: 'message.failed' }])
  })
  test('takes a message that waits to be sent again off the outbox: it arrived after all', () => {
    const story = [...base, sending('hello'), outcomeUnknown('hello'), requeued('hello')]
    const facts = given(ticketKind, ...story)
      .when(status, 'delivered', server)
      .recorded([{ type: 'message.sent' }, { type: 'message.delivered' }])
    expect(after(ticketKind, ...story, ...(facts as Told[])).context.outbox).toEqual([])
  })
  test('of a message that we never sent is not found', () => {
    given(ticketKind, opened()).when(status, 'delivered', server).refused('not-found')
    given(ticketKind).when(status, 'delivered', server).refused('not-found')
  })
})

test('whatever statuses come, in whatever order and however often: acks never go backwards', () => {
  const rank = ['queued', 'sending', 'sent', 'delivered', 'read', 'played']
  const acks = fc.array(fc.constantFrom<Status>('sent', 'delivered', 'read', 'played', 'failed'), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(acks, statuses => {
      const facts: Told[] = [...base, sending('hello')]
      let highest = 1
      for (const ack of statuses) {
        const decided = status(after(ticketKind, ...facts), ack)
        expect(decided).toBeInstanceOf(Array)
        facts.push(...(decided as readonly DecidedFact[] as readonly Told[]))
        const now = ackOf(after(ticketKind, ...facts), idOf('hello'))!
        if (now !== 'failed') expect(rank.indexOf(now)).toBeGreaterThanOrEqual(highest)
        if (now !== 'failed') highest = rank.indexOf(now)
        else expect(highest).toBeLessThan(rank.indexOf('delivered'))
        if (now === 'failed') highest = 1
      }
    }),
  )
})

describe('a status of a try that is over', () => {
  const ofTry = (attempt: number) => (ticket: Parameters<typeof deliveryFacts>[0], ack: Status) =>
    deliveryFacts(ticket, idOf('hello'), { ack, providerMessageId: 'wamid.1', at: NOW, attempt })
  const again = [...base, sending('hello'), failed('hello'), requeued('hello')]

  test('does not take the message out of the next one', () => {
    for (const ack of ['sent', 'failed'] as const) {
      given(ticketKind, ...again)
        .when(ofTry(1), ack, server)
        .nothing()
      given(ticketKind, ...again, sending('hello', 2))
        .when(ofTry(1), ack, server)
        .nothing()
    }
  })
  test('counts where it is of the try under way, and where the message arrived', () => {
    given(ticketKind, ...again, sending('hello', 2))
      .when(ofTry(2), 'failed', server)
      .recorded([{ type: 'message.failed' }])
    given(ticketKind, ...again)
      .when(ofTry(1), 'delivered', server)
      .recorded([{ type: 'message.sent' }, { type: 'message.delivered' }])
  })
  test('"sent" does not make a failed message look sent', () => {
    given(ticketKind, ...base, sending('hello'), failed('hello'))
      .when(status, 'sent', server)
      .nothing()
  })
})
