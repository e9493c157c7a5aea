import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { newId, type CompanyId } from '../../shared/ids.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const ask = (who = place.admin) => node.ask(who, 'session.retryNow', { id: place.sessionId })
const lose = async () => {
  const id = place.sessionId
  await node.done(place.admin, 'session.start', { id })
  const { revision: fence } = await node.done(engine.system, 'session.own', { id, node: 'a' })
  const change = { state: 'disconnected', reason: 'connection-lost', code: '408' }
  await node.done(engine.system, 'session.recordLink', { id, fence, change })
}

test('its owner is told, and nothing is recorded: the interruption keeps its beginning', async () => {
  await lose()
  const before = await engine.events()
  expect(await ask()).toMatchObject({ id: place.sessionId, position: null })
  expect(engine.retried).toEqual([place.sessionId])
  expect(await engine.events()).toEqual(before)
})

test('a session that has lost nothing has nothing to try again', async () => {
  expect(await ask()).toMatchObject({ refused: 'session-wrong-state' })
  await lose()
  await node.done(place.admin, 'session.stop', { id: place.sessionId })
  expect(await ask()).toMatchObject({ refused: 'session-wrong-state' })
  expect(engine.retried).toEqual([])
})

test('only admins ask, and only in their company', async () => {
  await lose()
  for (const who of [place.supervisor, place.ana])
    expect(await ask(who)).toMatchObject({ refused: 'forbidden' })
  expect(await ask({ ...place.admin, companyId: newId<CompanyId>() })).toMatchObject({ refused: 'not-found' })
  expect(engine.retried).toEqual([])
})
