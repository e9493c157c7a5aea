import { expect, test } from 'vitest'
import { auditKind } from '../../src/actors/audit/chart.ts'
import { companyKind, deadLetterKind, queueKind, userKind } from '../../src/actors/company/chart.ts'
import { aliasKind, contactKind } from '../../src/actors/contact/chart.ts'
import { conversationKind } from '../../src/actors/conversation/chart.ts'
import type { Kind } from '../../src/actors/kind.ts'
import { createLive, type Live } from '../../src/actors/live.ts'
import { sessionKind } from '../../src/actors/session/chart.ts'
import { ticketKind } from '../../src/actors/ticket/chart.ts'
import type { RecordedEvent } from '../../src/events/all.ts'
import type { StoredEvent } from '../../src/eventstore/port.ts'
import { addressOf, type StreamType } from '../../src/eventstore/streams.ts'
import { openFactLog } from './fact-log.ts'
import { historyKeys, recordedHistory, storedHistory, writeHistory } from './history/write.ts'
import { largeHistory } from './large-history.ts'

const SMALL = { tickets: 300, messages: 4_000, agents: 5, seed: 7 }
const COMPANY = '11111111-1111-4111-a111-111111111111'

const kinds: { readonly [T in StreamType]: Kind } = {
  company: companyKind,
  user: userKind,
  queue: queueKind,
  session: sessionKind,
  contact: contactKind,
  alias: aliasKind,
  conversation: conversationKind,
  ticket: ticketKind,
  deadletter: deadLetterKind,
  audit: auditKind,
}

test('every stream of the story is legal in its chart and chained without a gap', async () => {
  const actors = new Map<string, Live>()
  for await (const { stream, expected, events } of storedHistory(largeHistory(SMALL), historyKeys())) {
    const actor = actors.get(stream) ?? createLive(kinds[addressOf(stream).type], stream)
    actors.set(stream, actor)
    expect(expected === 'none' ? -1 : expected).toBe(actor.revision())
    for (const event of events) {
      expect(event.metadata['prev']).toBe(actor.hash())
      const revision = actor.revision() + 1
      actor.evolve({ ...event, stream, revision, position: '', created: 0 } as unknown as StoredEvent)
    }
  }
  const tickets = [...actors].filter(([stream]) => stream.startsWith('ticket-'))
  const ends = new Set(tickets.map(([, actor]) => JSON.stringify(actor.snapshot().value)))
  expect(tickets).toHaveLength(SMALL.tickets)
  expect(ends).toEqual(
    new Set(['{"existing":"closed"}', '{"existing":{"live":"open"}}', '{"existing":{"live":"pending"}}']),
  )
}, 60_000)

test('it has as many messages as asked for, and the same options tell the same story', () => {
  const tell = () => [...recordedHistory(largeHistory({ ...SMALL, companyId: COMPANY }))]
  const facts = tell()
  const written = ['message.received', 'message.mirrored', 'message.queued']
  expect(facts.filter(({ type }) => written.includes(type))).toHaveLength(SMALL.messages)
  expect(tell()).toEqual(facts)
})

test('a log gives it back as it was told, opened with its keys', async () => {
  const log = await openFactLog()
  const tiny = { ...SMALL, tickets: 40, messages: 300 }
  const written = await writeHistory(log.store, largeHistory(tiny), log.keys)
  const found: RecordedEvent[] = []
  for await (const event of log.store.readAll()) found.push(await log.decode(event))
  const bare = ({ id, type, data, stream, revision }: RecordedEvent) => ({
    id,
    type,
    data,
    stream,
    revision,
  })
  expect(found).toHaveLength(written)
  expect(found.map(bare)).toEqual([...recordedHistory(largeHistory(tiny))].map(bare))
  await log.close()
}, 60_000)
