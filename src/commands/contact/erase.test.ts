import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contactKind } from '../../actors/contact/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import { isRefusal } from '../define.ts'
import { addressesIn } from '../message/addresses-in.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'

const MARIA = [phone('5511987654321')]

describe('a contact is erased', () => {
  let engine: Engine
  let desk: Awaited<ReturnType<Engine['found']>>
  let node: Node
  beforeEach(async () => {
    engine = await openEngine()
    desk = await engine.found()
    node = engine.node('one')
  })
  afterEach(() => engine.close())

  const take = (id: string, on = node) => on.intake.take(engine.companyId, desk.sessionId, [text(id, MARIA)])
  const streamsOf = async (type: string): Promise<string[]> => [
    ...new Set((await engine.events(`${type}-`)).map(({ stream }) => stream.slice(stream.indexOf('.') + 1))),
  ]
  const started = async () => {
    const [first] = await engine.facts('conversation-')
    if (first?.type !== 'conversation.started') throw new Error('no conversation')
    return {
      conversationId: first.stream.slice(first.stream.indexOf('.') + 1),
      contactId: first.data.contactId,
    }
  }
  /** As the reaction does it. */
  const follow = async (contactId: string, conversationIds: string[]) => {
    const erased = (await engine.facts('contact-')).find(({ type }) => type === 'contact.erased')
    const aliasIds = erased?.type === 'contact.erased' ? erased.data.aliasIds : []
    await engine.keys.destroy(engine.companyId, contactId)
    const forgotten = await node.done(engine.system, 'contact.forget', {
      id: contactId,
      aliasIds,
      conversationIds,
    })
    return { aliasIds, forgotten }
  }

  test('only by admins, once, and never unerased', async () => {
    await take('1')
    const { contactId: id } = await started()
    for (const who of [desk.ana, desk.supervisor, engine.user('auditor'), engine.user('analyst')])
      expect(await node.ask(who, 'contact.erase', { id })).toMatchObject({ refused: 'forbidden' })
    expect(await node.done(desk.admin, 'contact.erase', { id }, { key: 'k' })).toMatchObject({
      duplicate: false,
    })
    expect(await node.done(desk.admin, 'contact.erase', { id }, { key: 'k' })).toMatchObject({
      duplicate: true,
    })
    expect(await node.done(desk.admin, 'contact.erase', { id })).toMatchObject({ duplicate: true })
    for (const command of ['contact.block', 'contact.change'])
      expect(await node.ask(desk.admin, command, { id, name: 'Back' })).toMatchObject({
        refused: 'not-found',
      })
    const facts = (await engine.facts('contact-')).filter(({ type }) => type === 'contact.erased')
    expect(facts).toMatchObject([{ data: { userId: desk.admin.userId, reason: 'requested' } }])
  })

  test('their live ticket is closed, their address freed, and nothing of theirs can be opened', async () => {
    await take('1')
    const { contactId, conversationId } = await started()
    await node.done(desk.admin, 'contact.erase', { id: contactId })
    const { aliasIds, forgotten } = await follow(contactId, [conversationId])
    expect(aliasIds).toHaveLength(1)
    expect(forgotten.data).toEqual({ ticketsClosed: 1 })
    expect((await follow(contactId, [conversationId])).forgotten.data).toEqual({ ticketsClosed: 0 })
    expect((await engine.facts('ticket-')).at(-1)).toMatchObject({
      type: 'ticket.closed',
      data: { reason: 'silent', userId: null },
    })
    for (const fact of await engine.facts())
      if (fact.meta.subject === contactId)
        expect((fact.data as { personal: unknown }).personal, fact.type).toBeNull()
    const done = { id: contactId, filesRemoved: 0, lettersErased: 0, ticketsClosed: 1 }
    expect(await node.done(engine.system, 'contact.completeErasure', done)).toMatchObject({
      duplicate: false,
    })
    expect(await node.done(engine.system, 'contact.completeErasure', done)).toMatchObject({ duplicate: true })
  })

  test('a ticket that was put off is closed likewise', async () => {
    await take('1')
    const { contactId, conversationId } = await started()
    const [id] = await streamsOf('ticket')
    await node.done(desk.ana, 'ticket.accept', { id })
    await node.done(desk.ana, 'ticket.snooze', { id, untilReply: true })
    await node.done(desk.admin, 'contact.erase', { id: contactId })
    expect((await follow(contactId, [conversationId])).forgotten.data).toEqual({ ticketsClosed: 1 })
    const said = (await engine.facts('ticket-')).map(({ type }) => type)
    expect(said.slice(-3)).toEqual(['ticket.snoozed', 'ticket.woken', 'ticket.closed'])
  })

  test.each(['before', 'after'])('who writes again %s the address was freed is somebody new', async when => {
    await take('1')
    const { contactId, conversationId } = await started()
    await node.done(desk.admin, 'contact.erase', { id: contactId })
    if (when === 'after') await follow(contactId, [conversationId])
    await take('2')
    if (when === 'before') await follow(contactId, [conversationId])
    await take('3')
    // The same message delivered again is still known.
    await take('1')
    expect(node.counted).toEqual([
      'message received',
      'message received',
      'message received',
      'message duplicate',
    ])
    const contacts = await streamsOf('contact')
    expect(contacts).toHaveLength(2)
    const fresh = contacts.find(id => id !== contactId)!
    const tickets = await streamsOf('ticket')
    expect(tickets).toHaveLength(2)
    const { state } = await node.directory.state(ticketKind, { company: engine.companyId, id: tickets[1]! })
    expect(state.context.contactId).toBe(fresh)
    const bodies = (await engine.facts('ticket-')).flatMap(fact =>
      fact.type === 'message.received' ? [fact.data.personal?.body ?? null] : [],
    )
    expect(bodies).toEqual([null, 'text 2', 'text 3'])
    expect(await engine.facts('alias-')).toMatchObject([
      { type: 'alias.claimed', data: { contactId } },
      { type: 'alias.released', data: { contactId } },
      { type: 'alias.claimed', data: { contactId: fresh } },
    ])
  })

  test('a node that has not heard of it writes nothing under the old key', async () => {
    await take('1')
    const other = engine.node('two', { ...engine.store, shared: true })
    await take('2', other)
    const { contactId, conversationId } = await started()
    await node.done(desk.admin, 'contact.erase', { id: contactId })
    await follow(contactId, [conversationId])
    await take('3', other)
    expect(other.counted).toEqual(['message received', 'message received'])
    const last = (await engine.facts('ticket-')).findLast(({ type }) => type === 'message.received')
    expect(last).toMatchObject({ data: { personal: { body: 'text 3' } } })
    expect(last?.meta.subject).not.toBe(contactId)
  })

  test('nobody reopens their ticket or writes to them', async () => {
    await take('1')
    const { contactId, conversationId } = await started()
    const [ticketId] = await streamsOf('ticket')
    await node.done(desk.ana, 'ticket.accept', { id: ticketId })
    await node.done(desk.admin, 'contact.erase', { id: contactId })
    expect(await node.ask(desk.ana, 'message.send', { ticketId, body: 'hello' })).toMatchObject({
      refused: 'contact-erased',
    })
    await follow(contactId, [conversationId])
    expect(await node.ask(desk.supervisor, 'ticket.reopen', { id: ticketId })).toMatchObject({
      refused: 'contact-erased',
    })
    const opening = { contactId, sessionId: desk.sessionId }
    expect(isRefusal(await node.ask(desk.ana, 'ticket.open', opening))).toBe(true)
  })

  test('a number is free for a contact made by hand, at once', async () => {
    const made = await node.done(desk.ana, 'contact.create', { name: 'Maria', phone: '5511987654321' })
    expect(
      await node.ask(desk.ana, 'contact.create', { name: 'Again', phone: '5511987654321' }),
    ).toMatchObject({ refused: 'contact-exists' })
    await node.done(desk.admin, 'contact.erase', { id: made.id })
    const again = await node.done(desk.ana, 'contact.create', { name: 'Again', phone: '5511987654321' })
    expect(again.id).not.toBe(made.id)
    const { state } = await node.directory.state(contactKind, { company: engine.companyId, id: again.id })
    expect(state.matches('known')).toBe(true)
  })

  test('a dead letter knows whose numbers stand in it, and has a key of its own', async () => {
    await take('1')
    const payload = { entry: [{ changes: [{ value: { contacts: [{ wa_id: '5511987654321' }] } }] }] }
    await node.intake.bury(engine.companyId, null, 'test', 'unreadable', payload)
    const [letter] = await engine.facts('deadletter-')
    const [alias] = await streamsOf('alias')
    expect(letter).toMatchObject({ data: { aliasIds: expect.arrayContaining([alias]) } })
    const id = letter!.stream.slice(letter!.stream.indexOf('.') + 1)
    expect(letter?.meta.subject).toBe(id)
    await engine.keys.destroy(engine.companyId, id)
    await node.done(engine.system, 'deadLetter.erase', { id })
    expect(await node.ask(desk.admin, 'deadLetter.retry', { id })).toMatchObject({ refused: 'not-found' })
    expect((await engine.facts('deadletter-'))[0]).toMatchObject({ data: { personal: null } })
  })
})

test('addresses are found wherever they stand', () => {
  expect(
    addressesIn({
      a: [{ kind: 'bsuid', value: 'BR.1' }, 'hello', '12', '+5511987654321'],
      b: { kind: 'phone', value: '551133334444', deep: { from: '4915112345678' } },
      c: { kind: 'unknown', value: 'x' },
    })
      .map(({ kind, value }) => `${kind}:${value}`)
      .sort(),
  ).toEqual(['bsuid:BR.1', 'phone:4915112345678', 'phone:551133334444', 'phone:5511987654321'])
})
