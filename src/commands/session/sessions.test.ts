import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const record = (fence: number, change: object) =>
  node.ask(engine.system, 'session.recordLink', { id: place.sessionId, fence, change })

test('only the latest owner of a session tells what happens to it', async () => {
  const id = place.sessionId
  const wrong = { refused: 'session-wrong-state' }
  expect(await node.ask(engine.system, 'session.own', { id, node: 'a' })).toMatchObject(wrong)
  await node.done(place.admin, 'session.start', { id })
  const first = await node.done(engine.system, 'session.own', { id, node: 'a' })
  const second = await node.done(engine.system, 'session.own', { id, node: 'b' })
  expect(await record(first.revision, { state: 'syncing' })).toMatchObject(wrong)
  expect(await record(second.revision, { state: 'connected', account: null })).toMatchObject({ id })
  await node.done(place.admin, 'session.stop', { id })
  expect(await record(second.revision, { state: 'syncing' })).toMatchObject(wrong)
})

test('starting what is started and stopping what is stopped changes nothing', async () => {
  const id = place.sessionId
  expect(await node.done(place.admin, 'session.stop', { id })).toMatchObject({ duplicate: true })
  await node.done(place.admin, 'session.start', { id })
  expect(await node.done(place.admin, 'session.start', { id })).toMatchObject({ duplicate: true })
})
