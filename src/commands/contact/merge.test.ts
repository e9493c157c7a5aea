import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contactKind } from '../../actors/contact/chart.ts'
import { conversationKind } from '../../actors/conversation/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import type { RecordedOf } from '../../events/all.ts'
import type { EventType } from '../../events/all.ts'
import type { Address, InboundItem } from '../../providers/provider.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { faultyStore } from '../../../test/support/faulty-store.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import { personOf } from './person.ts'

const PHONE = phone('5511987654321')
const OTHER = phone('5511912345678')
const LID: Address = { kind: 'lid', value: '1000000001' }

let engine: Engine
let node: Node
let desk: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  desk = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const take = (items: InboundItem[], on = node) => on.intake.take(engine.companyId, desk.sessionId, items)
const write = (id: string, ...from: Address[]) => take([text(id, from)])
const idOf = (stream: string): string => stream.slice(stream.indexOf('.') + 1)
const all = async <T extends EventType>(type: T): Promise<RecordedOf<T>[]> =>
  (await engine.facts()).filter((fact): fact is RecordedOf<T> => fact.type === type)
const contactAt = async (address: Address): Promise<string> => {
  const made = await all('contact.created')
  const found = made.find(({ data }) => data.personal?.addresses.some(({ value }) => value === address.value))
  return idOf(found?.stream ?? '')
}
const stateOf = async (id: string) =>
  (await node.directory.state(contactKind, { company: engine.companyId, id })).state
const person = async (id: string): Promise<string> =>
  (
    await personOf(
      { state: (kind, of) => node.directory.state(kind, { company: engine.companyId, id: of }) },
      id,
    )
  ).id
const conversations = async (): Promise<string[]> => [
  ...new Set((await all('conversation.started')).map(({ stream }) => idOf(stream))),
]
const liveTickets = async (): Promise<string[]> => {
  const live: string[] = []
  for (const { stream } of await all('ticket.opened')) {
    const { state } = await node.directory.state(ticketKind, { company: engine.companyId, id: idOf(stream) })
    if (!state.matches({ existing: 'closed' })) live.push(idOf(stream))
  }
  return live
}
const placeOf = async (text: string): Promise<string> =>
  (await all('message.received'))
    .filter(({ data }) => data.personal?.body === text)
    .map(({ stream }) => stream)
    .join()
/** As the reaction does it. */
const follow = async (id: string, on = node) =>
  on.done(engine.system, 'contact.continueMerge', { id, conversationIds: await conversations() })
const part = async (id: string, fromId: string) =>
  node.done(engine.system, 'contact.continueUnmerge', { id, fromId, conversationIds: await conversations() })

