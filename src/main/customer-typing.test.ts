import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Doing } from '../providers/simulator/frames.ts'
import type { Ticket } from '../realtime/protocol.ts'
import type { TicketPlace } from '../projections/read-models.ts'
import { silentLog } from '../shared/log.ts'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { text } from '../../test/support/inbound.ts'
import { customerTyping, SAME_AGAIN_MS } from './customer-typing.ts'

const phone = [{ kind: 'phone', value: '5511987654321' }] as const
let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
let told: { place: TicketPlace; typing: object }[]
let ahead: number
let hear: (doing: Doing, chat?: typeof phone | readonly [{ kind: 'phone'; value: string }]) => Promise<void>

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
  told = []
  ahead = 0
  const typing = customerTyping({
    directory: node.directory,
    tenantKey: node.tools.tenantKey,
    clock: { ...engine.clock, monotonic: () => engine.clock.monotonic() + ahead },
    log: silentLog,
    // As the read models would say it of the ticket that the engine has.
    views: {
      ticketViews: ([key]) => {
        const { companyId, id } = key!
        const seen = { companyId, status: 'pending', queueId: place.queueId, userId: null } as const
        const ticket = { id, isGroup: false, contact: { name: 'Bia' } } as Ticket
        return Promise.resolve(new Map([[id, { place: seen, ticket, lastMessageId: null }]]))
      },
    },
    tell: (where, push) => void told.push({ place: where, typing: push }),
  })
  hear = (doing, chat = phone) => typing(engine.companyId, place.sessionId, { chat, doing })
})
afterEach(() => engine.close())

const wrote = async (): Promise<string> => {
  await node.intake.take(engine.companyId, place.sessionId, [text('m1', phone)])
  const opened = (await engine.facts()).findLast(fact => fact.type === 'ticket.opened')
  return opened!.stream.split('.')[1]!
}
test('who writes, speaks or stops is told of the live ticket, and nothing is written down', async () => {
  const ticketId = await wrote()
  const facts = (await engine.events()).length
  await hear('typing')
  expect(told).toHaveLength(1)
  await hear('recording')
  expect(told).toHaveLength(2)
  await hear('nothing')
  expect(told).toHaveLength(3)
  expect(told.map(({ typing }) => typing)).toEqual([
    { ticketId, userId: null, name: 'Bia', typing: true },
    { ticketId, userId: null, name: 'Bia', typing: true, recording: true },
    { ticketId, userId: null, name: 'Bia', typing: false },
  ])
  expect(told[0]?.place).toMatchObject({ companyId: engine.companyId, queueId: place.queueId })
  expect((await engine.events()).length).toBe(facts)
})

test('the same again within seconds is not told again, later it is', async () => {
  await wrote()
  await hear('typing')
  await hear('typing')
  expect(told).toHaveLength(1)
  ahead = SAME_AGAIN_MS
  await hear('typing')
  expect(told).toHaveLength(2)
})

test('nobody is told of a stranger, of a closed ticket, or that somebody stopped who never began', async () => {
  const ticketId = await wrote()
  await hear('nothing')
  await hear('typing', [{ kind: 'phone', value: '5511900000000' }])
  await node.done(place.supervisor, 'ticket.accept', { id: ticketId })
  await node.done(place.supervisor, 'ticket.close', { id: ticketId })
  await hear('recording')
  expect(told).toEqual([])
  await node.intake.take(engine.companyId, place.sessionId, [text('m2', phone)])
  await hear('typing')
  expect(told).toHaveLength(1)
  expect(told[0]?.typing).not.toHaveProperty('recording')
})
