import { afterEach, beforeEach, expect, test } from 'vitest'
import { EVERYTHING } from '../../../test/support/capabilities.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { newId, type CompanyId } from '../../shared/ids.ts'

const PHONE = '+55 11 8765-4321'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
  engine.channel.capabilities = { ...EVERYTHING, pairing: ['qr', 'code'] }
})
afterEach(() => engine.close())

const ask = (phone = PHONE, who = place.admin) =>
  node.ask(who, 'session.requestPairingCode', { id: place.sessionId, phone })
const link = async () => {
  await node.done(place.admin, 'session.start', { id: place.sessionId })
  const { revision: fence } = await node.done(engine.system, 'session.own', {
    id: place.sessionId,
    node: 'a',
  })
  const change = { state: 'awaiting-scan' }
  await node.done(engine.system, 'session.recordLink', { id: place.sessionId, fence, change })
}

test('its owner is asked, for the number as it was typed, and nothing is recorded', async () => {
  await link()
  const before = await engine.events()
  expect(await ask()).toMatchObject({ id: place.sessionId, position: null })
  expect(engine.codesAsked).toEqual([{ sessionId: place.sessionId, phone: '551187654321' }])
  expect(await engine.events()).toEqual(before)
})

test('a session that waits for nobody has no code, nor has a number that no country knows', async () => {
  expect(await ask()).toMatchObject({ refused: 'session-wrong-state' })
  await link()
  expect(await ask('+55 11 123')).toMatchObject({
    refused: 'invalid',
    detail: expect.stringMatching(/^phone: /),
  })
  await node.done(place.admin, 'session.stop', { id: place.sessionId })
  expect(await ask()).toMatchObject({ refused: 'session-wrong-state' })
  expect(engine.codesAsked).toEqual([])
})

test('a channel that is not linked by a code says so', async () => {
  engine.channel.capabilities = { ...EVERYTHING, pairing: ['qr'] }
  await link()
  expect(await ask()).toMatchObject({
    refused: 'unsupported-by-channel',
    data: { what: 'pairing', kind: 'code' },
  })
})

test('only admins ask, and only in their company', async () => {
  await link()
  for (const who of [place.supervisor, place.ana])
    expect(await ask(PHONE, who)).toMatchObject({ refused: 'forbidden' })
  const stranger = { ...place.admin, companyId: newId<CompanyId>() }
  expect(await ask(PHONE, stranger)).toMatchObject({ refused: 'not-found' })
  expect(engine.codesAsked).toEqual([])
})
