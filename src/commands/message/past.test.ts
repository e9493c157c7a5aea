import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import type { InboundItem } from '../../providers/provider.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
const maria = [phone('5511987654321')]
const lid = { kind: 'lid', value: '1000000001' } as const

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const take = (...items: InboundItem[]) => node.intake.take(engine.companyId, place.sessionId, items)
const past = (id: string, more: Parameters<typeof text>[2] = {}, from: Parameters<typeof text>[1] = maria) =>
  text(id, from, { late: true, history: true, ...more })
const of = async (...types: string[]) => (await engine.facts()).filter(fact => types.includes(fact.type))
const said = async () =>
  (await of('message.received', 'message.mirrored')).map(
    fact => `${fact.stream.split('-')[0]} ${(fact.data as { personal: { body: string } }).personal.body}`,
  )
const minutesAgo = (minutes: number) => new Date(engine.clock.now() - minutes * 60_000).toISOString()
const link = async () => {
  await node.done(place.admin, 'session.start', { id: place.sessionId })
  const { revision: fence } = await node.done(engine.system, 'session.own', {
    id: place.sessionId,
    node: 'n',
  })
  const change = { state: 'connected', account: '5511900000001' }
  await node.done(engine.system, 'session.recordLink', { id: place.sessionId, fence, change })
}

test('what was said before the link makes contact and conversation, in its order, and opens nothing', async () => {
  await take(
    past('m1', { sentAt: minutesAgo(900) }),
    past('m2', { sentAt: minutesAgo(800), fromMe: true, author: { addresses: [phone('5511900000001')] } }),
    past('m3', { sentAt: minutesAgo(700) }),
  )
  expect(await said()).toEqual(['conversation text m1', 'conversation text m2', 'conversation text m3'])
  expect(await of('contact.created', 'conversation.started')).toHaveLength(2)
  expect(await of('ticket.opened', 'conversation.ticketClaimed', 'deadLetter.recorded')).toEqual([])
  const facts = await of('message.received', 'message.mirrored')
  expect(facts.every(({ data }) => 'history' in data && data.history && data.late)).toBe(true)
})

test('what was set under a message of the past is kept on it, and nothing of an erased person', async () => {
  const group = [{ kind: 'group', value: '123@g.us' } as const]
  const bia = [phone('5511987654322')]
  const reaction = (id: string, from: Parameters<typeof text>[1]): InboundItem => ({
    item: 'message',
    message: {
      type: 'reaction',
      providerMessageId: id,
      chat: { addresses: group, group: true },
      author: { addresses: from },
      sentAt: minutesAgo(800),
      late: true,
      history: true,
      fromMe: false,
      target: 'm1',
      emoji: '👍',
    },
  })
  await take(past('b1', { sentAt: minutesAgo(950) }, bia))
  const [created] = await of('contact.created')
  await node.done(place.admin, 'contact.erase', { id: created!.stream.split('.')[1] })
  await take(past('m1', { group, sentAt: minutesAgo(900) }), reaction('r1', maria), reaction('r2', bia))
  await take(reaction('r1', maria))
  const reacted = await of('message.reacted')
  expect(reacted.map(({ stream }) => stream.split('-')[0])).toEqual(['conversation'])
  expect(await of('contact.created')).toHaveLength(3)
  expect(await of('deadLetter.recorded', 'ticket.opened')).toEqual([])
})

test('handed in again, at once or by another node, nothing is written', async () => {
  const all = ['m1', 'm2'].map(id => past(id, { sentAt: minutesAgo(900) }))
  await take(...all)
  const head = await engine.store.head()
  await Promise.all([take(...all), take(...all)])
  node = engine.node('another')
  await take(...all)
  expect(await engine.store.head()).toBe(head)
})

test('beside a live ticket it stands in the conversation, and the ticket does not stir', async () => {
  await take(text('now', maria))
  const [ticket] = await of('ticket.opened')
  const before = (await engine.events(ticket!.stream)).length
  await take(past('m1', { sentAt: minutesAgo(900) }), past('now'))
  expect(await said()).toEqual(['ticket text now', 'conversation text m1'])
  expect(await engine.events(ticket!.stream)).toHaveLength(before)
})

test('a closed ticket stays closed, and knows what it had', async () => {
  await take(text('now', maria))
  const [ticket] = await of('ticket.opened')
  await node.done(place.supervisor, 'ticket.close', { id: ticket!.stream.split('.')[1] })
  await take(past('now'), past('m1', { sentAt: minutesAgo(900) }))
  expect(await of('ticket.reopened')).toEqual([])
  expect(await said()).toEqual(['ticket text now', 'conversation text m1'])
})

test('who was known by the hidden id only is not doubled by a past that names the number', async () => {
  await take(text('now', [lid]))
  await take(past('now', {}, [...maria, lid]), past('m1', {}, [...maria, lid]))
  expect(await said()).toEqual(['ticket text now', 'conversation text m1'])
  expect(await of('contact.created')).toHaveLength(1)
})

test('the first message after it opens a ticket as ever', async () => {
  await take(past('m1'))
  await take(text('now', maria))
  expect(await of('ticket.opened')).toHaveLength(1)
  expect(await said()).toEqual(['conversation text m1', 'ticket text now'])
})

test('what comes as past although it was said after the link is taken in like anything late', async () => {
  await link()
  await take(
    past('before', { sentAt: minutesAgo(60) }),
    past('since', { sentAt: new Date(engine.clock.now()).toISOString() }),
  )
  expect(await said()).toEqual(['conversation text before', 'ticket text since'])
})

test('an old name is better than none, and no better than a newer one', async () => {
  const called = (name: string) => ({
    author: { addresses: maria, name },
    chat: { addresses: maria, group: false, name },
  })
  await take(past('m1', called('Maria')), past('m2', called('Mary')))
  expect(await of('contact.renamed')).toEqual([])
  await take(text('now', maria, called('Maria Silva')))
  await take(past('m3', called('Maria')))
  expect((await of('contact.renamed')).map(({ data }) => (data as { source: string }).source)).toEqual([
    'channel',
  ])
})

test('what an erased person said does not come back', async () => {
  await take(text('now', maria))
  const [contact] = await of('contact.created')
  const id = contact!.stream.split('.')[1]
  await node.done(place.admin, 'contact.erase', { id })
  await take(past('m1'))
  expect(await of('message.received')).toHaveLength(1)
  expect(await of('contact.created')).toHaveLength(1)
})

test('in a group each author is a contact, and no ticket opens', async () => {
  const group = [{ kind: 'group', value: '123@g.us' } as const]
  await take(past('g1', { group }), past('g2', { group }, [phone('5511987654322')]))
  expect(await of('contact.created')).toHaveLength(3)
  expect(await of('ticket.opened')).toEqual([])
})

test('a past that was given up is recorded as a gap, once', async () => {
  const gap = { item: 'gap', from: minutesAgo(900), to: minutesAgo(1) } as const
  await node.intake.take(engine.companyId, place.sessionId, [gap])
  await node.intake.take(engine.companyId, place.sessionId, [gap])
  expect((await of('session.gapRecorded')).map(({ data }) => data)).toEqual([
    { from: gap.from, to: gap.to, of: 'history' },
  ])
})
