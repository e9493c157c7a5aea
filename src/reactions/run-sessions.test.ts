import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sessionKind } from '../actors/session/chart.ts'
import { createEmbeddedJobs } from '../jobs/embedded.ts'
import type { Leases } from '../jobs/lease.ts'
import { processLeases } from '../jobs/process-leases.ts'
import { vaultLifeSigns } from '../main/life-signs.ts'
import { openFolderMedia } from '../media/folder.ts'
import { createTakeIn } from '../media/take-in.ts'
import { startSimulatorNetwork, type SimulatorNetwork } from '../providers/simulator/network.ts'
import { simulatorPhone, type SimulatorPhone } from '../providers/simulator/phone.ts'
import { simulatorProvider } from '../providers/simulator/provider.ts'
import { systemClock as clock } from '../shared/clock.ts'
import { silentLog as log } from '../shared/log.ts'
import { openEmbeddedVault } from '../vault/embedded.ts'
import { openEngine, type Engine } from '../../test/support/engine.ts'
import { until } from '../../test/support/until.ts'
import { channelReads } from './channel-reads.ts'
import { runSessions, type RunSessionsTools } from './run-sessions.ts'

/** Who owns a session, and how it goes from one node to another. */
let engine: Engine
let network: SimulatorNetwork
let phone: SimulatorPhone
let folder: string
let place: Awaited<ReturnType<Engine['found']>>
let leases: Leases
const stops: (() => Promise<void>)[] = []

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  network = await startSimulatorNetwork({ log, clock })
  phone = simulatorPhone({ url: network.url, clock })
  folder = await mkdtemp(join(tmpdir(), 'fio-run-sessions-'))
  leases = processLeases()
  await engine.node().done(place.admin, 'session.start', { id: place.sessionId })
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  phone.close()
  await network.close()
  await engine.close()
  await rm(folder, { recursive: true, force: true })
})

const wanted = () => Promise.resolve([{ companyId: engine.companyId, sessionId: place.sessionId }])
const none = () => Promise.resolve([])

/** What a node of that name runs for its sessions. It hears of no facts: only looking brings it anything. */
const startSessions = async (name: string, tools: Partial<RunSessionsTools> = {}) => {
  // As where several processes write one log: what the actors remember is looked up again.
  const node = engine.node(name, { ...engine.store, shared: true })
  const jobs = createEmbeddedJobs({ clock, log })
  const sessions = runSessions({
    directory: node.directory,
    door: node.door,
    intake: node.intake,
    leases: { ...leases, node: name },
    jobs,
    takeIn: createTakeIn({ media: await openFolderMedia({ folder }) }),
    media: { get: () => Promise.resolve(null) },
    clock,
    log,
    random: Math.random,
    reads: channelReads({ store: engine.store, keys: engine.keys, directory: node.directory }),
    providers: { simulator: simulatorProvider({ url: network.url, clock, log }) },
    credentials: () => Promise.resolve({}),
    caughtUp: () => Promise.resolve(),
    wantedSessions: wanted,
    unsentMessages: none,
    unfetchedMedia: none,
    showQr: () => undefined,
    showPairingCode: () => undefined,
    sentBefore: () => Promise.resolve(null),
    ...tools,
  })
  const stopping = new AbortController()
  const running = sessions.run(stopping.signal)
  const stop = async (): Promise<void> => {
    stopping.abort()
    await running
    await jobs.close()
  }
  stops.push(stop)
  const here = (): string | undefined => sessions.connected()[0]?.state
  return {
    sessions,
    stop,
    here,
    connected: () => until(`${name} to be connected`, () => here() === 'connected'),
  }
}
const leaseName = (): string => `session-${place.sessionId}`
const owners = async () =>
  (await engine.facts('session-')).flatMap(fact => (fact.type === 'session.owned' ? [fact.data.node] : []))

test('a take-over that fails on the way gives the lease up, and the next one succeeds', async () => {
  let tries = 0
  const given: (string | null)[] = []
  const credentials = async () => {
    tries += 1
    if (tries > 1) return {}
    given.push(await leases.holder(leaseName()))
    throw new Error('the vault is away')
  }
  const one = await startSessions('one', { credentials, wantedSessions: none })
  await one.sessions.reconcile(engine.companyId, place.sessionId)
  expect(given).toHaveLength(1)
  expect(given[0]).not.toBeNull()
  expect(await leases.holder(leaseName())).toBeNull()
  await one.sessions.reconcile(engine.companyId, place.sessionId)
  await one.connected()
  expect(await owners()).toEqual(['one', 'one'])
})

