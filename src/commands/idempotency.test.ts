import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'

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

const of = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)
const ticketOf = async (id: string): Promise<string> => {
  await node.intake.take(engine.companyId, place.sessionId, [text(id, maria)])
  return (await of('ticket.opened')).at(-1)!.stream.split('.')[1]!
}
const contactOf = async (): Promise<string> => (await of('contact.created'))[0]!.stream.split('.')[1]!

describe('a request that is repeated with its key', () => {
  test('is one message, also on another node and after more than it was said', async () => {
    const ticketId = await ticketOf('m1')
    await node.done(place.ana, 'ticket.accept', { id: ticketId })
    const input = { ticketId, body: 'Hello' }
    const first = await node.done(place.ana, 'message.send', input, { key: 'k' })
    await node.done(place.ana, 'message.send', { ticketId, body: 'And more' })
    const again = await engine.node('other').done(place.ana, 'message.send', input, { key: 'k' })
    expect(again).toMatchObject({ id: first.id, revision: first.revision, duplicate: true, position: null })
    expect(await of('message.queued')).toHaveLength(2)
  })

  test('with another body is refused', async () => {
    const ticketId = await ticketOf('m1')
    await node.done(place.ana, 'ticket.accept', { id: ticketId })
    await node.done(place.ana, 'message.send', { ticketId, body: 'Hello' }, { key: 'k' })
    const other = { ticketId, body: 'Bye' }
    expect(await node.ask(place.ana, 'message.send', other, { key: 'k' })).toMatchObject({
      refused: 'idempotency-key-reused',
    })
  })

  test('the same key of another person is another request', async () => {
    const ticketId = await ticketOf('m1')
    await node.done(place.ana, 'ticket.accept', { id: ticketId })
    await node.done(place.ana, 'message.send', { ticketId, body: 'Hello' }, { key: 'k' })
    await node.done(place.supervisor, 'message.send', { ticketId, body: 'Hello' }, { key: 'k' })
    expect(await of('message.queued')).toHaveLength(2)
  })

  test('restarts a session, once', async () => {
    const id = place.sessionId
    await node.done(place.admin, 'session.start', { id })
    await node.done(place.admin, 'session.restart', { id }, { key: 'k' })
    const types = (await engine.facts('session-')).map(fact => fact.type)
    expect(types).toEqual([
      'session.created',
      'session.startRequested',
      'session.stopped',
      'session.startRequested',
    ])
    await node.done(place.admin, 'session.restart', { id }, { key: 'k' })
    expect(await engine.facts('session-')).toHaveLength(4)
  })

  test('opens one ticket with a first text, also where the conversation starts with it', async () => {
    const created = await node.done(place.ana, 'contact.create', { name: 'João', phone: '+5511912345678' })
    const input = { contactId: created.id, sessionId: place.sessionId, body: 'Hello' }
    const first = await node.done(place.ana, 'ticket.open', input, { key: 'k' })
    const again = await engine.node('other').done(place.ana, 'ticket.open', input, { key: 'k' })
    expect(again).toMatchObject({ id: first.id, duplicate: true })
    expect(again.data).toEqual(first.data)
    expect(await of('ticket.opened')).toHaveLength(1)
    expect(await of('message.queued')).toHaveLength(1)
  })

  test('opens a ticket with whatever a message may be, where the channel lets one write first', async () => {
    engine.channel.capabilities = { ...engine.channel.capabilities, windowHours: 24 }
    const created = await node.done(place.ana, 'contact.create', { name: 'João', phone: '+5511912345678' })
    const to = { contactId: created.id, sessionId: place.sessionId }
    const words = await node.ask(place.ana, 'ticket.open', { ...to, body: 'Hello' })
    expect(words).toMatchObject({ refused: 'window-closed' })
    expect(await node.ask(place.ana, 'ticket.open', { ...to, kind: 'image' })).toMatchObject({
      refused: 'invalid',
    })
    expect(await of('ticket.opened')).toEqual([])
    const template = { name: 'hello', language: 'pt_BR', parameters: ['João'] }
    const input = { ...to, template, body: 'Hello João' }
    const first = await node.done(place.ana, 'ticket.open', input, { key: 'k' })
    const again = await node.done(place.ana, 'ticket.open', input, { key: 'k' })
    expect(again).toMatchObject({ id: first.id, duplicate: true })
    const [queued, ...others] = await of('message.queued')
    expect(others).toEqual([])
    expect(queued?.data).toMatchObject({ kind: 'template', personal: { template, body: 'Hello João' } })
  })

  test('opens a ticket with a file', async () => {
    const created = await node.done(place.ana, 'contact.create', { name: 'João', phone: '+5511912345678' })
    const upload = { id: crypto.randomUUID(), key: 'company/sha', mime: 'image/png', size: 3, sha256: 'sha' }
    engine.uploads.set(upload.id, { ...upload, name: 'a.png', kind: 'image' })
    const to = { contactId: created.id, sessionId: place.sessionId }
    await node.done(place.ana, 'ticket.open', { ...to, uploadId: upload.id, body: 'look' })
    expect((await of('message.queued'))[0]?.data).toMatchObject({
      kind: 'image',
      media: { key: 'company/sha' },
      personal: { body: 'look', mediaName: 'a.png' },
    })
  })

  test('opens no second ticket when the first was closed meanwhile', async () => {
    await ticketOf('m1').then(id => node.done(place.supervisor, 'ticket.close', { id }))
    const input = { contactId: await contactOf(), sessionId: place.sessionId, body: 'Hello' }
    const first = await node.done(place.ana, 'ticket.open', input, { key: 'k' })
    await node.done(place.ana, 'ticket.close', { id: first.id })
    const again = await node.done(place.ana, 'ticket.open', input, { key: 'k' })
    expect(again).toMatchObject({ id: first.id, duplicate: true })
    expect(await of('message.queued')).toHaveLength(1)
  })

  test('writes the first text once, also when another ticket lives by then', async () => {
    await ticketOf('m1').then(id => node.done(place.supervisor, 'ticket.close', { id }))
    const to = { contactId: await contactOf(), sessionId: place.sessionId }
    const first = await node.done(place.ana, 'ticket.open', { ...to, body: 'Hello' }, { key: 'k' })
    await node.done(place.ana, 'ticket.close', { id: first.id })
    const second = await node.done(place.ana, 'ticket.open', { ...to, body: 'Hello again' }, { key: 'l' })
    expect(second.id).not.toBe(first.id)
    const again = await engine
      .node('other')
      .done(place.ana, 'ticket.open', { ...to, body: 'Hello' }, { key: 'k' })
    expect(again).toMatchObject({ id: first.id, duplicate: true, data: first.data })
    expect(await of('message.queued')).toHaveLength(2)
  })

  test('reopens a ticket that was not even released, once', async () => {
    const id = await ticketOf('m1')
    await node.done(place.supervisor, 'ticket.close', { id })
    const first = await node.done(place.supervisor, 'ticket.reopen', { id }, { key: 'k' })
    expect(first.id).toBe(id)
    await node.done(place.supervisor, 'ticket.close', { id })
    expect(await node.done(place.supervisor, 'ticket.reopen', { id }, { key: 'k' })).toMatchObject({
      duplicate: true,
    })
    expect(await of('ticket.reopened')).toHaveLength(1)
  })

  test('closes once, and stays closed by it after the customer came back', async () => {
    const id = await ticketOf('m1')
    await node.done(place.supervisor, 'ticket.close', { id }, { key: 'k' })
    await ticketOf('m2')
    await node.done(place.supervisor, 'ticket.close', { id }, { key: 'k' })
    expect(await of('ticket.closed')).toHaveLength(1)
  })
})

