import { crc32 } from 'node:zlib'
import type { Place } from './position.ts'
import type { JsonObject, StoredEvent } from './port.ts'
import type { EventText } from './append-check.ts'
import { makePosition } from './position.ts'

/**
 * One event as the embedded log keeps it. Big-endian:
 *
 *   0 crc32 │ 4 format │ 5 created (ms) │ 11 revision │ 15 id │ 31 stream length │ 33 type length │ 35 data length │
 *   39 stream, type, data, metadata (UTF-8; the JSON texts are those that were appended, byte by byte)
 *
 * The checksum covers everything after itself and the ordinal under which the record lies, so a record that turns up
 * in another's place is noticed too.
 */

const FORMAT = 1
const HEADER_BYTES = 39

/** A record whose bytes are not those that were written. */
export class DamagedRecord extends Error {
  constructor(ordinal: number, why: string) {
    super(`event ${ordinal} of the embedded store is damaged: ${why}`)
    this.name = 'DamagedRecord'
  }
}

const checksum = (bytes: Buffer, ordinal: number): number => crc32(bytes.subarray(4), ordinal >>> 0)

/** @param ordinal the place in the log, counted from 1. */
export const encodeRecord = (
  ordinal: number,
  stream: string,
  revision: number,
  created: number,
  text: EventText,
): Buffer => {
  const { event, data, metadata } = text
  const lengths = [stream, event.type, data, metadata].map(part => Buffer.byteLength(part))
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + lengths.reduce((sum, length) => sum + length, 0))
  bytes[4] = FORMAT
  bytes.writeUIntBE(created, 5, 6)
  bytes.writeUInt32BE(revision, 11)
  bytes.write(event.id.replaceAll('-', ''), 15, 'hex')
  bytes.writeUInt16BE(lengths[0]!, 31)
  bytes.writeUInt16BE(lengths[1]!, 33)
  bytes.writeUInt32BE(lengths[2]!, 35)
  let at = HEADER_BYTES
  for (const part of [stream, event.type, data, metadata]) at += bytes.write(part, at)
  bytes.writeUInt32BE(checksum(bytes, ordinal), 0)
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
  bytes.toString('utf8', HEADER_BYTES, HEADER_BYTES + bytes.readUInt16BE(31))

export const recordRevision = (bytes: Buffer): number => bytes.readUInt32BE(11)

/** The id of the event in a record, as text. */
export const recordId = (bytes: Buffer): string => {
  const hex = bytes.toString('hex', 15, 31)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** An ordinal counts the records of one file, so a JavaScript number holds it; outside it is a `Place` of 64 bits. */
export const placeOf = (ordinal: number): Place => ({ commit: BigInt(ordinal), prepare: BigInt(ordinal) })

export const decodeRecord = (epoch: string, ordinal: number, bytes: Buffer): StoredEvent => {
  const typeAt = HEADER_BYTES + bytes.readUInt16BE(31)
  const dataAt = typeAt + bytes.readUInt16BE(33)
  const metadataAt = dataAt + bytes.readUInt32BE(35)
  return {
    id: recordId(bytes),
    type: bytes.toString('utf8', typeAt, dataAt),
    data: JSON.parse(bytes.toString('utf8', dataAt, metadataAt)) as JsonObject,
    metadata: JSON.parse(bytes.toString('utf8', metadataAt)) as JsonObject,
    stream: recordStream(bytes),
    revision: recordRevision(bytes),
    position: makePosition(epoch, placeOf(ordinal)),
    created: bytes.readUIntBE(5, 6),
  }
}
