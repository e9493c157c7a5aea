import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { allEvents, type DomainEvent, type EventType, type RecordedEvent } from '../events/all.ts'
import { factMetaSchema, type FactDefinition, type FactMeta } from '../events/define.ts'
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

/** A stored event that this release cannot make sense of: unknown type, newer schema, or data that breaks its schema. */
export class UndecodableEvent extends Error {
  constructor(event: StoredEvent, why: string) {
    super(`${event.stream}@${event.revision} (${event.type}): ${why}`)
    this.name = 'UndecodableEvent'
  }
}

const definitionOf = (type: string): FactDefinition | undefined =>
  (allEvents as Record<string, FactDefinition>)[type]

const NONCE_BYTES = 12
const TAG_BYTES = 16

const seal = (key: Buffer, eventId: string, value: unknown): string => {
  const nonce = randomBytes(NONCE_BYTES)
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
  const body = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  return JSON.parse(body.toString('utf8'))
}

/** SHA-256 (base64url) of an event as it is stored; the next event of the stream carries it as `prev`. */
export const chainHash = (event: NewEvent): string =>
  createHash('sha256')
    .update(event.id)
    .update('\n')
    .update(event.type)
    .update('\n')
    .update(JSON.stringify(event.data))
    .update('\n')
    .update(JSON.stringify(event.metadata))
    .digest('base64url')

/**
 * A fact in the form in which it is stored. @throws Error when it breaks its own schema: a bug in `decide`, caught
 * before anything is written.
 */
export const encode = (
  fact: DomainEvent,
  id: string,
  meta: Omit<FactMeta, 'schema'>,
  key: Buffer | null,
): NewEvent => {
  const definition: FactDefinition = allEvents[fact.type]
  const data: Record<string, unknown> = { ...definition.open.parse(fact.data) }
  if (definition.personal) {
    if (!key) throw new Error(`${fact.type} has a personal part but no subject`)
    data['personal'] = seal(key, id, definition.personal.parse((fact.data as { personal: unknown }).personal))
  }
  const metadata: FactMeta = { ...meta, schema: definition.version }
  // Through JSON once: what is hashed is what the store gives back, without `undefined`.
  return JSON.parse(JSON.stringify({ id, type: fact.type, data, metadata })) as NewEvent
}

/** A fact without its personal part opened: what charts live on. */
export type SealedFact = {
  type: EventType
  data: JsonObject
  meta: FactMeta
  id: string
  revision: number
  position: string
}

const upcast = (event: StoredEvent, definition: FactDefinition, meta: FactMeta): Record<string, unknown> => {
  let data: Record<string, unknown> = { ...event.data }
  if (meta.schema > definition.version)
    throw new UndecodableEvent(event, `schema ${meta.schema} is newer than this release`)
  for (let version = meta.schema; version < definition.version; version++) {
    const step = definition.upcasts?.[version]
    if (!step) throw new UndecodableEvent(event, `no upcast from schema ${version}`)
    data = step(data)
  }
  return data
}

/** Reads the open part of a stored event. @throws UndecodableEvent */
export const decodeOpen = (event: StoredEvent): SealedFact => {
  const definition = definitionOf(event.type)
  if (!definition) throw new UndecodableEvent(event, 'unknown type')
  const meta = factMetaSchema.safeParse(event.metadata)
  if (!meta.success) throw new UndecodableEvent(event, `metadata: ${meta.error.message}`)
  const data = definition.open.safeParse(upcast(event, definition, meta.data))
  if (!data.success) throw new UndecodableEvent(event, data.error.message)
  return {
    type: event.type as EventType,
    data: data.data as JsonObject,
    meta: meta.data,
    id: event.id,
    revision: event.revision,
    position: event.position,
  }
}

/** Reads a stored event whole, with its personal part opened (or `null` once the person was erased). @throws UndecodableEvent */
export const decode = async (event: StoredEvent, keys: Pick<DataKeys, 'get'>): Promise<RecordedEvent> => {
  const open = decodeOpen(event)
  const definition: FactDefinition = allEvents[open.type]
  const data: Record<string, unknown> = { ...open.data }
  if (definition.personal) {
    const { subject, companyId } = open.meta
    const key = subject ? await keys.get(companyId, subject) : null
    const sealed = event.data['personal']
    data['personal'] =
      key && typeof sealed === 'string' ? definition.personal.parse(unseal(key, event.id, sealed)) : null
  }
  const { id, type, revision, position, meta } = open
  return { id, type, stream: event.stream, revision, position, meta, data } as RecordedEvent
}