describe('a command that carries the revision its client saw', () => {
  test('conflicts with what became of the ticket since, telling who did what', async () => {
    const id = await ticketOf('m1')
    await node.done(place.ana, 'ticket.accept', { id })
    expect(await node.ask(place.supervisor, 'ticket.close', { id }, { ifMatch: 1 })).toMatchObject({
      refused: 'conflict',
      data: { type: 'ticket.accepted', userId: place.ana.userId },
    })
  })
  test('does not conflict with messages and acks', async () => {
    const id = await ticketOf('m1')
    const { revision } = await node.done(place.ana, 'ticket.accept', { id })
    await ticketOf('m2')
    await node.done(place.ana, 'message.send', { ticketId: id, body: 'Hello' })
    await node.done(place.ana, 'ticket.close', { id }, { ifMatch: revision })
  })
  test('an acceptance that came later names the winner instead', async () => {
    const id = await ticketOf('m1')
    await node.done(place.ana, 'ticket.accept', { id })
    expect(await node.ask(place.bob, 'ticket.accept', { id }, { ifMatch: 1 })).toMatchObject({
      refused: 'ticket-taken',
      data: { userId: place.ana.userId },
    })
  })
})

describe('writing first', () => {
  const open = async (who = place.bob) =>
    node.ask(who, 'ticket.open', { contactId: await contactOf(), sessionId: place.sessionId })
  test('where another agent has the ticket is refused, naming them', async () => {
    const id = await ticketOf('m1')
    await node.done(place.ana, 'ticket.accept', { id })
    expect(await open()).toMatchObject({
      refused: 'ticket-live',
      data: { ticketId: id, userId: place.ana.userId },
    })
  })
  test('names the agent who has it now, not the one who opened it', async () => {
    const closed = await ticketOf('m1')
    await node.done(place.supervisor, 'ticket.close', { id: closed })
    const opened = await node.done(place.bob, 'ticket.open', {
      contactId: await contactOf(),
      sessionId: place.sessionId,
    })
    await node.done(place.supervisor, 'ticket.takeover', { id: opened.id })
    expect(await open()).toMatchObject({
      refused: 'ticket-live',
      data: { ticketId: opened.id, userId: place.supervisor.userId },
    })
  })
  test('completes a claim that another agent left without a ticket, and names them', async () => {
    const { faultyStore } = await import('../../test/support/faulty-store.ts')
    await node.done(place.supervisor, 'ticket.close', { id: await ticketOf('m1') })
    const contactId = await contactOf()
    const dying = engine.node(
      'dying',
      faultyStore(engine.store, (_, stream) => (stream.startsWith('ticket-') ? 'crash' : undefined)),
    )
    const input = { contactId, sessionId: place.sessionId }
    await expect(dying.ask(place.ana, 'ticket.open', input)).rejects.toThrow()
    node = engine.node()
    const answer = await open()
    expect(answer).toMatchObject({ refused: 'ticket-live', data: { userId: place.ana.userId } })
    expect(await of('ticket.opened')).toHaveLength(2)
  })
})

test('changing a setting of a session leaves the others as they were', async () => {
  const settings = { reopenPolicy: 'new', reopenMinutes: 30 }
  const { id } = await node.done(place.admin, 'session.create', {
    name: 'Two',
    provider: 'simulator',
    settings,
  })
  await node.done(place.admin, 'session.change', { id, settings: { reopenMinutes: 5 } })
  expect((await of('session.changed'))[0]!.data).toMatchObject({
    settings: { reopenPolicy: 'new', reopenMinutes: 5 },
  })
})

describe('a request that names the revision it saw', () => {
  test('tells nobody of a conflict who may not see the ticket', async () => {
    const ticketId = await ticketOf('m1')
    const { revision } = await node.done(place.ana, 'ticket.accept', { id: ticketId })
    await node.done(place.ana, 'ticket.return', { id: ticketId })
    const stranger = engine.user('agent')
    const asked = await node.ask(stranger, 'ticket.return', { id: ticketId }, { ifMatch: revision })
    expect(asked).toMatchObject({ refused: 'not-found' })
    const known = await node.ask(place.ana, 'ticket.close', { id: ticketId }, { ifMatch: revision })
    expect(known).toMatchObject({ refused: 'conflict', data: { type: 'ticket.returned' } })
  })
})
