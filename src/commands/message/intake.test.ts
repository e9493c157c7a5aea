import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { streamName } from '../../eventstore/streams.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { bsuid, phone, text } from '../../../test/support/inbound.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
const maria = [phone('5511987654321')]

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const take = (...items: ReturnType<typeof text>[]) =>
  node.intake.take(engine.companyId, place.sessionId, items)
const of = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)
const bodies = async () =>
  (await of('message.received')).map(fact => (fact.data as { personal: { body: string } }).personal.body)
const theTicket = async (): Promise<string> => {
  const opened = await of('ticket.opened')
  expect(opened).toHaveLength(1)
  return opened[0]!.stream.split('.')[1]!
}

describe('who is whom, and who calls', () => {
  const lid = { kind: 'lid', value: '1000000001' } as const

  test('a number that is learnt for a hidden id makes no second contact, and strangers make none', async () => {
    const learn = (...addresses: (typeof maria)[number][]) =>
      node.intake.take(engine.companyId, place.sessionId, [{ item: 'identity', party: { addresses } }])
    await learn(phone('5511900000009'), { kind: 'lid', value: '9' })
    expect(await of('contact.created')).toEqual([])
    await take(text('m1', [lid]))
    await learn(...maria, lid)
    await learn(...maria, lid)
    await take(text('m2', [...maria, lid]), text('m3', maria))
    expect(await of('contact.created')).toHaveLength(1)
    expect(await of('contact.aliasAdded')).toHaveLength(1)
    await theTicket()
    expect(await of('deadLetter.recorded')).toEqual([])
  })

  test('a call stands in the chat, once', async () => {
    const call = {
      item: 'call',
      callId: 'c1',
      chat: { addresses: maria, group: false },
      at: new Date(engine.clock.now()).toISOString(),
      video: true,
      rejected: true,
    } as const
    await node.intake.take(engine.companyId, place.sessionId, [call, call])
    expect(await bodies()).toEqual(['unsupported: video call'])
    expect(await of('deadLetter.recorded')).toEqual([])
  })
})