describe('somebody wrote by hidden id alone, and by number alone', () => {
  beforeEach(async () => {
    await write('m1', PHONE)
    await write('m2', LID)
    expect(await liveTickets()).toHaveLength(2)
  })

  test('a message that names both makes them one, with one live ticket: the one that was active last', async () => {
    const later = idOf(await placeOf('text m2'))
    await write('m3', PHONE, LID)
    expect(await liveTickets()).toEqual([later])
    expect((await all('ticket.closed')).map(({ data }) => data)).toEqual([{ reason: 'merged', userId: null }])
    expect(await placeOf('text m3')).toContain(later)
    expect(await person(await contactAt(LID))).toBe(await contactAt(PHONE))
  })

  test('whatever they write next, by either or both, goes there', async () => {
    await write('m3', PHONE, LID)
    await write('m4', LID)
    await write('m5', PHONE)
    await write('m6', LID, PHONE)
    const [live] = await liveTickets()
    for (const id of ['m3', 'm4', 'm5', 'm6']) expect(await placeOf(`text ${id}`)).toContain(live)
    expect(await all('contact.merged')).toHaveLength(1)
    expect(await all('deadLetter.recorded')).toEqual([])
  })

  test('what is delivered again is known, before and after', async () => {
    await write('m3', PHONE, LID)
    const [live] = await liveTickets()
    const head = async () => (await engine.events()).length
    const before = await head()
    await write('m1', PHONE)
    await write('m2', LID)
    expect(await head()).toBe(before)
    await node.done(desk.supervisor, 'ticket.close', { id: live, silent: true })
    const closed = await head()
    await write('m1', PHONE)
    await write('m2', LID)
    await write('m3', PHONE, LID)
    expect(await head()).toBe(closed)
  })

  test('a ticket that moved is closed and opened again like any other', async () => {
    await write('m3', PHONE, LID)
    const [live] = await liveTickets()
    await node.done(desk.supervisor, 'ticket.close', { id: live, silent: true })
    expect(await liveTickets()).toEqual([])
    await write('m4', LID)
    expect(await liveTickets()).toEqual([live])
    await node.done(desk.supervisor, 'ticket.close', { id: live, silent: true })
    for (const { stream } of await all('ticket.opened')) {
      const answer = await node.ask(desk.supervisor, 'ticket.reopen', { id: idOf(stream) })
      expect(answer).not.toMatchObject({ refused: 'conflict' })
    }
    expect(await liveTickets()).toHaveLength(1)
  })

  test('the mapping alone makes them one contact; what follows joins their conversations, once', async () => {
    await take([{ item: 'identity', party: { addresses: [LID, PHONE] } }])
    const gone = await contactAt(LID)
    expect(await person(gone)).toBe(await contactAt(PHONE))
    await follow(gone)
    expect(await liveTickets()).toHaveLength(1)
    const [done] = await all('contact.mergeCompleted')
    expect(done?.data).toMatchObject({ conversationsJoined: 1, ticketsClosed: 1 })
    const head = (await engine.events()).length
    await follow(gone)
    await take([{ item: 'identity', party: { addresses: [LID, PHONE] } }])
    expect((await engine.events()).length).toBe(head)
  })

  test('the contact that stays knows what the other was called, and is found by everything', async () => {
    await write('m3', PHONE, LID)
    const id = await contactAt(PHONE)
    const addresses = await node.tools.contactAddresses(engine.companyId, id)
    expect(addresses).toEqual([PHONE, LID])
    expect((await all('contact.absorbed'))[0]?.meta.subject).toBe(await contactAt(LID))
    await node.done(desk.ana, 'contact.change', { id: await contactAt(LID), name: 'Dona Maria' })
    expect((await all('contact.renamed')).at(-1)?.stream).toContain(id)
  })

  test('somebody blocked stays blocked as the same person', async () => {
    await node.done(desk.admin, 'contact.block', { id: await contactAt(LID) })
    await write('m3', PHONE, LID)
    expect((await stateOf(await contactAt(PHONE))).matches({ known: 'blocked' })).toBe(true)
  })

  test('an address by which they never wrote leads there as well, and is theirs alone again when parted', async () => {
    await write('m3', PHONE, LID)
    const id = (await node.done(desk.ana, 'contact.create', { name: 'Shop', phone: `+${OTHER.value}` })).id
    const intoId = await contactAt(PHONE)
    await node.done(desk.supervisor, 'contact.merge', { id, intoId })
    await follow(id)
    const [live] = await liveTickets()
    await write('m4', OTHER)
    expect(await placeOf('text m4')).toContain(live)
    expect(await liveTickets()).toEqual([live])
    await node.done(desk.supervisor, 'contact.unmerge', { id })
    await part(id, intoId)
    await write('m5', OTHER)
    expect(await placeOf('text m5')).not.toContain(live)
    await write('m6', LID)
    expect(await placeOf('text m6')).not.toBe(await placeOf('text m5'))
    expect(await liveTickets()).toHaveLength(2)
  })

  test('a process that dies at any step leaves something that is finished later', async () => {
    const both = text('m3', [PHONE, LID])
    const before = (await engine.events()).length
    let steps = 0
    for (let dies = 1; ; dies++) {
      const store = faultyStore(engine.store, n => (n === dies ? 'crash' : undefined))
      const dying = engine.node(`dying ${dies}`, store)
      const died = await dying.intake.take(engine.companyId, desk.sessionId, [both]).then(
        () => false,
        () => true,
      )
      if (!died) break
      steps++
    }
    expect(steps).toBeGreaterThan(0)
    node = engine.node('after')
    await take([both])
    expect((await engine.events()).length).toBeGreaterThan(before)
    expect(await liveTickets()).toHaveLength(1)
    for (const id of ['m1', 'm2', 'm3']) expect((await placeOf(`text ${id}`)).split(',')).toHaveLength(1)
    expect(await person(await contactAt(LID))).toBe(await contactAt(PHONE))
    await follow(await contactAt(LID))
    await follow(await contactAt(LID))
    for (const type of ['contact.absorbed', 'contact.mergeCompleted', 'conversation.redirected'] as const)
      expect(await all(type)).toHaveLength(1)
  })

  test('two nodes that learn of it at once come to the same', async () => {
    const nodes = ['one', 'two', 'three'].map(name => engine.node(name, { ...engine.store, shared: true }))
    await Promise.all(
      nodes.map((one, n) => one.intake.take(engine.companyId, desk.sessionId, [text(`n${n}`, [PHONE, LID])])),
    )
    node = engine.node('after')
    expect(await liveTickets()).toHaveLength(1)
    expect(await all('message.received')).toHaveLength(5)
    expect((await all('conversation.redirected')).length).toBe(1)
    expect(await all('deadLetter.recorded')).toEqual([])
  })
})

