import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmbeddedJobs } from '../jobs/embedded.ts'
import type { OutboundMessage, SendResult } from '../providers/provider.ts'
import { textOf } from '../providers/text-of.ts'
import { DAY_MS } from '../events/pacing.ts'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'
import { until } from '../../test/support/until.ts'
import { channelReads } from './channel-reads.ts'
import { createSender } from './send.ts'
import { sendJob, sessionQueue } from './session-jobs.ts'

/** Paced sending over the real log, with a clock that stands still until it is moved. */
let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
let fence: string
let now: number
let wire: { text: string; at: number }[]
let answer: SendResult | null

const taken = (): SendResult => ({ outcome: 'sent', providerMessageId: crypto.randomUUID() })
const system = () =>
  ({ kind: 'system', companyId: engine.companyId, actor: { kind: 'channel', id: place.sessionId } }) as const

const own = async (): Promise<void> => {
  const { revision } = await node.done(system(), 'session.own', { id: place.sessionId, node: 'n' })
  fence = String(revision)
  const change = { state: 'connected', account: null }
  await node.done(system(), 'session.recordLink', { id: place.sessionId, fence: revision, change })
}

beforeEach(async () => {
  engine = await openEngine()
  now = Date.parse('2026-03-01T12:00:00.000Z')
  Object.assign(engine.clock, { now: () => now })
  place = await engine.found({ pacing: 'normal' })
  node = engine.node()
  wire = []
  answer = null
  await node.done(place.admin, 'session.start', { id: place.sessionId })
})
afterEach(() => engine.close())

const sender = () =>
  createSender(
    {
      companyId: engine.companyId,
      sessionId: place.sessionId,
      fence,
      link: {
        state: () => 'connected',
        send: (message: OutboundMessage) => {
          wire.push({ text: textOf(message), at: engine.clock.now() })
          return Promise.resolve(answer ?? taken())
        },
      },
    },
    {
      door: node.door,
      directory: node.directory,
      reads: channelReads({ store: engine.store, keys: engine.keys, directory: node.directory }),
      media: { get: () => Promise.resolve(null) },
      clock: engine.clock,
      random: () => 0.5,
      log: silentLog,
    },
  )
type Chat = { ticketId: string; conversationId: string }

const newest = async (): Promise<Chat> => {
  const opened = (await engine.facts('ticket-')).filter(fact => fact.type === 'ticket.opened').at(-1)!
  return {
    ticketId: opened.stream.split('.')[1]!,
    conversationId: opened.type === 'ticket.opened' ? opened.data.conversationId : '',
  }
}
const customer = async (): Promise<Chat> => {
  await node.intake.take(engine.companyId, place.sessionId, [text('m1', [phone('5511987654321')])])
  const chat = await newest()
  await node.done(place.ana, 'ticket.accept', { id: chat.ticketId })
  return chat
}
const stranger = async (n: number): Promise<Chat> => {
  const made = await node.done(place.admin, 'contact.create', {
    name: `Stranger ${n}`,
    phone: `+55 11 98765-${String(1_000 + n)}`,
  })
  await node.done(place.ana, 'ticket.open', {
    contactId: made.id,
    sessionId: place.sessionId,
    body: `to ${n}`,
  })
  return newest()
}
const facts = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)

test('answers keep a gap with a random part, and nothing is written about so short a wait', async () => {
  await own()
  const chat = await customer()
  for (const body of ['one', 'two', 'three']) await node.done(place.ana, 'message.send', { ...chat, body })
  const ring = sender()
  expect(await ring(chat)).toEqual({ againInMs: 1_400 })
  expect(wire.map(sent => sent.text)).toEqual(['one'])
  now += 1_400
  expect(await ring(chat)).toEqual({ againInMs: 1_400 })
  now += 1_400
  expect(await ring(chat)).toBeUndefined()
  expect(wire.map(sent => sent.text)).toEqual(['one', 'two', 'three'])
  expect(await facts('message.deferred')).toEqual([])
})

