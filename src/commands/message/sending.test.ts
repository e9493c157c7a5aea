import { describe, expect, test } from 'vitest'
import { ackOf, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import {
  closed,
  deferred,
  failed,
  opened,
  outcomeUnknown,
  queued,
  requeued,
  sending,
  sent,
} from '../../../test/support/facts.ts'
import { after, given, idOf, NOW, server } from '../../../test/support/given.ts'
import { outcomeFacts, SEND_RETRIES_MAX, type SendOutcome } from './sending.ts'

const outcome = (ticket: TicketState, of: SendOutcome, _: unknown, at: string) =>
  outcomeFacts(ticket, idOf('hello'), of, at)
const base = [opened({ userId: idOf('ana') }), queued('hello')]
const later = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString()
const refusal = { outcome: 'refused', reason: 'slow down', retryable: true } as const

describe('the outcome of a send', () => {
  test('sent leaves the outbox', () => {
    given(ticketKind, ...base, sending('hello'))
      .when(outcome, { outcome: 'sent', providerMessageId: 'w1' }, server)
      .recorded([{ type: 'message.sent', data: { personal: { providerMessageId: 'w1' } } }])
    expect(after(ticketKind, ...base, sending('hello'), sent('hello')).context.outbox).toEqual([])
  })
  test('a refusal for now waits twice as long each time', () => {
    for (const [retries, wait] of [
      [0, 2_000],
      [1, 4_000],
      [2, 8_000],
    ] as const)
      given(ticketKind, ...base, sending('hello'), deferred('hello', retries), sending('hello', 2))
        .when(outcome, refusal, server)
        .recorded([{ type: 'message.deferred', data: { retries: retries + 1, until: later(wait) } }])
  })
  test('the channel may say itself how long to wait', () => {
    given(ticketKind, ...base, sending('hello'))
      .when(outcome, { ...refusal, retryAfterMs: 60_000 }, server)
      .recorded([{ type: 'message.deferred', data: { until: later(60_000) } }])
  })
  test('after the last retry it fails', () => {
    given(ticketKind, ...base, sending('hello'), deferred('hello', SEND_RETRIES_MAX), sending('hello', 4))
      .when(outcome, refusal, server)
      .recorded([{ type: 'message.failed', data: { reason: 'slow down' } }])
  })
  test('a refusal for good fails at once', () => {
    given(ticketKind, ...base, sending('hello'))
      .when(outcome, { ...refusal, retryable: false, code: '131026' }, server)
      .recorded([{ type: 'message.failed', data: { code: '131026', retryable: false } }])
  })
  test('being offline counts against nobody', () => {
    given(ticketKind, ...base, sending('hello'), deferred('hello', SEND_RETRIES_MAX), sending('hello', 9))
      .when(outcome, { ...refusal, offline: true }, server)
      .recorded([{ type: 'message.deferred', data: { retries: SEND_RETRIES_MAX } }])
  })
  test('no answer is unknown, and never sent again by itself', () => {
    given(ticketKind, ...base, sending('hello'))
      .when(outcome, { outcome: 'unknown', reason: 'cut' }, server)
      .recorded([{ type: 'message.outcomeUnknown', data: { attempt: 1 } }])
    expect(after(ticketKind, ...base, sending('hello'), outcomeUnknown('hello')).context.outbox).toEqual([])
  })
  test('an answer after that still counts', () => {
    given(ticketKind, ...base, sending('hello'), outcomeUnknown('hello'))
      .when(outcome, { outcome: 'sent', providerMessageId: 'w1' }, server)
      .recorded([{ type: 'message.sent' }])
  })
  test('waiting too long for the session fails, unless it is being sent', () => {
    given(ticketKind, ...base)
      .when(outcome, { outcome: 'expired' }, server)
      .recorded([{ type: 'message.failed', data: { code: 'session-offline', retryable: true } }])
    given(ticketKind, ...base, sending('hello'))
      .when(outcome, { outcome: 'expired' }, server)
      .nothing()
  })
  test('a status that came first has the last word', () => {
    given(ticketKind, ...base, sending('hello'), sent('hello'))
      .when(outcome, { outcome: 'unknown', reason: 'cut' }, server)
      .nothing()
    given(ticketKind, ...base, sending('hello'), failed('hello'))
      .when(outcome, refusal, server)
      .nothing()
  })
  test('a message that nobody is sending has no outcome', () => {
    given(ticketKind, ...base)
      .when(outcome, { outcome: 'sent', providerMessageId: 'w1' }, server)
      .nothing()
    given(ticketKind, opened()).when(outcome, { outcome: 'unknown', reason: 'cut' }, server).nothing()
  })
  test('counts on a closed ticket too', () => {
    given(ticketKind, ...base, sending('hello'), closed())
      .when(outcome, { outcome: 'sent', providerMessageId: 'w1' }, server)
      .recorded([{ type: 'message.sent' }])
  })
})

test('a message asked for again goes to the end of the outbox, counts its retries anew and its tries on', () => {
  const ticket = after(
    ticketKind,
    ...base,
    sending('hello'),
    failed('hello'),
    queued('next'),
    requeued('hello'),
  )
  expect(ticket.context.outbox.map(unsent => unsent.messageId)).toEqual([idOf('next'), idOf('hello')])
  expect(ticket.context.outbox[1]).toMatchObject({ retries: 0, attempts: 1, sending: null, revision: 1 })
  expect(ackOf(ticket, idOf('hello'))).toBe('queued')
})
