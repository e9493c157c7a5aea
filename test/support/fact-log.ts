import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DomainEvent, EventType, RecordedEvent } from '../../src/events/all.ts'
import { allEvents } from '../../src/events/all.ts'
import type { FactActor, FactDefinition, FactMeta } from '../../src/events/define.ts'
import { chainHash, decode, encode, type DataKeys } from '../../src/eventstore/codec.ts'
import { openEmbeddedStore, type EmbeddedStore } from '../../src/eventstore/embedded.ts'
import type { NewEvent, StoredEvent } from '../../src/eventstore/port.ts'
import { streamName, type StreamType } from '../../src/eventstore/streams.ts'
import type { CompanyId } from '../../src/shared/ids.ts'

/** The `{type, data}` of one type. */
export type FactNamed<T extends EventType> = Extract<DomainEvent, { type: T }>

export const testKeys = (): DataKeys & { destroy(subject: string): void } => {
  const keys = new Map<string, Buffer>()
  return {
    ensure: (_, subject) => {
      const key = keys.get(subject) ?? randomBytes(32)
      keys.set(subject, key)
      return Promise.resolve(key)
    },
    get: (_, subject) => Promise.resolve(keys.get(subject) ?? null),
    destroy: subject => void keys.delete(subject),
  }
}

export type SaidOptions = { readonly actor?: FactActor; readonly at?: string; readonly subject?: string }

const metaOf = (companyId: string, options: SaidOptions): Omit<FactMeta, 'schema'> => ({
  companyId,
  actor: options.actor ?? { kind: 'system', id: 'test' },
  at: options.at ?? new Date().toISOString(),
  commandId: randomUUID(),
  correlationId: 'test',
  ...(options.subject ? { subject: options.subject } : {}),
  prev: '',
})

/** A real embedded log in a folder of its own, written to without actors: facts go in as a test says them. */
export const openFactLog = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-log-'))
  const store: EmbeddedStore = await openEmbeddedStore({ folder })
  const keys = testKeys()
  const heads = new Map<string, { revision: number; prev: string }>()

  const say = async (
    companyId: string,
    kind: StreamType,
    id: string,
    facts: readonly DomainEvent[],
    options: SaidOptions = {},
  ): Promise<string> => {
    const stream = streamName({ company: companyId as CompanyId, type: kind, id })
    let head = heads.get(stream) ?? { revision: -1, prev: '' }
    const expected = head.revision < 0 ? ('none' as const) : head.revision
    const events: NewEvent[] = []
    for (const fact of facts) {
      const personal = (allEvents[fact.type] as FactDefinition).personal !== undefined
      const subject = personal ? (options.subject ?? id) : undefined
      const meta = { ...metaOf(companyId, { ...options, ...(subject ? { subject } : {}) }), prev: head.prev }
      const event = encode(fact, randomUUID(), meta, subject ? await keys.ensure(companyId, subject) : null)
      events.push(event)
      head = { revision: head.revision + 1, prev: chainHash(event) }
    }
    heads.set(stream, head)
    return (await store.append(stream, expected, events)).position
  }

  return {
    store,
    keys,
    say,
    /** Appends something that no vocabulary knows. */
    sayRaw: async (
      stream: string,
      type: string,
      data: NewEvent['data'],
      metadata: NewEvent['metadata'] = {},
    ) => (await store.append(stream, 'any', [{ id: randomUUID(), type, data, metadata }])).position,
    decode: (event: StoredEvent): Promise<RecordedEvent> => decode(event, keys),
    close: async () => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type FactLog = Awaited<ReturnType<typeof openFactLog>>
