import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import { startProjected } from '../../../test/support/projected.ts'
import type { FactLog } from '../../../test/support/fact-log.ts'
import { decode } from '../../eventstore/codec.ts'

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
const sealed = (id: string) => text(id, maria, { kind: 'undecryptable', text: '' })
const opened = (id: string, more: Parameters<typeof text>[2] = {}) =>
  text(id, maria, { deciphered: true, late: true, ...more })

describe('a message that could not be opened, and then could', () => {
  test('says it where it stands, once, and opens and wakes nothing', async () => {
    await take(sealed('m1'), text('m2', maria))
    const [ticket] = await of('ticket.opened')
    await take(opened('m1'))
    await take(opened('m1'), sealed('m1'))
    expect((await of('message.received')).map(({ data }) => (data as { kind: string }).kind)).toEqual([
      'undecryptable',
      'text',
    ])
    const facts = await of('message.deciphered')
    expect(facts).toMatchObject([{ data: { kind: 'text', personal: { body: 'text m1' } } }])
    expect(facts[0]?.stream).toBe(ticket?.stream)
    expect(await of('message.edited')).toEqual([])
    expect(await of('deadLetter.recorded')).toEqual([])
  })

  test('says it in a ticket that is over', async () => {
    await take(sealed('m1'))
    const id = (await of('ticket.opened'))[0]!.stream.split('.')[1]!
    await node.done(place.admin, 'ticket.close', { id })
    await take(opened('m1'))
    expect((await of('message.deciphered'))[0]?.stream).toContain(id)
    expect(await of('ticket.opened')).toHaveLength(1)
    expect(await of('ticket.reopened')).toEqual([])
  })

  test('is taken in like any other where nothing stands', async () => {
    await take(opened('m1'))
    expect(await of('message.deciphered')).toEqual([])
    expect(await of('message.received')).toMatchObject([{ data: { kind: 'text', late: true } }])
  })

  test('is shown with its words and its file, found by them, and not as an edit', async () => {
    const database = await testDatabase('pglite')
    const log = { store: engine.store, decode: event => decode(event, engine.keys) } as FactLog
    const projected = startProjected(log, database)
    try {
      await take(sealed('m1'), text('m2', maria), sealed('m3'))
      const file = { mime: 'image/png', name: 'foto.png', providerMediaId: 'file-1' }
      await take(opened('m1', { kind: 'image', text: 'a legenda', media: file }), opened('m3'))
      await projected.upToDate()
      const id = (await of('ticket.opened'))[0]!.stream.split('.')[1]!
      const page = await projected.reads.messages(place.admin, id, { limit: 10 })
      expect(page?.items).toMatchObject([
        { kind: 'image', body: 'a legenda', media: { mime: 'image/png', name: 'foto.png' } },
        { kind: 'text', body: 'text m2' },
        { kind: 'text', body: 'text m3' },
      ])
      expect(page?.items.filter(({ editedAt }) => editedAt)).toEqual([])
      const found = await projected.reads.searchMessages(place.admin, { q: 'legenda', limit: 10 })
      expect(found.items).toHaveLength(1)
      expect(await projected.reads.ticket(place.admin, id)).toMatchObject({
        lastMessage: { kind: 'text', preview: 'text m3' },
        unreadCount: 3,
      })
      expect(await projected.reads.unfetchedMedia()).toHaveLength(1)
    } finally {
      await projected.stop()
      await database.close()
    }
  })
})