describe('what customers write', () => {
  test('twenty first messages at once open one ticket and stay in order', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `m${i}`)
    await Promise.all(ids.map(id => take(text(id, maria))))
    await theTicket()
    expect(await bodies()).toEqual(ids.map(id => `text ${id}`))
    expect(await of('contact.created')).toHaveLength(1)
    expect(await of('deadLetter.recorded')).toEqual([])
  })

  test('the same message delivered again, at once or later, is one message', async () => {
    await Promise.all([take(text('m1', maria)), take(text('m1', maria)), take(text('m1', maria))])
    await take(text('m1', maria))
    expect(await bodies()).toEqual(['text m1'])
    expect(node.counted).toEqual(['message received', ...Array(3).fill('message duplicate')])
  })

  test('redelivered after the close, within and after the window, nothing is written at all', async () => {
    await take(text('m1', maria), text('m2', maria))
    const id = await theTicket()
    await node.done(place.supervisor, 'ticket.close', { id })
    const head = await engine.store.head()
    for (const minutes of [0, 60, 600]) {
      engine.clock.move(minutes)
      await take(text('m1', maria), text('m2', maria))
      node = engine.node()
    }
    expect(await engine.store.head()).toBe(head)
  })

  test('a message within the window reopens the ticket, after it opens the next number', async () => {
    await take(text('m1', maria))
    const id = await theTicket()
    await node.done(place.supervisor, 'ticket.close', { id })
    engine.clock.move(119)
    await take(text('m2', maria))
    expect(await of('ticket.reopened')).toHaveLength(1)
    await node.done(place.supervisor, 'ticket.close', { id })
    engine.clock.move(121)
    await take(text('m3', maria))
    const numbers = (await of('ticket.opened')).map(fact => (fact.data as { number: number }).number)
    expect(numbers).toEqual([1, expect.any(Number)])
    expect(numbers[1]).toBeGreaterThan(1)
    expect(await bodies()).toEqual(['text m1', 'text m2', 'text m3'])
  })

  test('a sticker opens no ticket and is kept with the conversation, once', async () => {
    await take(text('s1', maria, { kind: 'sticker' }))
    await take(text('s1', maria, { kind: 'sticker' }))
    expect(await of('ticket.opened')).toEqual([])
    expect((await of('message.received')).map(fact => fact.stream.split('-')[0])).toEqual(['conversation'])
  })

  test('a person known by phone, then by both, then by the hidden id alone stays one', async () => {
    await take(text('m1', maria))
    await take(text('m2', [...maria, bsuid('BR.1')]))
    await take(text('m3', [bsuid('BR.1')]))
    expect(await of('contact.created')).toHaveLength(1)
    expect(await of('conversation.started')).toHaveLength(1)
    await theTicket()
    expect(await bodies()).toEqual(['text m1', 'text m2', 'text m3'])
  })

  test('a hidden id first and both at the same moment is one conversation', async () => {
    await Promise.all([
      take(text('m1', [bsuid('BR.1')])),
      take(text('m2', [...maria, bsuid('BR.1')])),
      take(text('m3', [bsuid('BR.1')])),
    ])
    expect(await of('deadLetter.recorded')).toEqual([])
    expect(await of('conversation.started')).toHaveLength(1)
    await theTicket()
    expect(new Set(await bodies())).toEqual(new Set(['text m1', 'text m2', 'text m3']))
  })

  test('a Brazilian number with and without its ninth digit is one person', async () => {
    await Promise.all([take(text('m1', [phone('551187654321')])), take(text('m2', maria))])
    expect(await of('contact.created')).toHaveLength(1)
    expect(await of('conversation.started')).toHaveLength(1)
    await theTicket()
  })

  test('replies go to the address that the channel gave, also after an agent wrote first', async () => {
    await take(text('m1', [phone('551187654321')]))
    const id = await theTicket()
    await node.done(place.supervisor, 'ticket.close', { id, silent: true })
    const contactId = (await of('contact.created'))[0]!.stream.split('.')[1]
    await node.done(place.ana, 'ticket.open', { contactId, sessionId: place.sessionId, body: 'Hello' })
    expect(await of('conversation.addressesChanged')).toEqual([])
    const other = await node.done(place.admin, 'session.create', { name: 'Two', provider: 'simulator' })
    await node.done(place.ana, 'ticket.open', { contactId, sessionId: other.id })
    for (const fact of await of('conversation.started'))
      expect(fact.data).toMatchObject({ personal: { addresses: [phone('551187654321')] } })
  })

  test('a group is one ticket; each of its members is a person', async () => {
    const group = [{ kind: 'group', value: '120363@g.us' }] as const
    await Promise.all([
      take(text('g1', maria, { group })),
      take(text('g2', [phone('5511912345678')], { group })),
    ])
    await theTicket()
    const authors = (await of('message.received')).map(fact => (fact.data as { authorId: string }).authorId)
    expect(new Set(authors).size).toBe(2)
    expect(await of('contact.created')).toHaveLength(3)
  })

  test('a reaction counts once, opens nothing, and never makes the company its own contact', async () => {
    await take(text('m1', maria))
    await node.done(place.supervisor, 'ticket.close', { id: await theTicket() })
    const base = { chat: { addresses: maria, group: false }, sentAt: '2026-03-02T12:00:00.000Z', late: false }
    const reaction = (id: string, from: string, fromMe: boolean) => ({
      item: 'message' as const,
      message: {
        ...base,
        type: 'reaction' as const,
        providerMessageId: id,
        author: { addresses: [phone(from)] },
        fromMe,
        target: 'm1',
        emoji: '👍',
      },
    })
    const all = [reaction('r1', '5511987654321', false), reaction('r2', '551130000000', true)]
    await node.intake.take(engine.companyId, place.sessionId, [...all, ...all])
    await engine.node().intake.take(engine.companyId, place.sessionId, all)
    expect(await of('message.reacted')).toHaveLength(2)
    expect(await of('contact.created')).toHaveLength(1)
    expect(await of('ticket.reopened')).toEqual([])
    await node.intake.take(engine.companyId, place.sessionId, [
      { ...all[0]!, message: { ...all[0]!.message, providerMessageId: 'r3', target: 'never seen' } },
    ])
    expect(node.counted.at(-1)).toBe('reaction unmatched')
    expect(await of('deadLetter.recorded')).toEqual([])
  })

  test('every stream is a chain: each event carries the hash of the one before', async () => {
    const { chainHash } = await import('../../eventstore/codec.ts')
    await Promise.all(Array.from({ length: 10 }, (_, i) => take(text(`m${i}`, maria))))
    const last = new Map<string, string>()
    for (const event of await engine.events()) {
      expect(event.metadata['prev'], event.stream).toBe(last.get(event.stream) ?? '')
      const { id, type, data, metadata } = event
      last.set(event.stream, chainHash({ id, type, data, metadata }))
    }
    expect(last.size).toBeGreaterThan(3)
  })

  test('an unknown session buries the message, where it can be found', async () => {
    await node.intake.take(engine.companyId, engine.companyId, [text('m1', maria)])
    const letters = await of('deadLetter.recorded')
    expect(letters).toHaveLength(1)
    const { payload } = (letters[0]!.data as { personal: { payload: string } }).personal
    expect(JSON.parse(payload)).toEqual(text('m1', maria, { late: true }))
  })
})

