import { createCipheriv, createDecipheriv, hash } from 'node:crypto'
import { allEvents, type DomainEvent, type EventType, type RecordedEvent } from '../events/all.ts'
import { factMetaSchema, type FactDefinition, type FactMeta, type Vocabulary } from '../events/define.ts'
import { systemRandom, type RandomBytes } from '../shared/random.ts'
import { textOf } from './json-text.ts'
import type { JsonObject, NewEvent, StoredEvent } from './port.ts'

/**
 * Between facts and what the store keeps. Facts are parsed with their schema before they are stored and again after
 * they were read; their personal part is sealed (AES-256-GCM) with the key of the person whom it is about; `prev`
 * chains each event to the stored form of the one before it.
 */

/** Keys of persons. `ensure` makes one durably before it answers; `get` answers `null` once it was destroyed. */
export type DataKeys = {
  ensure(companyId: string, subject: string): Promise<Buffer>
  get(companyId: string, subject: string): Promise<Buffer | null>
}

/**
 * A stored event that this release cannot make sense of. `newer`: its type or version is unknown here, so a newer release
 * wrote it; otherwise its data breaks its schema.
 */
export class UndecodableEvent extends Error {
  readonly newer: boolean
  constructor(event: StoredEvent, why: string, newer = false) {
    super(`${event.stream}@${event.revision} (${event.type}): ${why}`)
    this.name = 'UndecodableEvent'
    this.newer = newer
  }
}

