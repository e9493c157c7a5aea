import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import { timerIdOf } from '../../events/timer.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { accepted, closed, opened, snoozed, woken } from '../../../test/support/facts.ts'
import { given, idOf, NOW, server, user } from '../../../test/support/given.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import { acceptTicket } from './accept.ts'
import { closeTicket } from './close.ts'
import { returnTicket } from './return.ts'
import { snoozeTicket } from './snooze.ts'
import { takeOverTicket } from './take-over.ts'

const id = idOf('ticket')
const LATER = '2026-03-02T13:00:00.000Z'
const LATER_STILL = '2026-03-03T08:00:00.000Z'
const ana = user('agent', 'ana', 'sales')
const bob = user('agent', 'bob', 'sales')
const lead = user('supervisor', 'lead', 'sales')
const otherLead = user('supervisor', 'other lead', 'support')
const auditor = user('auditor')

describe('putting a ticket aside', () => {
  test('its agent or a supervisor does, until a time or until a reply', () => {
    given(ticketKind, opened(), accepted('ana'))
      .when(snoozeTicket, { id, until: LATER }, ana)
      .recorded([{ type: 'ticket.snoozed', data: { userId: idOf('ana'), until: LATER } }])
    given(ticketKind, opened(), accepted('ana'))
      .when(snoozeTicket, { id, untilReply: true }, lead)
      .recorded([{ type: 'ticket.snoozed', data: { userId: idOf('lead'), until: null } }])
  })
  test('others do not, and strangers hear nothing', () => {
    const story = () => given(ticketKind, opened(), accepted('ana'))
    story().when(snoozeTicket, { id, until: LATER }, bob).refused('not-found')
    story().when(snoozeTicket, { id, until: LATER }, otherLead).refused('not-found')
    story().when(snoozeTicket, { id, until: LATER }, auditor).refused('forbidden')
  })
  test('one that waits or is closed is not put aside', () => {
    given(ticketKind, opened()).when(snoozeTicket, { id, until: LATER }, ana).refused('ticket-not-open')
    given(ticketKind, opened(), accepted('ana'), closed('ana'))
      .when(snoozeTicket, { id, until: LATER }, ana)
      .refused('ticket-not-live')
  })
  test('a time that has passed, or that is years away, is refused', () => {
    const story = () => given(ticketKind, opened(), accepted('ana'))
    story().when(snoozeTicket, { id, until: NOW }, ana).refused('invalid')
    story().when(snoozeTicket, { id, until: '2036-03-02T12:00:00.000Z' }, ana).refused('invalid')
  })
  test('until another time arms it anew; until the same is nothing', () => {
    const story = () => given(ticketKind, opened(), accepted('ana'), snoozed('ana', LATER))
    story()
      .when(snoozeTicket, { id, until: LATER_STILL }, ana)
      .recorded([{ type: 'ticket.snoozed', data: { until: LATER_STILL } }])
    story().when(snoozeTicket, { id, until: LATER }, ana).nothing()
  })
})

describe('a ticket that is put aside', () => {
  const story = () => given(ticketKind, opened(), accepted('ana'), snoozed('ana', LATER))
  test('is nobody else’s to accept or take over', () => {
    story()
      .when(acceptTicket, { id }, bob)
      .refused('ticket-taken', { userId: idOf('ana') })
    story().when(acceptTicket, { id }, ana).nothing()
    story().when(takeOverTicket, { id }, lead).refused('ticket-not-open')
  })
  test('is closed by its agent or a supervisor, and leaves being snoozed first', () => {
    story()
      .when(closeTicket, { id }, ana)
      .recorded([
        { type: 'ticket.woken', data: { by: 'close', userId: idOf('ana') } },
        { type: 'ticket.closed', data: { reason: 'solved' } },
      ])
    story().when(closeTicket, { id }, bob).refused('not-found')
  })
  test('goes back to the queue when its agent leaves the company, and only then', () => {
    story()
      .when(returnTicket, { id }, server)
      .recorded([{ type: 'ticket.woken', data: { by: 'agent-left', userId: null } }])
    story().when(returnTicket, { id }, ana).refused('ticket-not-open')
  })
  test('once back it is as any other', () => {
    given(ticketKind, opened(), accepted('ana'), snoozed('ana', null), woken(null))
      .when(acceptTicket, { id }, bob)
      .recorded([{ type: 'ticket.accepted' }])
  })
})

