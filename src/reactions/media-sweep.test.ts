import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tooLargeWords } from '../commands/message/too-large-notice.ts'
import type { Database } from '../database/port.ts'
import { decode } from '../eventstore/codec.ts'
import { createEmbeddedJobs } from '../jobs/embedded.ts'
import { processLeases } from '../jobs/process-leases.ts'
import { openFolderMedia } from '../media/folder.ts'
import type { MediaStore } from '../media/port.ts'
import { createScanMedia, unscanned, type ScanMedia } from '../media/scan.ts'
import { createTakeIn } from '../media/take-in.ts'
import type { UnfetchedMedia } from '../projections/read-models.ts'
import { startSimulatorNetwork, type SimulatorNetwork } from '../providers/simulator/network.ts'
import { simulatorPhone, type SimulatorPhone } from '../providers/simulator/phone.ts'
import { simulatorProvider } from '../providers/simulator/provider.ts'
import { systemClock as clock } from '../shared/clock.ts'
import { silentLog as log } from '../shared/log.ts'
import { EICAR, startClamd } from '../../test/doubles/clamd.ts'
import { testDatabase } from '../../test/support/database.ts'
import { openEngine, type Engine } from '../../test/support/engine.ts'
import type { FactLog } from '../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../test/support/projected.ts'
import { until } from '../../test/support/until.ts'
import { channelReads } from './channel-reads.ts'
import { runSessions } from './run-sessions.ts'
import { mediaJob, sessionQueue } from './session-jobs.ts'

/** The doorbell for a message's media is lost with the process that heard it; the sweep of the next one rings again. */
let engine: Engine
let database: Database<unknown>
let projected: Projected
let network: SimulatorNetwork
let phone: SimulatorPhone
let media: MediaStore
let folder: string
let place: Awaited<ReturnType<Engine['found']>>

beforeEach(async () => {
  engine = await openEngine()
  database = await testDatabase('pglite')
  place = await engine.found()
  projected = startProjected(
    { store: engine.store, decode: event => decode(event, engine.keys) } as FactLog,
    database,
  )
  network = await startSimulatorNetwork({ log, clock })
  phone = simulatorPhone({ url: network.url, clock })
  folder = await mkdtemp(join(tmpdir(), 'fio-media-sweep-'))
  media = await openFolderMedia({ folder })
})
afterEach(async () => {
  phone.close()
  await network.close()
  await projected.stop()
  await database.close()
  await engine.close()
  await rm(folder, { recursive: true, force: true })
})

const of = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)

/** What a server runs for its sessions. Nothing rings for new media here: only the sweep can. */
const startSessions = (
  unfetchedMedia: () => Promise<readonly UnfetchedMedia[]>,
  scan: ScanMedia = unscanned,
) => {
  const node = engine.node()
  const jobs = createEmbeddedJobs({ clock, log })
  const sessions = runSessions({
    directory: node.directory,
    door: node.door,
    intake: node.intake,
    leases: processLeases(),
    jobs,
    takeIn: createTakeIn({ media, scan }),
    media,
    clock,
    log,
    random: Math.random,
    reads: channelReads({ store: engine.store, keys: engine.keys, directory: node.directory }),
    providers: { simulator: simulatorProvider({ url: network.url, clock, log }) },
    credentials: () => Promise.resolve({}),
    caughtUp: () => projected.upToDate(),
    wantedSessions: projected.reads.wantedSessions,
    unsentMessages: projected.reads.unsentMessages,
    unfetchedMedia,
    showQr: () => undefined,
    showPairingCode: () => undefined,
    sentBefore: () => Promise.resolve(null),
  })
  const stopping = new AbortController()
  const running = sessions.run(stopping.signal)
  return {
    jobs,
    connected: () => until('connected', () => sessions.connected()[0]?.state === 'connected'),
    stop: async () => {
      stopping.abort()
      await running
      await jobs.close()
    },
  }
}

test('media whose job was lost is there once after a restart, and ringing again changes nothing', async () => {
  await engine.node().done(place.admin, 'session.start', { id: place.sessionId })
  const forgetful = startSessions(() => Promise.resolve([]))
  await forgetful.connected()
  const bytes = Buffer.from('a picture')
  await phone.inbound(place.sessionId, {
    from: '5511987654321',
    media: { mime: 'image/png', base64: bytes.toString('base64') },
  })
  await forgetful.stop()
  const [received] = await of('message.received')
  expect(await of('message.mediaStored')).toEqual([])
  await projected.upToDate()
  const [lost] = await projected.reads.unfetchedMedia()
  expect(lost).toMatchObject({ messageId: (received!.data as { messageId: string }).messageId })

  // This one is told of it for ever, as by read models that lag behind.
  const next = startSessions(() => Promise.resolve([lost!]))
  const [stored] = await until('the media', async () => {
    const found = await of('message.mediaStored')
    return found.length > 0 && found
  })
  const { key } = (stored!.data as { media: { key: string } }).media
  const kept = await media.get(key)
  const chunks: Uint8Array[] = []
  for await (const chunk of kept!.bytes) chunks.push(chunk)
  expect(Buffer.concat(chunks)).toEqual(bytes)
  await projected.upToDate()
  expect(await projected.reads.unfetchedMedia()).toEqual([])
  const queue = sessionQueue(place.sessionId)
  await next.jobs.add(queue, mediaJob(lost!.messageId, lost!))
  await until('nothing to do', async () => (await next.jobs.depth(queue)) === 0)
  await next.stop()
  expect(await of('message.mediaStored')).toHaveLength(1)
})

