import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { faultyStore } from '../../../test/support/faulty-store.ts'
import { openEngine, type Engine } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'

let engine: Engine
let place: Awaited<ReturnType<Engine['found']>>
const maria = [phone('5511987654321')]

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
})
afterEach(() => engine.close())

const of = async (...types: string[]) => (await engine.facts()).filter(fact => types.includes(fact.type))
const take = (node: ReturnType<Engine['node']>, id: string) =>
  node.intake.take(engine.companyId, place.sessionId, [text(id, maria)])
const theConversation = async (): Promise<string> =>
  (await of('conversation.started'))[0]!.stream.split('.')[1]!
const lifeOf = async () =>
  (
    await of('conversation.ticketClaimed', 'conversation.ticketReleased', 'ticket.opened', 'ticket.reopened')
  ).map(({ type }) => type)

/** A server whose process dies at its first append to a stream of that kind. */
const dyingAt = (kind: string, nth = 1) => {
  let seen = 0
  return engine.node(
    'dying',
    faultyStore(engine.store, (_, stream) =>
      stream.startsWith(`${kind}-`) && ++seen === nth ? 'crash' : undefined,
    ),
  )
}

describe('a claim whose ticket was never written', () => {
  test('gets its ticket, once, however often and by however many it is asked', async () => {
    await expect(take(dyingAt('ticket'), 'm1')).rejects.toThrow()
    expect(await lifeOf()).toEqual(['conversation.ticketClaimed'])
    const conversationId = await theConversation()
    const nodes = [engine.node('a'), engine.node('b')]
    for (const node of [nodes[0]!, nodes[0]!, nodes[1]!])
      await node.done(engine.system, 'conversation.repair', { conversationId })
    expect(await lifeOf()).toEqual(['conversation.ticketClaimed', 'ticket.opened'])
  })

  test('takes the message when it is delivered again after the repair, and that only once', async () => {
    await expect(take(dyingAt('ticket'), 'm1')).rejects.toThrow()
    const node = engine.node()
    await node.done(engine.system, 'conversation.repair', { conversationId: await theConversation() })
    await take(node, 'm1')
    await take(node, 'm1')
    const [opened, received] = await of('ticket.opened', 'message.received')
    expect(received?.stream).toBe(opened?.stream)
    expect(await of('message.received')).toHaveLength(1)
  })

  test('of a ticket that shall live again is reopened', async () => {
    const node = engine.node()
    await take(node, 'm1')
    const id = (await of('ticket.opened'))[0]!.stream.split('.')[1]!
    await node.done(place.supervisor, 'ticket.close', { id })
    await expect(take(dyingAt('ticket'), 'm2')).rejects.toThrow()
    const after = engine.node()
    const conversationId = await theConversation()
    await after.done(engine.system, 'conversation.repair', { conversationId })
    await after.done(engine.system, 'conversation.repair', { conversationId })
    expect(await of('ticket.reopened')).toHaveLength(1)
    expect(await lifeOf()).toEqual([
      'conversation.ticketClaimed',
      'ticket.opened',
      'conversation.ticketReleased',
      'conversation.ticketClaimed',
      'ticket.reopened',
    ])
  })
})

describe('a ticket that was closed and not released', () => {
  const closedHalfway = async (): Promise<string> => {
    await take(engine.node(), 'm1')
    const id = (await of('ticket.opened'))[0]!.stream.split('.')[1]!
    const dying = dyingAt('conversation')
    await expect(dying.ask(place.supervisor, 'ticket.close', { id })).rejects.toThrow()
    expect(await of('ticket.closed')).toHaveLength(1)
    return theConversation()
  }

  test('is released, with every message that it knows', async () => {
    const conversationId = await closedHalfway()
    const node = engine.node()
    await node.done(engine.system, 'conversation.repair', { conversationId })
    await node.done(engine.system, 'conversation.repair', { conversationId })
    const released = await of('conversation.ticketReleased')
    expect(released).toHaveLength(1)
    const [received] = await of('message.received')
    expect(released[0]?.data).toMatchObject({
      messageIds: [(received!.data as { messageId: string }).messageId],
    })
    await take(node, 'm1')
    expect(await of('message.received')).toHaveLength(1)
  })

  test('and one that lives is left alone, whoever asks is told so, and people may not ask', async () => {
    await take(engine.node(), 'm1')
    const head = await engine.store.head()
    const conversationId = await theConversation()
    const node = engine.node()
    expect(await node.done(engine.system, 'conversation.repair', { conversationId })).toMatchObject({
      duplicate: true,
      position: null,
    })
    expect(await node.ask(place.admin, 'conversation.repair', { conversationId })).toMatchObject({
      refused: 'forbidden',
    })
    expect(await engine.store.head()).toBe(head)
  })
})