test('strangers over the budget wait visibly, over a restart and past the hour of a dead line, and then go', async () => {
  await own()
  const begunAt = now
  const chats: Chat[] = []
  for (let n = 0; n < 12; n++) chats.push(await stranger(n))
  const ring = sender()
  for (const chat of chats) {
    await ring(chat)
    now += 2_100
    await ring(chat)
  }
  expect(wire.map(sent => sent.text)).toEqual(chats.slice(0, 10).map((_, n) => `to ${n}`))
  expect(await facts('session.chatBegun')).toHaveLength(10)
  const held = await facts('message.deferred')
  const first = Math.min(...wire.map(sent => sent.at)) + DAY_MS
  expect(held).toMatchObject([
    { data: { until: new Date(first).toISOString(), held: { by: 'new-chats' }, retries: 0 } },
    { data: { held: { by: 'new-chats' } } },
  ])

  now = begunAt + 5 * 3_600_000
  await own()
  const next = sender()
  expect(await next(chats[10]!)).toEqual({ againInMs: 30_000 })
  expect(wire).toHaveLength(10)
  // The time was told; it is not told again.
  expect(await facts('message.deferred')).toHaveLength(2)

  now = begunAt + DAY_MS + 60_000
  for (const chat of chats.slice(10)) {
    await next(chat)
    now += 2_100
  }
  expect(wire.slice(10).map(sent => sent.text)).toEqual(['to 10', 'to 11'])
  expect(await facts('message.failed')).toEqual([])
})

test('once the pacing is off, what was held goes at the next look', async () => {
  await own()
  const chats: Chat[] = []
  for (let n = 0; n < 11; n++) chats.push(await stranger(n))
  const ring = sender()
  for (const chat of chats) {
    await ring(chat)
    now += 2_100
  }
  expect(wire).toHaveLength(10)
  await node.done(place.admin, 'session.change', { id: place.sessionId, settings: { pacing: 'off' } })
  expect(await ring(chats[10]!)).toBeUndefined()
  expect(wire).toHaveLength(11)
})

test('a first message that is tried again begins one chat; an answer makes it no stranger', async () => {
  await own()
  const chat = await stranger(1)
  answer = { outcome: 'refused', reason: 'busy', retryable: true }
  const ring = sender()
  await ring(chat)
  now += 2_100
  answer = null
  await ring(chat)
  expect(wire).toHaveLength(2)
  expect(await facts('session.chatBegun')).toHaveLength(1)
  now += 2 * DAY_MS
  await node.done(place.ana, 'message.send', { ...chat, body: 'again' })
  await ring(chat)
  expect(await facts('session.chatBegun')).toHaveLength(1)
})

test('who was deposed begins no chat', async () => {
  await own()
  const chat = await stranger(1)
  const ring = sender()
  await own()
  await expect(ring(chat)).rejects.toThrow('session-wrong-state')
  expect(wire).toEqual([])
})

test('through the job queue, rung often, each message goes once and in order', async () => {
  Object.assign(engine.clock, { now: systemClock.now })
  await own()
  const chat = await customer()
  for (const body of ['one', 'two', 'three']) await node.done(place.ana, 'message.send', { ...chat, body })
  const jobs = createEmbeddedJobs({ clock: engine.clock, log: silentLog })
  const ring = sender()
  const queue = sessionQueue(place.sessionId)
  const worker = jobs.work(queue, { concurrency: 16, attempts: 5, backoffMs: 10 }, () => ring(chat))
  try {
    for (const n of [1, 2, 3])
      await jobs.add(queue, sendJob(`bell-${n}`, { companyId: engine.companyId, ...chat }))
    await until('three messages on the wire', () => wire.length === 3)
    await until('an empty queue', async () => (await jobs.depth(queue)) === 0)
    expect(wire.map(sent => sent.text)).toEqual(['one', 'two', 'three'])
    expect(await facts('message.sent')).toHaveLength(3)
  } finally {
    await worker.stop()
    await jobs.close()
  }
})