/** Whatever goes wrong while it is read is wrong with this very event. @throws UndecodableEvent */
const readingOf = <T>(event: StoredEvent, what: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof UndecodableEvent) throw error
    throw new UndecodableEvent(event, `${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

const seal = (key: Buffer, eventId: string, value: unknown, random: RandomBytes): string => {
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(eventId))
  const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64')
}

const unseal = (key: Buffer, eventId: string, sealed: string): unknown => {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(eventId))
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
  // Says whether the seal is whole; there are no bytes left in this mode.
  decipher.final()
  return JSON.parse(body.toString('utf8'))
}

/** SHA-256 (base64url) of an event as it is stored; the next event of the stream carries it as `prev`. */
export const chainHash = ({ id, type, data, metadata }: NewEvent): string =>
  hash('sha256', `${id}\n${type}\n${textOf(data)}\n${textOf(metadata)}`, 'base64url')

/** A fact in the form in which it is stored. @throws Error when it breaks its own schema: a bug in `decide`. */
type Encode<F> = (
  fact: F,
  id: string,
  meta: Omit<FactMeta, 'schema'>,
  key: Buffer | null,
  random?: RandomBytes,
) => NewEvent

/** A fact without its personal part opened: what charts live on. */
export type SealedFact = {
  type: EventType
  data: JsonObject
  meta: FactMeta
  id: string
  revision: number
  position: string
}

type Data = Record<string, unknown>

/** Stored data of an older version, brought to the newest. */
const upcast = (
  event: StoredEvent,
  steps: FactDefinition['upcasts'],
  data: Data,
  from: number,
  to: number,
): Data => {
  let newest = data
  for (let version = from; version < to; version++) {
    const step = steps?.[version]
    if (!step) throw new UndecodableEvent(event, `no upcast from schema ${version}`)
    const before = newest
    newest = readingOf(event, `upcast from schema ${version}`, () => step(before))
  }
  return newest
}

/**
 * What this process wrote a moment ago and reads back for its projections and reactions: parsed and opened already. The
 * store hands the same object on while it is recent; by the object itself it is known here, and forgotten with it.
 */
type Written = {
  readonly id: string
  readonly key: Buffer | null
  readonly open: JsonObject
  readonly meta: FactMeta
  readonly personal: unknown
}

const rememberWritten = () => {
  const written = new WeakMap<JsonObject, Written>()
  return {
    note: (event: NewEvent, key: Buffer | null, personal: unknown): void => {
      const { personal: _sealed, ...open } = event.data
      written.set(event.data, {
        id: event.id,
        key,
        open,
        meta: event.metadata as unknown as FactMeta,
        personal,
      })
    },
    find: ({ id, data, metadata }: NewEvent): Written | undefined => {
      const known = written.get(data)
      return known?.id === id && (known.meta as unknown) === metadata ? known : undefined
    },
  }
}

/** The codec of one vocabulary. */
export const createCodec = (vocabulary: Vocabulary) => {
  const written = rememberWritten()
  const encodeFact: Encode<{ readonly type: string; readonly data: unknown }> = (
    fact,
    id,
    meta,
    key,
    random = systemRandom,
  ) => {
    const definition = vocabulary[fact.type]
    if (!definition) throw new Error(`${fact.type} is no fact of ours`)
    const { open, personal, version, writes } = definition
    let data: Data = { ...open.parse(fact.data) }
    const said = personal ? personal.parse((fact.data as { personal: unknown }).personal) : null
    if (personal) data['personal'] = said
    if (writes) data = writes.as(data)
    if (personal) {
      if (!key) throw new Error(`${fact.type} has a personal part but no subject`)
      data['personal'] = seal(key, id, data['personal'], random)
    }
    const metadata: FactMeta = { ...meta, schema: writes?.version ?? version }
    // Through JSON once: what is hashed is what the store gives back, without `undefined`.
    const event = JSON.parse(JSON.stringify({ id, type: fact.type, data, metadata })) as NewEvent
    if (!writes) written.note(event, key, said)
    return event
  }

  /** @throws UndecodableEvent */
  const openPart = (
    event: StoredEvent,
    accepted = false,
  ): { definition: FactDefinition; meta: FactMeta; data: JsonObject } => {
    const definition = Object.hasOwn(vocabulary, event.type) ? vocabulary[event.type] : undefined
    if (!definition) throw new UndecodableEvent(event, 'unknown type', true)
    const known = written.find(event)
    if (known) return { definition, meta: known.meta, data: known.open }
    if (accepted && event.metadata['schema'] === definition.version)
      return { definition, meta: event.metadata as unknown as FactMeta, data: event.data }
    const meta = factMetaSchema.safeParse(event.metadata)
    if (!meta.success) throw new UndecodableEvent(event, `metadata: ${meta.error.message}`)
    const { schema } = meta.data
    const { version } = definition
    if (schema > version)
      throw new UndecodableEvent(event, `schema ${schema} is newer than this release`, true)
    const data = definition.open.safeParse(upcast(event, definition.upcasts, event.data, schema, version))
    if (!data.success) throw new UndecodableEvent(event, data.error.message)
    return { definition, meta: meta.data, data: data.data as JsonObject }
  }

  const personalPart = async (
    event: StoredEvent,
    definition: FactDefinition,
    { companyId, subject, schema }: FactMeta,
    keys: Pick<DataKeys, 'get'>,
    accepted: boolean,
  ): Promise<unknown> => {
    const key = subject ? await keys.get(companyId, subject) : null
    const sealed = event.data['personal']
    if (!key || typeof sealed !== 'string') return null
    const known = written.find(event)
    if (known?.key?.equals(key)) return known.personal
    const { personalUpcasts, version } = definition
    return readingOf(event, 'personal part', () => {
      const said = unseal(key, event.id, sealed) as Data
      if (accepted && schema === version) return said
      const newest = personalUpcasts ? upcast(event, personalUpcasts, said, schema, version) : said
      return definition.personal?.parse(newest)
    })
  }

  const decodeFact = async (event: StoredEvent, keys: Pick<DataKeys, 'get'>, accepted: boolean) => {
    const { definition, meta, data } = openPart(event, accepted)
    const { id, type, stream, revision, position } = event
    const whole = definition.personal
      ? { ...data, personal: await personalPart(event, definition, meta, keys, accepted) }
      : data
    return { id, type, stream, revision, position, meta, data: whole }
  }

  return {
    encode: encodeFact,
    decodeOpen: (event: StoredEvent): SealedFact => {
      const { meta, data } = openPart(event)
      const { id, revision, position } = event
      return { type: event.type as EventType, data, meta, id, revision, position }
    },
    decode: (event: StoredEvent, keys: Pick<DataKeys, 'get'>) => decodeFact(event, keys, false),
    decodeAccepted: (event: StoredEvent, keys: Pick<DataKeys, 'get'>) => decodeFact(event, keys, true),
  }
}

const codec = createCodec(allEvents)

/** @throws Error when the fact breaks its own schema: a bug in `decide`, caught before anything is written. */
export const encode: Encode<DomainEvent> = codec.encode

/** Reads the open part of a stored event. @throws UndecodableEvent */
export const decodeOpen: (event: StoredEvent) => SealedFact = codec.decodeOpen

type Decode = (event: StoredEvent, keys: Pick<DataKeys, 'get'>) => Promise<RecordedEvent>

/** Reads a stored event whole, with its personal part opened (or `null` once the person was erased). @throws UndecodableEvent */
export const decode = codec.decode as unknown as Decode

/**
 * The same for reading a whole log again: a fact of the newest version is not held against its schema once more. `encode`
 * did that before the fact was stored, and a seventh of a rebuild would be spent on it. Older versions take the whole way.
 * @throws UndecodableEvent
 */
export const decodeAccepted = codec.decodeAccepted as unknown as Decode
