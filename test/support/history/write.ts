import { createHash } from 'node:crypto'
import { allEvents, type RecordedEvent } from '../../../src/events/all.ts'
import type { FactDefinition, FactMeta } from '../../../src/events/define.ts'
import { chainHash, encode, type DataKeys } from '../../../src/eventstore/codec.ts'
import type { EventStore, ExpectedRevision, NewEvent } from '../../../src/eventstore/port.ts'
import { streamName } from '../../../src/eventstore/streams.ts'
import type { CompanyId } from '../../../src/shared/ids.ts'
import type { Burst, Said } from './cast.ts'

/** Keys that anybody can make again, for logs that protect nothing. */
export const historyKeys = (): DataKeys => {
  const keys = new Map<string, Buffer>()
  const key = (companyId: string, subject: string): Promise<Buffer> => {
    const name = `${companyId}/${subject}`
    const made = keys.get(name) ?? createHash('sha256').update(name).digest()
    keys.set(name, made)
    return Promise.resolve(made)
  }
  return { ensure: key, get: key }
}

const isPersonal = ({ fact }: Said): boolean =>
  (allEvents[fact.type] as FactDefinition).personal !== undefined

const streamOf = ({ companyId, type, id }: Burst): string =>
  streamName({ company: companyId as CompanyId, type, id })

const metaOf = (burst: Burst, said: Said, prev: string): Omit<FactMeta, 'schema'> => ({
  companyId: burst.companyId,
  actor: said.actor,
  at: said.at,
  commandId: said.commandId,
  correlationId: said.commandId,
  ...(isPersonal(said) ? { subject: burst.subject } : {}),
  prev,
})

export type StoredBurst = {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly events: readonly NewEvent[]
}
type Head = { readonly revision: number; readonly prev: string }

/** The story as it is stored: encoded, sealed and chained. */
export const storedHistory = async function* (
  bursts: Iterable<Burst>,
  keys: Pick<DataKeys, 'ensure'>,
): AsyncGenerator<StoredBurst> {
  const heads = new Map<string, Head>()
  const known = new Map<string, Buffer>()
  for (const burst of bursts) {
    const stream = streamOf(burst)
    const before = heads.get(stream) ?? { revision: -1, prev: '' }
    let { prev } = before
    const name = `${burst.companyId}/${burst.subject}`
    const events: NewEvent[] = []
    for (const said of burst.said) {
      let key: Buffer | null = null
      if (isPersonal(said)) {
        key = known.get(name) ?? (await keys.ensure(burst.companyId, burst.subject))
        known.set(name, key)
      }
      const event = encode(said.fact, said.id, metaOf(burst, said, prev), key)
      events.push(event)
      prev = chainHash(event)
    }
    heads.set(stream, { revision: before.revision + events.length, prev })
    yield { stream, expected: before.revision < 0 ? 'none' : before.revision, events }
  }
}

/** Appends under way at the same time; those of one stream follow one another. */
const APPENDS_TOGETHER = 256

/** Writes the story into a store. Answers how many facts it had. */
export const writeHistory = async (
  store: Pick<EventStore, 'append'>,
  bursts: Iterable<Burst>,
  keys: Pick<DataKeys, 'ensure'>,
): Promise<number> => {
  let facts = 0
  let waiting: Promise<unknown>[] = []
  const streams = new Set<string>()
  const settle = async (): Promise<void> => {
    await Promise.all(waiting)
    waiting = []
    streams.clear()
  }
  for await (const { stream, expected, events } of storedHistory(bursts, keys)) {
    if (streams.has(stream) || waiting.length >= APPENDS_TOGETHER) await settle()
    streams.add(stream)
    waiting.push(store.append(stream, expected, events))
    facts += events.length
  }
  await settle()
  return facts
}

/** The story as the log gives it back once it was opened, without the way through a log. */
export const recordedHistory = function* (bursts: Iterable<Burst>): Generator<RecordedEvent> {
  const revisions = new Map<string, number>()
  let ordinal = 0
  for (const burst of bursts) {
    const stream = streamOf(burst)
    let revision = revisions.get(stream) ?? -1
    for (const said of burst.said) {
      revision++
      ordinal++
      const definition: FactDefinition = allEvents[said.fact.type]
      yield {
        id: said.id,
        type: said.fact.type,
        data: said.fact.data,
        stream,
        revision,
        position: `00000000${ordinal.toString(16).padStart(32, '0')}`,
        meta: { ...metaOf(burst, said, ''), schema: definition.version },
      } as RecordedEvent
    }
    revisions.set(stream, revision)
  }
}
