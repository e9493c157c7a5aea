import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ticketKind } from '../../actors/ticket/chart.ts'
import type { InboundItem } from '../../providers/provider.ts'
import { delivered, failed, opened, queued, sending, sent } from '../../../test/support/facts.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { given, idOf, server, type Told } from '../../../test/support/given.ts'
import { text } from '../../../test/support/inbound.ts'
import { watermarkFacts, type Mark } from './watermark.ts'

const at = (minute: number): string =>
  new Date(Date.parse('2026-03-02T10:00:00.000Z') + minute * 60_000).toISOString()
const started = (name: string, minute: number): Told => ({ ...sending(name), at: at(minute) })
const base = [opened({ userId: idOf('ana') }), queued('one'), queued('two'), queued('three')]
const marked = (ticket: Parameters<typeof watermarkFacts>[0], mark: Mark) => watermarkFacts(ticket, mark)
const read = (minute: number): Mark => ({ ack: 'read', at: at(minute) })

describe('a watermark', () => {
  const both = [...base, started('one', 1), sent('one'), started('two', 3), sent('two')]
  test('moves everything of ours up to its moment, in order, and nothing after it', () => {
    given(ticketKind, ...both)
      .when(marked, read(2), server)
      .recorded([{ type: 'message.read', data: { messageId: idOf('one'), at: at(2) } }])
    given(ticketKind, ...both)
      .when(marked, read(3), server)
      .recorded([
        { type: 'message.read', data: { messageId: idOf('one') } },
        { type: 'message.read', data: { messageId: idOf('two') } },
      ])
    given(ticketKind, ...both)
      .when(marked, read(0), server)
      .nothing()
  })
  test('moves nothing backwards, and nothing that failed or waits', () => {
    const mark: Mark = { ack: 'delivered', at: at(9) }
    given(
      ticketKind,
      ...base,
      started('one', 1),
      sent('one'),
      delivered('one'),
      started('two', 2),
      failed('two'),
    )
      .when(marked, mark, server)
      .nothing()
  })
  test('waits for a message that is being sent right now', () => {
    given(ticketKind, ...base, started('one', 1))
      .when(marked, read(2), server)
      .refused('busy')
    given(ticketKind, ...base, started('one', 3))
      .when(marked, read(2), server)
      .nothing()
  })
  test('that names its newest message is exact, whatever the clocks say', () => {
    given(ticketKind, ...both)
      .when(marked, { ack: 'read', at: at(0), throughRevision: 1 }, server)
      .recorded([{ type: 'message.read', data: { messageId: idOf('one') } }])
  })
})

describe('taken in', () => {
  let engine: Engine
  let node: Node
  let place: Awaited<ReturnType<Engine['found']>>
  const person = [{ kind: 'psid', value: '8842561234567890' }] as const
  beforeEach(async () => {
    engine = await openEngine()
    place = await engine.found({ reopenPolicy: 'new' })
    node = engine.node()
  })
  afterEach(() => engine.close())

  const take = (...items: InboundItem[]) => node.intake.take(engine.companyId, place.sessionId, items)
  const said = async (type: string): Promise<{ messageId: string }[]> =>
    (await engine.facts()).filter(fact => fact.type === type).map(({ data }) => data as { messageId: string })
  const mark = (moment: number, providerMessageId?: string): InboundItem => ({
    item: 'watermark',
    watermark: {
      chat: { addresses: person, group: false },
      ack: 'read',
      at: new Date(moment).toISOString(),
      ...(providerMessageId === undefined ? {} : { providerMessageId }),
    },
  })
  const ticketOf = async (id: string): Promise<string> => {
    await take(text(id, person))
    const opened = (await engine.facts()).filter(fact => fact.type === 'ticket.opened')
    return opened.at(-1)!.stream.split('.')[1]!
  }
  const say = async (ticketId: string, mid: string): Promise<string> => {
    const { id: messageId } = await node.done(place.supervisor, 'message.send', { ticketId, body: mid })
    await node.done(engine.system, 'message.startSending', { ticketId, messageId, fence: '1' })
    const result = { outcome: 'sent', providerMessageId: mid }
    await node.done(engine.system, 'message.recordOutcome', { ticketId, messageId, result })
    return messageId
  }
  const answered = async (id: string): Promise<string> => {
    const ticketId = await ticketOf(id)
    await node.done(place.supervisor, 'ticket.accept', { id: ticketId })
    return ticketId
  }

  test('it reaches the tickets before too, once; told again it writes nothing', async () => {
    const first = await answered('m1')
    const one = await say(first, 'mid.1')
    await node.done(place.supervisor, 'ticket.close', { id: first })
    engine.clock.move(1)
    const second = await answered('m2')
    const two = await say(second, 'mid.2')
    expect(second).not.toBe(first)
    const moment = engine.clock.now()
    await take(mark(moment))
    expect((await said('message.read')).map(({ messageId }) => messageId).sort()).toEqual([one, two].sort())
    const head = await engine.store.head()
    await take(mark(moment), mark(moment - 60_000))
    expect(await engine.store.head()).toBe(head)
  })

  test('one that names a message leaves what was said after it', async () => {
    const ticketId = await answered('m1')
    const one = await say(ticketId, 'mid.1')
    await say(ticketId, 'mid.2')
    await take(mark(engine.clock.now() + 60_000, 'mid.1'))
    expect((await said('message.read')).map(({ messageId }) => messageId)).toEqual([one])
  })

  test('of somebody unknown it is only counted, and while one is being sent it has to come again', async () => {
    await take(mark(engine.clock.now()))
    expect(node.counted).toEqual(['watermark unmatched'])
    const ticketId = await answered('m1')
    const { id: messageId } = await node.done(place.supervisor, 'message.send', { ticketId, body: 'oi' })
    await node.done(engine.system, 'message.startSending', { ticketId, messageId, fence: '1' })
    const later = mark(engine.clock.now() + 1_000)
    await expect(take(later)).rejects.toThrow('busy')
    const result = { outcome: 'sent', providerMessageId: 'mid.1' }
    await node.done(engine.system, 'message.recordOutcome', { ticketId, messageId, result })
    await take(later)
    expect(await said('message.read')).toHaveLength(1)
  })

  test('a name that the channel tells later is noted, and only of somebody known', async () => {
    const note = (value: string) =>
      node.ask(engine.system, 'contact.noteProfile', { addresses: [{ kind: 'psid', value }], name: 'Ana' })
    expect(await note('1234567890123456')).toMatchObject({ refused: 'not-found' })
    await take(text('m1', person))
    expect(await note(person[0].value)).not.toHaveProperty('refused')
    const renamed = (await engine.facts()).filter(fact => fact.type === 'contact.renamed')
    expect(renamed.map(({ data }) => (data as { personal: { name: string } }).personal.name).at(-1)).toBe(
      'Ana',
    )
  })
})