test('a session that is stuck keeps no other from being connected', async () => {
  const admin = engine.node()
  const stuck = await admin.done(place.admin, 'session.create', { name: 'Stuck', provider: 'simulator' })
  await admin.done(place.admin, 'session.start', { id: stuck.id })
  let free: (credentials: object) => void = () => undefined
  const never = new Promise<object>(resolve => (free = resolve))
  const one = await startSessions('one', {
    wantedSessions: async () => [{ companyId: engine.companyId, sessionId: stuck.id }, ...(await wanted())],
    credentials: (_, sessionId) => (sessionId === stuck.id ? never : Promise.resolve({})) as Promise<never>,
  })
  try {
    await until('the other to be connected', () =>
      one.sessions
        .connected()
        .some(({ sessionId, state }) => sessionId === place.sessionId && state === 'connected'),
    )
  } finally {
    free({})
  }
})

test('a session that is stuck keeps neither the others nor the end waiting, and does not begin after it', async () => {
  const admin = engine.node()
  const stuck = await admin.done(place.admin, 'session.create', { name: 'Stuck', provider: 'simulator' })
  await admin.done(place.admin, 'session.start', { id: stuck.id })
  let free: (credentials: object) => void = () => undefined
  const never = new Promise<object>(resolve => (free = resolve))
  const one = await startSessions('one', {
    stopMsMax: 200,
    wantedSessions: async () => [{ companyId: engine.companyId, sessionId: stuck.id }, ...(await wanted())],
    credentials: (_, sessionId) => (sessionId === stuck.id ? never : Promise.resolve({})) as Promise<never>,
  })
  await until('the other to be connected', () => one.here() === 'connected')
  await one.stop()
  expect(await leases.holder(leaseName())).toBeNull()
  expect(await leases.holder(`session-${stuck.id}`)).not.toBeNull()
  free({})
  await until('its lease to be given up', async () => (await leases.holder(`session-${stuck.id}`)) === null)
  expect(one.sessions.connected()).toEqual([])
})

test('a channel that this release does not have keeps no other node out', async () => {
  const one = await startSessions('one', { providers: {}, wantedSessions: none })
  await one.sessions.reconcile(engine.companyId, place.sessionId)
  expect(await leases.holder(leaseName())).toBeNull()
  await (await startSessions('two')).connected()
})

test('one that nobody wants any more is put away by looking, although nobody said so', async () => {
  let stillTold = true
  const one = await startSessions('one', { wantedSessions: () => (stillTold ? wanted() : none()) })
  await one.connected()
  stillTold = false
  await engine.node().done(place.admin, 'session.stop', { id: place.sessionId })
  await until('it to be put away', () => one.here() === undefined)
  expect(await leases.holder(leaseName())).toBeNull()
})

test('one that another node owns by now is let go, and nothing is recorded for it from here', async () => {
  const one = await startSessions('one', { wantedSessions: none })
  await one.sessions.reconcile(engine.companyId, place.sessionId)
  await one.connected()
  // As after a pause that was longer than the lease: somebody else has taken it meanwhile.
  await engine
    .node('two')
    .done({ ...engine.system, actor: { kind: 'channel', id: place.sessionId } }, 'session.own', {
      id: place.sessionId,
      node: 'two',
    })
  const before = (await engine.facts('session-')).length
  await phone.connection(place.sessionId, 'drop')
  await until('the link to notice', () => one.here() !== 'connected')
  await one.sessions.reconcile(engine.companyId, place.sessionId)
  const [next] = (await engine.facts('session-')).slice(before)
  // It took the session over again; the cut was not written under the other's ownership.
  expect(next).toMatchObject({ type: 'session.owned', data: { node: 'one' } })
})

test('a node that stops hands its sessions over at once: who waits does not look, it is told', async () => {
  const one = await startSessions('one')
  await one.connected()
  let looks = 0
  // It looks once. Anything later it can only have been told.
  const two = await startSessions('two', { wantedSessions: () => (looks++ === 0 ? wanted() : none()) })
  await until('the other to have looked', () => looks > 0)
  expect(two.here()).toBeUndefined()
  await one.stop()
  await two.connected()
  expect(await owners()).toEqual(['one', 'two'])
})

