import { crc32 } from 'node:zlib'
import type { JsonObject, StoredEvent } from './port.ts'
import type { EventText } from './append-check.ts'
import { ordinalPosition } from './position.ts'

/**
 * One event as the embedded log keeps it. Big-endian:
 *
 *   0 crc32 │ 4 format │ 5 created (ms) │ 11 revision │ 15 previous │ 21 skip │ 27 id │ 43 stream length │
 *   45 type length │ 47 data length │ 51 stream, type, data, metadata (UTF-8; the JSON texts byte by byte as appended)
 *
 * `previous` and `skip` are ordinals in the same stream (see `embedded-head`), 0 for none. The checksum covers all that
 * follows it and the ordinal under which the record lies, so a record in another's place is noticed too.
 */

const FORMAT = 1
const HEADER_BYTES = 51

/** A record whose bytes are not those that were written. */
export class DamagedRecord extends Error {
  constructor(ordinal: number, why: string) {
    super(`event ${ordinal} of the embedded store is damaged: ${why}`)
    this.name = 'DamagedRecord'
  }
}

const checksum = (bytes: Buffer, ordinal: number): number => crc32(bytes.subarray(4), ordinal >>> 0)

export type RecordFields = {
  /** The place in the log, counted from 1. */
  readonly ordinal: number
  readonly stream: string
  readonly revision: number
  readonly previous: number
  readonly skip: number
  readonly created: number
}

export const encodeRecord = (fields: RecordFields, { event, data, metadata }: EventText): Buffer => {
  const streamBytes = Buffer.byteLength(fields.stream)
  const typeBytes = Buffer.byteLength(event.type)
  const dataBytes = Buffer.byteLength(data)
  const length = HEADER_BYTES + streamBytes + typeBytes + dataBytes + Buffer.byteLength(metadata)
  const bytes = Buffer.allocUnsafe(length)
  bytes[4] = FORMAT
  bytes.writeUIntBE(fields.created, 5, 6)
  bytes.writeUInt32BE(fields.revision, 11)
  bytes.writeUIntBE(fields.previous, 15, 6)
  bytes.writeUIntBE(fields.skip, 21, 6)
  bytes.write(event.id.replaceAll('-', ''), 27, 'hex')
  bytes.writeUInt16BE(streamBytes, 43)
  bytes.writeUInt16BE(typeBytes, 45)
  bytes.writeUInt32BE(dataBytes, 47)
  bytes.write(fields.stream, HEADER_BYTES)
  bytes.write(event.type, HEADER_BYTES + streamBytes)
  bytes.write(data, HEADER_BYTES + streamBytes + typeBytes)
  bytes.write(metadata, HEADER_BYTES + streamBytes + typeBytes + dataBytes)
  bytes.writeUInt32BE(checksum(bytes, fields.ordinal), 0)
  return bytes
}

/** @throws DamagedRecord */
export const verifyRecord = (ordinal: number, bytes: Buffer | undefined): Buffer => {
  if (!bytes || bytes.length < HEADER_BYTES) throw new DamagedRecord(ordinal, 'missing or cut')
  if (bytes[4] !== FORMAT) throw new DamagedRecord(ordinal, `format ${bytes[4]}`)
  if (bytes.readUInt32BE(0) !== checksum(bytes, ordinal)) throw new DamagedRecord(ordinal, 'wrong checksum')
  return bytes
}

export const recordStream = (bytes: Buffer): string =>
  bytes.toString('utf8', HEADER_BYTES, HEADER_BYTES + bytes.readUInt16BE(43))

export const recordRevision = (bytes: Buffer): number => bytes.readUInt32BE(11)

/** The ordinal of the event before this one in its stream. */
export const recordPrevious = (bytes: Buffer): number => bytes.readUIntBE(15, 6)

export const recordSkip = (bytes: Buffer): number => bytes.readUIntBE(21, 6)

/** The id of the event in a record, as text. */
export const recordId = (bytes: Buffer): string => {
  const hex = bytes.toString('hex', 27, 43)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export const decodeRecord = (epoch: string, ordinal: number, bytes: Buffer): StoredEvent => {
  const typeAt = HEADER_BYTES + bytes.readUInt16BE(43)
  const dataAt = typeAt + bytes.readUInt16BE(45)
  const metadataAt = dataAt + bytes.readUInt32BE(47)
  return {
    id: recordId(bytes),
    type: bytes.toString('utf8', typeAt, dataAt),
    data: JSON.parse(bytes.toString('utf8', dataAt, metadataAt)) as JsonObject,
    metadata: JSON.parse(bytes.toString('utf8', metadataAt)) as JsonObject,
    stream: recordStream(bytes),
    revision: recordRevision(bytes),
    position: ordinalPosition(epoch, ordinal),
    created: bytes.readUIntBE(5, 6),
  }
}