describe('coming back', () => {
  let engine: Engine
  let node: Node
  let place: Awaited<ReturnType<Engine['found']>>
  let ticketId: string
  beforeEach(async () => {
    engine = await openEngine()
    node = engine.node()
    place = await engine.found()
    await write('m1')
    ticketId = (await engine.facts('ticket-'))[0]!.stream.split('.')[1]!
    await node.done(place.ana, 'ticket.accept', { id: ticketId })
    engine.online.add(place.ana.userId)
  })
  afterEach(() => engine.close())

  const write = (provider: string) =>
    node.intake.take(engine.companyId, place.sessionId, [text(provider, [phone('5511987654321')])])
  const inMinutes = (minutes: number) => new Date(engine.clock.now() + minutes * 60_000).toISOString()
  const put = (wish: object) => node.done(place.ana, 'ticket.snooze', { id: ticketId, ...wish })
  const fire = (revision: number) =>
    node.ask(engine.system, 'ticket.wakeByTimer', {
      id: ticketId,
      timerId: timerIdOf('ticket.snooze', ticketId, revision),
    })
  const now = async (): Promise<TicketState> =>
    (await node.directory.state(ticketKind, { company: engine.companyId, id: ticketId })).state
  const isLive = async (state: 'open' | 'pending' | 'snoozed') =>
    (await now()).matches({ existing: { live: state } })
  const last = async (count: number) => (await engine.facts('ticket-')).slice(-count).map(fact => fact.type)

  test('the customer writes: open again, and the message after it', async () => {
    await put({ untilReply: true })
    await write('m2')
    expect(await last(2)).toEqual(['ticket.woken', 'message.received'])
    expect(await isLive('open')).toBe(true)
    expect((await now()).context.userId).toBe(place.ana.userId)
  })

  test('the customer writes while the agent is away: it waits for anybody', async () => {
    await put({ until: inMinutes(60) })
    engine.online.clear()
    await write('m2')
    expect(await isLive('pending')).toBe(true)
    expect((await now()).context.userId).toBeNull()
  })

  test('a message that came before, again, and one from the company’s own phone wake nobody', async () => {
    await put({ until: inMinutes(60) })
    await write('m1')
    await node.intake.take(engine.companyId, place.sessionId, [
      text('own', [phone('5511987654321')], { fromMe: true }),
    ])
    expect(await isLive('snoozed')).toBe(true)
  })

  test('its timer fires it at its time, once, and not before', async () => {
    const { revision } = await put({ until: inMinutes(60) })
    expect(await fire(revision)).toMatchObject({ refused: 'conflict' })
    engine.clock.move(61)
    expect(await fire(revision)).toMatchObject({ id: ticketId })
    expect(await isLive('open')).toBe(true)
    expect(await fire(revision)).toMatchObject({ refused: 'conflict' })
    expect(await last(1)).toEqual(['ticket.woken'])
  })

  test('the agent is away at its time: it waits for anybody', async () => {
    const { revision } = await put({ until: inMinutes(60) })
    engine.online.clear()
    engine.clock.move(61)
    await fire(revision)
    expect(await isLive('pending')).toBe(true)
  })

  test('a timer of an earlier snooze never fires, nor one of another kind or ticket', async () => {
    const first = await put({ until: inMinutes(10) })
    await put({ until: inMinutes(120) })
    engine.clock.move(60)
    expect(await fire(first.revision)).toMatchObject({ refused: 'conflict' })
    expect(await fire(first.revision + 7)).toMatchObject({ refused: 'conflict' })
    expect(await isLive('snoozed')).toBe(true)
  })

  test('nothing is written in it before it is back', async () => {
    await put({ untilReply: true })
    const send = () => node.ask(place.ana, 'message.send', { ticketId, body: 'hello' })
    expect(await send()).toMatchObject({ refused: 'ticket-not-open' })
    await node.done(place.ana, 'ticket.wake', { id: ticketId })
    expect(await send()).toMatchObject({ data: { ticketId } })
  })

  test('one that waits for a reply has no timer', async () => {
    const { revision } = await put({ untilReply: true })
    engine.clock.move(600)
    expect(await fire(revision)).toMatchObject({ refused: 'conflict' })
  })

  test('somebody brings it back: for themselves open, for an absent agent waiting', async () => {
    await put({ until: inMinutes(60) })
    expect(await node.ask(place.bob, 'ticket.wake', { id: ticketId })).toMatchObject({ refused: 'not-found' })
    engine.online.clear()
    await node.done(place.ana, 'ticket.wake', { id: ticketId })
    expect(await isLive('open')).toBe(true)
    await put({ until: inMinutes(60) })
    await node.done(place.supervisor, 'ticket.wake', { id: ticketId })
    expect(await isLive('pending')).toBe(true)
  })

  test('exactly one of a time and a reply is asked for', async () => {
    for (const wish of [{}, { until: inMinutes(60), untilReply: true }])
      expect(await node.ask(place.ana, 'ticket.snooze', { id: ticketId, ...wish })).toMatchObject({
        refused: 'invalid',
      })
  })
})