const session = async () =>
  (await engine.facts('session-')).map(({ type, data }) =>
    type === 'session.disconnected' ? `${type} ${data.reason}` : type.replace('gapRecorded', 'gap'),
  )

/** Another server takes the session over, and tells of the loss and of the gap that it was. */
const backWithAGap = async (
  reason: 'server-stopped' | 'owner-lost',
  tools: Partial<RunSessionsTools> = {},
): Promise<void> => {
  const two = await startSessions('two', tools)
  await two.connected()
  await until('the gap to be told', async () => (await session()).at(-1) === 'session.gap')
  expect((await session()).slice(-4)).toEqual([
    `session.disconnected ${reason}`,
    'session.owned',
    'session.connected',
    'session.gap',
  ])
}

test('from the stop of a server to the next connection is a gap', async () => {
  const one = await startSessions('one')
  await one.connected()
  await until('it to be told', async () => (await session()).includes('session.connected'))
  await one.stop()
  expect((await session()).at(-1)).toBe('session.disconnected server-stopped')
  await backWithAGap('server-stopped')
})

/** As one that died: it connected, and never said another word. */
const dies = async (): Promise<number> => {
  const who = { ...engine.system, actor: { kind: 'channel', id: place.sessionId } } as const
  const dead = engine.node('dead')
  const { revision } = await dead.done(who, 'session.own', { id: place.sessionId, node: 'dead' })
  const change = { state: 'connected', account: null }
  await dead.done(who, 'session.recordLink', { id: place.sessionId, fence: revision, change })
  return revision
}

test('a session whose owner died is told to have been lost, by whoever takes it over', async () => {
  await dies()
  await backWithAGap('owner-lost')
})

const vaultSigns = async () => {
  const vault = await openEmbeddedVault({ folder: join(folder, 'vault'), masterKey: randomBytes(32) })
  stops.push(() => vault.close())
  return vaultLifeSigns(vault)
}
const gapOf = async () =>
  (await engine.facts('session-')).findLast(({ type }) => type === 'session.gapRecorded')?.data

test('the gap of a death begins with the last sign of life', async () => {
  const at = '2026-01-02T03:04:05.678Z'
  const lifeSigns = await vaultSigns()
  const fence = await dies()
  await lifeSigns.note([{ companyId: engine.companyId, sessionId: place.sessionId, fence }], at)
  await backWithAGap('owner-lost', { lifeSigns })
  expect(await gapOf()).toMatchObject({ from: at })
})

test('a sign of life of an owner before is none of the one that died', async () => {
  const at = '2026-01-02T03:04:05.678Z'
  const lifeSigns = await vaultSigns()
  const fence = await dies()
  await lifeSigns.note([{ companyId: engine.companyId, sessionId: place.sessionId, fence: fence - 1 }], at)
  await backWithAGap('owner-lost', { lifeSigns })
  expect(await gapOf()).not.toMatchObject({ from: at })
})

test('what an owner said that it sent is said on by the next, until it has something to say itself', async () => {
  const lifeSigns = await vaultSigns()
  const { companyId } = engine
  const sent = [1_700_000_000_000]
  const fence = await dies()
  await lifeSigns.note([{ companyId, sessionId: place.sessionId, fence, sent }], '2026-01-02T03:04:05.678Z')
  await backWithAGap('owner-lost', { lifeSigns })
  const { state } = await engine
    .node()
    .directory.state(sessionKind, { company: companyId, id: place.sessionId })
  const last = () => lifeSigns.last(companyId, place.sessionId)
  await until('a sign of the next', async () => (await last())?.fence === state.context.fence)
  expect(state.context.fence).toBeGreaterThan(fence)
  expect(await last()).toMatchObject({ sent })
})

test('a session gives a sign of life as soon as it is connected', async () => {
  const lifeSigns = await vaultSigns()
  const one = await startSessions('one', { lifeSigns })
  await one.connected()
  const { state } = await engine
    .node()
    .directory.state(sessionKind, { company: engine.companyId, id: place.sessionId })
  await until(
    'a sign of life',
    async () => (await lifeSigns.last(engine.companyId, place.sessionId))?.fence === state.context.fence,
  )
})
