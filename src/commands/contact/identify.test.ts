import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Address } from '../../providers/provider.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { bsuid, phone, text } from '../../../test/support/inbound.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
let sessionId: string
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  sessionId = place.sessionId
  node = engine.node()
})
afterEach(() => engine.close())

const OLD = phone('5511987654321')
const NEW = phone('5511912345678')
const ID = bsuid('BR.8861207441930562')
const write = (id: string, address: Address) =>
  node.intake.take(engine.companyId, sessionId, [text(id, [address])])
const identify = (...addresses: Address[]) =>
  node.intake.take(engine.companyId, sessionId, [{ item: 'identity', party: { addresses, name: 'Maria' } }])
const of = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)

test('whoever changes the number stays the same person', async () => {
  await write('m1', OLD)
  await identify(NEW, ID, OLD)
  await write('m2', NEW)
  await write('m3', ID)
  expect(await of('contact.created')).toHaveLength(1)
  expect(await of('contact.aliasAdded')).toHaveLength(2)
  expect(await of('deadLetter.recorded')).toEqual([])
})

test('said again, nothing is written', async () => {
  await write('m1', OLD)
  await identify(NEW, OLD)
  const head = await engine.store.head()
  await identify(NEW, OLD)
  expect(await engine.store.head()).toBe(head)
})

test('of somebody who never wrote nothing is kept', async () => {
  await identify(NEW, OLD)
  expect(await of('contact.created')).toEqual([])
  expect(await of('deadLetter.recorded')).toEqual([])
})

test('an address that is somebody else’s stays theirs', async () => {
  await write('m1', OLD)
  await write('m2', NEW)
  await identify(NEW, OLD)
  expect(await of('contact.created')).toHaveLength(2)
  expect(await of('contact.aliasAdded')).toEqual([])
})

const keep = (name: string, ...addresses: Address[]) =>
  node.intake.take(engine.companyId, sessionId, [
    { item: 'identity', party: { addresses, name }, keep: true },
  ])
const LID: Address = { kind: 'lid', value: '1000000001' }
const named = async () =>
  (await of('contact.created')).concat(await of('contact.renamed')).map(({ data }) => {
    const { source, personal } = data as { source: string; personal: { name: string | null } }
    return `${source} ${personal.name}`
  })

test('who stands in the address book is a contact, without a conversation, once', async () => {
  await keep('Maria', NEW, LID)
  const head = await engine.store.head()
  await keep('Maria', NEW, LID)
  await keep('Maria', LID)
  expect(await engine.store.head()).toBe(head)
  expect((await engine.facts()).map(({ type }) => type)).not.toContain('conversation.started')
  const [made] = await of('contact.created')
  expect(made?.data).toMatchObject({
    personal: { name: 'Maria', phone: '5511912345678', addresses: [NEW, LID] },
  })
})

test('and is the same person when they write, by whichever address', async () => {
  await keep('Maria', NEW)
  await identify(NEW, LID)
  await write('m1', LID)
  await node.intake.take(engine.companyId, sessionId, [text('m2', [NEW, LID])])
  expect(await of('contact.created')).toHaveLength(1)
  expect(await of('conversation.started')).toHaveLength(1)
  expect(await of('ticket.opened')).toHaveLength(1)
})

test('every name is kept with whoever gave it, once', async () => {
  await keep('Maria', NEW)
  await keep('Maria Silva', NEW)
  const id = (await of('contact.created'))[0]!.stream.split('.')[1]!
  await node.done(place.ana, 'contact.change', { id, name: 'Dona Maria' })
  await keep('Maria S.', NEW)
  await identify(NEW, OLD)
  await identify(NEW, OLD)
  expect(await named()).toEqual([
    'address-book Maria',
    'address-book Maria Silva',
    'user Dona Maria',
    'address-book Maria S.',
    'channel Maria',
  ])
})

test.each(['', ' ', '\u200e\u2800', '\u3164'])('a name that nobody can see (%j) is none', async blank => {
  await node.intake.take(engine.companyId, sessionId, [
    text('m1', [NEW], { author: { addresses: [NEW], name: blank } }),
  ])
  await keep(blank, OLD)
  await keep('Maria', NEW)
  await keep(blank, NEW)
  expect(await of('deadLetter.recorded')).toEqual([])
  expect(await named()).toEqual(['channel null', 'address-book null', 'address-book Maria'])
})

test('a contact that somebody added by number stays that contact', async () => {
  await node.done(place.ana, 'contact.create', { name: 'Dona Maria', phone: '+55 11 91234-5678' })
  await keep('Maria', NEW, LID)
  expect(await named()).toEqual(['user Dona Maria', 'address-book Maria'])
  expect(await of('contact.aliasAdded')).toHaveLength(1)
})

test('an erased person does not come back by standing in an address book', async () => {
  await keep('Maria', NEW)
  const id = (await of('contact.created'))[0]!.stream.split('.')[1]!
  await node.done(place.admin, 'contact.erase', { id })
  await keep('Maria', NEW)
  expect(await of('contact.created')).toHaveLength(1)
  expect(await of('deadLetter.recorded')).toEqual([])
})
