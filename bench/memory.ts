import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { contactKind } from '../src/actors/contact/chart.ts'
import { conversationKind } from '../src/actors/conversation/chart.ts'
import { createDirectory } from '../src/actors/directory.ts'
import type { Kind } from '../src/actors/kind.ts'
import { sessionKind } from '../src/actors/session/chart.ts'
import { ticketKind } from '../src/actors/ticket/chart.ts'
import type { EventStore, NewEvent, StoredEvent } from '../src/eventstore/port.ts'
import { systemClock } from '../src/shared/clock.ts'
import { newId, type CompanyId } from '../src/shared/ids.ts'
import { silentLog } from '../src/shared/log.ts'
import { storedFact } from '../test/support/chart-facts.ts'
import { report } from './support/results.ts'
import { ticketHistory } from './support/ticket-history.ts'

/**
 * Memory of actors that are awake, bytes each, by kind: the heap after so many were revived less the heap before, beside
 * what the directory estimates (it keeps its budget by that). Streams are made on the fly, so that nothing but the
 * actors themselves is measured.
 */
setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const COUNT = Number(process.env['BENCH_ACTORS'] ?? '10000')
const company = newId<CompanyId>()

const heap = (): number => {
  gc()
  gc()
  return getHeapStatistics().used_heap_size
}

/** A store whose every stream holds a made-up history. */
const storeOf = (history: () => readonly NewEvent[]): EventStore => ({
  name: 'embedded',
  epoch: '00000000',
  shared: false,
  append: () => Promise.reject(new Error('nothing is written here')),
  readStream: async function* () {
    for (const [revision, event] of history().entries())
      yield { ...event, revision, position: '', stream: '', created: 0 } as unknown as StoredEvent
  },
  readAll: async function* () {},
  subscribe: async function* () {},
  head: () => Promise.resolve(null),
  close: () => Promise.resolve(),
})

const measure = async (name: string, kind: Kind, history: () => readonly NewEvent[], count = COUNT) => {
  const stop = new AbortController()
  const directory = createDirectory(
    {
      store: storeOf(history),
      keys: { ensure: () => Promise.reject(new Error('no keys')), get: () => Promise.resolve(null) },
      clock: systemClock,
      log: silentLog,
      stop: stop.signal,
    },
    { bytesMax: Number.MAX_SAFE_INTEGER },
  )
  const before = heap()
  for (let i = 0; i < count; i++) await directory.state(kind, { company, id: newId<string>() })
  const bytes = (heap() - before) / count
  const estimate = directory.bytes() / directory.size()
  stop.abort()
  return {
    figure: `live actor: ${name}`,
    value: bytes,
    unit: 'bytes',
    better: 'lower' as const,
    note: `of ${count}; the directory's estimate is ${(estimate / bytes).toFixed(2)} of it`,
  }
}

const ticket = (events: number) => () => ticketHistory(company, 0, events).events
report('memory', { column: 'in process' }, [
  await measure('ticket, 10 facts', ticketKind, ticket(10)),
  await measure('ticket, 100 facts', ticketKind, ticket(100), COUNT / 10),
  await measure('ticket, 1,000 facts', ticketKind, ticket(1_000), COUNT / 50),
  await measure('conversation', conversationKind, () => [
    storedFact('conversation.started', 0, 0),
    storedFact('conversation.ticketClaimed', 1, 1),
  ]),
  await measure('contact', contactKind, () => [storedFact('contact.created', 0, 0)]),
  await measure('session', sessionKind, () => [storedFact('session.created', 0, 0)]),
])
