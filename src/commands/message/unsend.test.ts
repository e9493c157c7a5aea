import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import type { InboundItem } from '../../providers/provider.ts'

/** A customer takes back a message that came in as several of ours, one a file. */
let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
const MARIA = [phone('5511987654321')]

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const take = (...items: InboundItem[]) => node.intake.take(engine.companyId, place.sessionId, items)
const unsent = (target: string): InboundItem => {
  const party = { addresses: MARIA }
  return {
    item: 'message',
    message: {
      type: 'revoke',
      providerMessageId: `revoke:${target}`,
      chat: { ...party, group: false },
      author: party,
      sentAt: '2026-03-02T12:00:00.000Z',
      late: false,
      fromMe: false,
      target,
    },
  }
}
const of = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)
const bodyOf = async (messageId: string) =>
  (await engine.facts()).flatMap(fact =>
    fact.type === 'message.received' && fact.data.messageId === messageId ? [fact.data.personal?.body] : [],
  )[0]
const revoked = async () => {
  const bodies: unknown[] = []
  for (const fact of await of('message.revoked'))
    if (fact.type === 'message.revoked') bodies.push(await bodyOf(fact.data.messageId))
  return bodies
}

describe('a message of several files', () => {
  test('goes as a whole, and nothing else goes with it', async () => {
    await take(text('m', MARIA), text('m#1', MARIA), text('m#2', MARIA), text('n', MARIA), text('m#4', MARIA))
    await take(unsent('m'))
    expect(await revoked()).toEqual(['text m', 'text m#1', 'text m#2'])
    expect(await of('deadLetter.recorded')).toEqual([])
  })

  test('told again, changes nothing', async () => {
    await take(text('m', MARIA), text('m#1', MARIA), unsent('m'))
    const head = await engine.store.head()
    await take(unsent('m'))
    expect(await engine.store.head()).toBe(head)
  })

  test('goes from each ticket where its parts lie', async () => {
    await node.done(place.admin, 'session.change', { id: place.sessionId, settings: { reopenMinutes: 0 } })
    await take(text('m', MARIA))
    const [opened] = await of('ticket.opened')
    await node.done(place.supervisor, 'ticket.close', { id: opened!.stream.split('.')[1]! })
    await take(text('m#1', MARIA))
    expect(await of('ticket.opened')).toHaveLength(2)
    await take(unsent('m'))
    expect(await revoked()).toEqual(['text m', 'text m#1'])
    const streams = (await of('message.revoked')).map(({ stream }) => stream)
    expect(new Set(streams).size).toBe(2)
    const head = await engine.store.head()
    await take(unsent('m'))
    expect(await engine.store.head()).toBe(head)
  })
})

describe('where the channel keeps a file', () => {
  const URL = 'https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=secret'
  const picture = text('m', MARIA, { kind: 'image', media: { mime: 'image/png', providerMediaId: URL } })

  test('is sealed with the person’s key', async () => {
    await take(picture)
    const [received] = await of('message.received')
    if (received?.type !== 'message.received') throw new Error('no message')
    expect(received.data.media).toEqual({ mime: 'image/png', atChannel: true })
    expect(received.data.personal?.mediaAddress).toBe(URL)
    for await (const event of engine.store.readAll({}))
      expect(Buffer.from(JSON.stringify(event)).includes('asset_id')).toBe(false)
  })
})
