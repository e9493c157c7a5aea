import { afterEach, beforeEach, expect, test } from 'vitest'
import { sessionKind } from '../../actors/session/chart.ts'
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

test('how a linked device behaves is settled and changed one by one, and stays what it was else', async () => {
  const { id } = await node.done(place.admin, 'session.create', {
    name: 'Phone',
    provider: 'baileys',
    settings: { rejectCalls: { text: 'Please write.' }, historySync: true },
  })
  const settings = async () =>
    (await node.directory.state(sessionKind, { company: engine.companyId, id })).state.context.settings
  expect(await settings()).toMatchObject({ rejectCalls: { text: 'Please write.' }, historySync: true })
  await node.done(place.admin, 'session.change', {
    id,
    settings: { importContacts: true, rejectCalls: null },
  })
  expect(await settings()).toEqual({
    reopenPolicy: 'reopen',
    reopenMinutes: 120,
    rejectCalls: null,
    historySync: true,
    importContacts: true,
  })
  const tooLong = { rejectCalls: { text: 'x'.repeat(1_001) } }
  expect(await node.ask(place.admin, 'session.change', { id, settings: tooLong })).toMatchObject({
    refused: 'invalid',
  })
})

test.each(['messenger', 'instagram'])(
  'a %s session needs what Meta gives, and shows no secret',
  async provider => {
    const settings = { pageId: '1906385232743451', humanAgentTag: true }
    const secrets = { pageAccessToken: 'the-token', appSecret: 'the-secret', verifyToken: 'the-word' }
    const create = (given: object) =>
      node.ask(place.admin, 'session.create', { name: 'Page', provider, settings: given })
    for (const missing of ['pageId', 'pageAccessToken', 'appSecret', 'verifyToken'])
      expect(await create({ ...settings, ...secrets, [missing]: undefined })).toMatchObject({
        refused: 'invalid',
        detail: expect.stringContaining(missing) as unknown,
      })
    expect(await create({ ...settings, ...secrets })).not.toHaveProperty('refused')
    const created = (await engine.facts('session-')).filter(fact => fact.type === 'session.created').at(-1)
    expect(created?.data).toMatchObject({ settings })
    expect(JSON.stringify(await engine.events())).not.toMatch(/the-token|the-secret|the-word/)
  },
)
