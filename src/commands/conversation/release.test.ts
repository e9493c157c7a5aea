import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEngine, type Engine } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import { IDS_PER_FACT_MAX } from './release.ts'

let engine: Engine
beforeEach(async () => void (engine = await openEngine()))
afterEach(() => engine.close())

test('a ticket of more messages than one fact holds is released, and every one of them is known after', async () => {
  const place = await engine.found()
  const node = engine.node()
  const from = [phone('5511987654321')]
  const take = (id: string) => node.intake.take(engine.companyId, place.sessionId, [text(id, from)])
  const many = Array.from({ length: IDS_PER_FACT_MAX + 3 }, (_, number) => `m${number}`)
  for (let at = 0; at < many.length; at += 500) await Promise.all(many.slice(at, at + 500).map(take))
  const ticketId = (await engine.events('ticket-'))[0]!.stream.split('.')[1]!
  await node.done(place.supervisor, 'ticket.close', { id: ticketId })
  const told = (await engine.events('conversation-')).map(({ type }) => type)
  expect(told.slice(-2)).toEqual(['conversation.messagesRemembered', 'conversation.ticketReleased'])
  const before = (await engine.events()).length
  for (const id of ['m0', 'm2500', many.at(-1)!]) await take(id)
  expect(await engine.events()).toHaveLength(before)
}, 120_000)
