import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Address } from '../../providers/provider.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { bsuid, phone, text } from '../../../test/support/inbound.ts'

let engine: Engine
let node: Node
let sessionId: string
beforeEach(async () => {
  engine = await openEngine()
  sessionId = (await engine.found()).sessionId
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