test('a number learnt for a hidden id that wrote is the same conversation, by whichever it is written next', async () => {
  await write('m1', LID)
  await take([{ item: 'identity', party: { addresses: [PHONE, LID] } }])
  await write('m2', PHONE)
  expect(await liveTickets()).toHaveLength(1)
  expect(await placeOf('text m1')).toBe(await placeOf('text m2'))
  await write('m3', LID)
  expect(await placeOf('text m3')).toBe(await placeOf('text m1'))
})

describe('two numbers', () => {
  beforeEach(async () => {
    await write('m1', PHONE)
    await write('m2', OTHER)
  })
  const merge = async (who = desk.supervisor) =>
    node.ask(who, 'contact.merge', { id: await contactAt(OTHER), intoId: await contactAt(PHONE) })

  test('are nobody’s by themselves: whoever knows says so', async () => {
    await take([{ item: 'identity', party: { addresses: [OTHER, PHONE] } }])
    expect(await all('contact.merged')).toEqual([])
    for (const who of [desk.ana, engine.user('auditor'), engine.user('analyst')])
      expect(await merge(who)).toMatchObject({ refused: 'forbidden' })
    expect(await merge()).toMatchObject({ duplicate: false, data: { intoId: await contactAt(PHONE) } })
    expect(await merge(desk.admin)).toMatchObject({ duplicate: true })
    await follow(await contactAt(OTHER))
    expect(await liveTickets()).toHaveLength(1)
    expect((await all('contact.merged'))[0]?.data).toMatchObject({
      userId: desk.supervisor.userId,
      reason: 'user',
    })
  })

  test('replies go where the customer last wrote from', async () => {
    const later = idOf(await placeOf('text m2'))
    await merge()
    await follow(await contactAt(OTHER))
    const { state } = await node.directory.state(ticketKind, { company: engine.companyId, id: later })
    const addressesOf = async () => {
      const end = await node.directory.state(conversationKind, {
        company: engine.companyId,
        id: state.context.conversationId,
      })
      const id = end.state.context.redirectedTo ?? state.context.conversationId
      const to = await node.directory.state(conversationKind, { company: engine.companyId, id })
      return node.tools.conversationAddresses(engine.companyId, id, to.state.context.addressesRevision)
    }
    expect(await addressesOf()).toEqual([OTHER])
    await write('m3', PHONE)
    expect(await addressesOf()).toEqual([PHONE])
    expect(await placeOf('text m3')).toContain(later)
  })

  test('made one by mistake are two again, and stay so', async () => {
    const [goes, stays] = [await contactAt(OTHER), await contactAt(PHONE)]
    await merge()
    await follow(goes)
    await write('m3', OTHER)
    for (const who of [desk.ana, engine.user('auditor')])
      expect(await node.ask(who, 'contact.unmerge', { id: goes })).toMatchObject({ refused: 'forbidden' })
    await node.done(desk.supervisor, 'contact.unmerge', { id: goes })
    await part(goes, stays)
    const together = await placeOf('text m3')
    await write('m4', OTHER)
    await write('m5', PHONE)
    expect(await placeOf('text m4')).not.toBe(await placeOf('text m5'))
    expect(await placeOf('text m3')).toBe(together)
    const head = (await engine.events()).length
    for (const [id, from] of [
      ['m1', PHONE],
      ['m2', OTHER],
      ['m3', OTHER],
    ] as const)
      await write(id, from)
    await node.done(desk.supervisor, 'contact.unmerge', { id: goes })
    await part(goes, stays)
    expect((await engine.events()).length).toBe(head)
  })

  test('what came into a ticket while two were one is known to both afterwards, and nobody writes into the other’s', async () => {
    const [goes, stays] = [await contactAt(OTHER), await contactAt(PHONE)]
    await merge()
    await follow(goes)
    await write('m3', PHONE)
    await write('m4', OTHER)
    await node.done(desk.supervisor, 'contact.unmerge', { id: goes })
    await part(goes, stays)
    const head = (await engine.events()).length
    for (const [id, from] of [
      ['m3', PHONE],
      ['m4', OTHER],
    ] as const)
      await write(id, from)
    expect((await engine.events()).length).toBe(head)
    await write('m5', OTHER)
    await write('m6', PHONE)
    const ticketOf = async (body: string) => {
      const { state } = await node.directory.state(ticketKind, {
        company: engine.companyId,
        id: idOf(await placeOf(body)),
      })
      return person(state.context.contactId)
    }
    expect([await ticketOf('text m5'), await ticketOf('text m6')]).toEqual([goes, stays])
  })

  test('what a user parted no channel joins', async () => {
    await write('m3', LID)
    await take([{ item: 'identity', party: { addresses: [LID, PHONE] } }])
    const goes = await contactAt(LID)
    await node.done(desk.supervisor, 'contact.unmerge', { id: goes })
    await write('m4', PHONE, LID)
    expect(await person(goes)).toBe(goes)
    expect(await all('contact.merged')).toHaveLength(1)
    expect(await all('deadLetter.recorded')).toEqual([])
  })

  test('what was merged into somebody who is merged comes along, one step away', async () => {
    await write('m3', LID)
    await take([{ item: 'identity', party: { addresses: [LID, OTHER] } }])
    await merge()
    const stays = await contactAt(PHONE)
    for (const address of [LID, OTHER])
      expect((await stateOf(await contactAt(address))).context.mergedInto).toBe(stays)
    expect(await node.tools.contactAddresses(engine.companyId, stays)).toEqual([PHONE, OTHER, LID])
  })

  test('merged into each other at the same moment end as one', async () => {
    const [a, b] = [await contactAt(OTHER), await contactAt(PHONE)]
    const nodes = ['one', 'two'].map(name => engine.node(name, { ...engine.store, shared: true }))
    await Promise.allSettled([
      nodes[0]!.ask(desk.supervisor, 'contact.merge', { id: a, intoId: b }),
      nodes[1]!.ask(desk.admin, 'contact.merge', { id: b, intoId: a }),
    ])
    node = engine.node('after')
    for (const id of [a, b]) await follow(id)
    expect(await person(a)).toBe(await person(b))
    const one = await person(a)
    expect((await stateOf(one)).matches('known')).toBe(true)
    expect(await liveTickets()).toHaveLength(1)
  })

  test('are erased together, and whoever writes next is somebody new', async () => {
    const [goes, stays] = [await contactAt(OTHER), await contactAt(PHONE)]
    await merge()
    await follow(goes)
    await node.done(desk.admin, 'contact.erase', { id: goes })
    const forget = async (id: string) => {
      await engine.keys.destroy(engine.companyId, id)
      const erased = (await all('contact.erased')).find(({ stream }) => stream.endsWith(id))
      await node.done(engine.system, 'contact.forget', {
        id,
        aliasIds: erased?.data.aliasIds,
        conversationIds: await conversations(),
      })
    }
    await forget(stays)
    await forget(goes)
    expect((await all('contact.erased')).map(({ stream }) => idOf(stream)).sort()).toEqual(
      [goes, stays].sort(),
    )
    expect(await liveTickets()).toEqual([])
    await write('m4', OTHER)
    await write('m5', PHONE)
    expect(await placeOf('text m4')).not.toBe(await placeOf('text m5'))
    const made = (await all('contact.created')).map(({ stream }) => idOf(stream))
    expect(new Set(made).size).toBe(4)
    expect(await liveTickets()).toHaveLength(2)
  })

  describe('of whom one node began to say so and died', () => {
    const [goes, stays] = [() => contactAt(OTHER), () => contactAt(PHONE)]
    beforeEach(async () => {
      const store = faultyStore(engine.store, n => (n === 2 ? 'crash' : undefined))
      const ask = { id: await goes(), intoId: await stays() }
      await engine
        .node('dying', store)
        .ask(desk.supervisor, 'contact.merge', ask, { key: 'k' })
        .catch(() => undefined)
      node = engine.node('after')
      expect((await stateOf(await goes())).matches('merged')).toBe(true)
      expect(await all('contact.absorbed')).toEqual([])
    })
    const isErased = async (id: string): Promise<boolean> => (await stateOf(id)).matches('erased')

    test('whoever asks again is answered when the contact that stays knows it', async () => {
      const ask = { id: await goes(), intoId: await stays() }
      await node.done(desk.supervisor, 'contact.merge', ask, { key: 'k' })
      expect((await stateOf(await stays())).context.absorbed).toEqual([await goes()])
    })

    test('both are erased with the one that goes', async () => {
      await node.done(desk.admin, 'contact.erase', { id: await goes() })
      await follow(await goes())
      expect([await isErased(await goes()), await isErased(await stays())]).toEqual([true, true])
    })

    test('both are erased with the one that stays', async () => {
      await node.done(desk.admin, 'contact.erase', { id: await stays() })
      await follow(await goes())
      expect([await isErased(await goes()), await isErased(await stays())]).toEqual([true, true])
      expect(await all('contact.unmerged')).toEqual([])
    })
  })

  test('of three, the two that are left have one conversation when the one between them is parted', async () => {
    const third = phone('5511955554444')
    await write('m3', third)
    const [first, middle, last] = [await contactAt(OTHER), await contactAt(PHONE), await contactAt(third)]
    for (const [id, intoId] of [
      [first, middle],
      [middle, last],
    ]) {
      await node.done(desk.supervisor, 'contact.merge', { id, intoId })
      await follow(id!)
    }
    expect(await liveTickets()).toHaveLength(1)
    await node.done(desk.supervisor, 'contact.unmerge', { id: middle })
    await part(middle, last)
    await write('m4', OTHER)
    await write('m5', third)
    await write('m6', PHONE)
    expect(await placeOf('text m4')).toBe(await placeOf('text m5'))
    expect(await placeOf('text m6')).not.toBe(await placeOf('text m5'))
    expect(await liveTickets()).toHaveLength(2)
  })

  test('a group, somebody unknown and oneself cannot be merged', async () => {
    const [id, intoId] = [await contactAt(OTHER), await contactAt(PHONE)]
    const ask = (body: object) => node.ask(desk.admin, 'contact.merge', body)
    expect(await ask({ id, intoId: id })).toMatchObject({ refused: 'invalid' })
    expect(await ask({ id, intoId: engine.companyId })).toMatchObject({ refused: 'not-found' })
    await take([text('g1', [PHONE], { group: [{ kind: 'group', value: '123@g.us' }] })])
    const group = (await all('contact.created')).find(({ data }) => data.isGroup)
    expect(await ask({ id: idOf(group?.stream ?? ''), intoId })).toMatchObject({ refused: 'invalid' })
  })
})