describe('a step that a crash left out', () => {
  test('a claim without its ticket is completed by the next message', async () => {
    const { faultyStore, Crashed } = await import('../../../test/support/faulty-store.ts')
    const dying = engine.node(
      'dying',
      faultyStore(engine.store, (_, stream) => (stream.startsWith('ticket-') ? 'crash' : undefined)),
    )
    await expect(dying.intake.take(engine.companyId, place.sessionId, [text('m1', maria)])).rejects.toThrow(
      Crashed,
    )
    expect(await of('conversation.ticketClaimed')).toHaveLength(1)
    expect(await of('ticket.opened')).toEqual([])
    await take(text('m2', maria))
    await take(text('m1', maria))
    await theTicket()
    expect(await bodies()).toEqual(['text m2', 'text m1'])
  })

  test('a closed ticket that was not released is released by the next message', async () => {
    const { faultyStore } = await import('../../../test/support/faulty-store.ts')
    await take(text('m1', maria))
    const id = await theTicket()
    const dying = engine.node(
      'dying',
      faultyStore(engine.store, (_, stream) => (stream.startsWith('conversation-') ? 'crash' : undefined)),
    )
    await expect(dying.ask(place.supervisor, 'ticket.close', { id })).rejects.toThrow()
    expect(await of('conversation.ticketReleased')).toEqual([])
    node = engine.node()
    await take(text('m1', maria))
    expect(await of('ticket.reopened')).toEqual([])
    await take(text('m2', maria))
    expect(await of('conversation.ticketReleased')).toHaveLength(1)
    expect(await of('ticket.reopened')).toHaveLength(1)
    const address = { company: engine.companyId, type: 'ticket', id } as const
    expect((await engine.events(streamName(address))).map(event => event.type)).toEqual([
      'ticket.opened',
      'message.received',
      'ticket.closed',
      'ticket.reopened',
      'message.received',
    ])
  })
})

describe('a blocked contact', () => {
  test('opens no ticket, and nobody writes to them; nothing they write is lost', async () => {
    await take(text('m1', maria))
    const ticketId = await theTicket()
    await node.done(place.ana, 'ticket.accept', { id: ticketId })
    const contactId = (await of('contact.created'))[0]!.stream.split('.')[1]!
    await node.done(place.ana, 'contact.block', { id: contactId })
    expect(await node.ask(place.ana, 'message.send', { ticketId, body: 'Hello' })).toMatchObject({
      refused: 'forbidden',
    })
    await node.done(place.ana, 'ticket.close', { id: ticketId })
    engine.clock.move(200)
    await take(text('m2', maria))
    await theTicket()
    expect(await bodies()).toEqual(['text m1', 'text m2'])
    await node.done(place.ana, 'contact.unblock', { id: contactId })
    await take(text('m3', maria))
    expect(await of('ticket.opened')).toHaveLength(2)
  })
})