test('malware in a customer’s file is withheld: the log says what it is, and nothing is kept or asked for again', async () => {
  const clamd = await startClamd()
  await engine.node().done(place.admin, 'session.start', { id: place.sessionId })
  const forgetful = startSessions(() => Promise.resolve([]))
  await forgetful.connected()
  await phone.inbound(place.sessionId, {
    from: '5511987654321',
    media: { mime: 'application/pdf', base64: Buffer.from(EICAR).toString('base64') },
  })
  await forgetful.stop()
  await projected.upToDate()
  const [lost] = await projected.reads.unfetchedMedia()
  const { messageId } = lost!

  const scan = createScanMedia({ address: clamd.address, failOpen: false, log })
  const node = startSessions(() => Promise.resolve([lost!]), scan)
  const [failed] = await until('the outcome', async () => {
    const found = await of('message.mediaFailed')
    return found.length > 0 && found
  })
  const queue = sessionQueue(place.sessionId)
  await node.jobs.add(queue, mediaJob(messageId, lost!))
  expect(failed!.data).toEqual({ messageId, reason: 'malware-found: Eicar-Test-Signature' })
  await until('nothing to do', async () => (await node.jobs.depth(queue)) === 0)
  await node.stop()
  expect(clamd.sizes).toHaveLength(1)
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
  expect(await of('message.mediaStored')).toEqual([])
  await clamd.close()
})

test('a customer’s file over the company’s limit is not fetched: the log has its size, and the customer is told once', async () => {
  const inboundMediaBytesMax = 65_536
  await engine.node().done(place.admin, 'company.changeSettings', { inboundMediaBytesMax })
  await engine.node().done(place.admin, 'session.start', { id: place.sessionId })
  const forgetful = startSessions(() => Promise.resolve([]))
  await forgetful.connected()
  await phone.inbound(place.sessionId, {
    from: '5511987654321',
    media: { mime: 'image/png', base64: Buffer.alloc(inboundMediaBytesMax + 1).toString('base64') },
  })
  await forgetful.stop()
  await projected.upToDate()
  const [lost] = await projected.reads.unfetchedMedia()
  const { messageId } = lost!

  const put = vi.spyOn(media, 'put')
  const node = startSessions(() => Promise.resolve([lost!]))
  const [stored] = await until('the outcome', async () => {
    const found = await of('message.mediaStored')
    return found.length > 0 && found
  })
  const queue = sessionQueue(place.sessionId)
  await node.jobs.add(queue, mediaJob(messageId, lost!))
  await until('nothing to do', async () => (await node.jobs.depth(queue)) === 0)
  await node.stop()
  const size = inboundMediaBytesMax + 1
  expect(stored!.data).toEqual({ messageId, media: { mime: 'image/png', size, tooLarge: true } })
  expect(put).not.toHaveBeenCalled()
  const told = await of('message.queued')
  expect(told).toHaveLength(1)
  expect(told[0]!.data).toMatchObject({
    kind: 'text',
    personal: { body: tooLargeWords('pt-BR', inboundMediaBytesMax) },
  })
  expect(told[0]!.data).not.toHaveProperty('userId')
  await projected.upToDate()
  const { items } = (await projected.reads.messages(place.admin, lost!.ticketId, { limit: 10 }))!
  expect(items[0]!.media).toMatchObject({ tooLarge: true, size, url: null })
})

test('two fetches at once are one fact: the first outcome counts', async () => {
  await engine.node().done(place.admin, 'session.start', { id: place.sessionId })
  const forgetful = startSessions(() => Promise.resolve([]))
  await forgetful.connected()
  await phone.inbound(place.sessionId, {
    from: '5511987654321',
    media: { mime: 'image/png', base64: Buffer.from('a picture').toString('base64') },
  })
  await forgetful.stop()
  const [received] = await of('message.received')
  const { messageId } = received!.data as { messageId: string }
  const ticketId = received!.stream.split('.')[1]!
  const nodes = [engine.node(), engine.node()]
  const record = (node: (typeof nodes)[number], reason: string) =>
    node.done(engine.system, 'message.recordMedia', {
      place: { type: 'ticket', id: ticketId },
      messageId,
      fetched: { outcome: 'failed', reason },
    })
  await record(nodes[0]!, 'first')
  await record(nodes[1]!, 'second')
  expect((await of('message.mediaFailed')).map(({ data }) => data)).toEqual([{ messageId, reason: 'first' }])
})
