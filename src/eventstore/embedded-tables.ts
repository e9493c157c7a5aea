import { open, type Database, type RootDatabase } from 'lmdb'
import { join } from 'node:path'
import { verifyRecord } from './embedded-record.ts'

/**
 * The tables of the embedded store, all in one lmdb file and so written in one transaction:
 *
 *   log      ordinal                  → record            every event, in order, without gaps, from 1
 *   heads    stream name              → Head              where a stream begins and ends
 *   index    stream key + revision    → ordinal
 *   ids      stream key + event id    → revision          only of appends without expectation: their repetition
 *   meta     'epoch'                  → text                can't be recognised by the revision
 *
 * A stream's key is the ordinal of its first event: unique without a counter, and six bytes instead of a long name.
 */

export type Head = { readonly first: number; readonly last: number; readonly revision: number }

const HEAD_BYTES = 16

export const encodeHead = (head: Head): Buffer => {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES)
  bytes.writeUIntBE(head.first, 0, 6)
  bytes.writeUIntBE(head.last, 6, 6)
  bytes.writeUInt32BE(head.revision, 12)
  return bytes
}

export const decodeHead = (bytes: Buffer): Head => ({
  first: bytes.readUIntBE(0, 6),
  last: bytes.readUIntBE(6, 6),
  revision: bytes.readUInt32BE(12),
})

export const indexKey = (first: number, revision: number): Buffer => {
  const bytes = Buffer.allocUnsafe(10)
  bytes.writeUIntBE(first, 0, 6)
  bytes.writeUInt32BE(revision, 6)
  return bytes
}

export const idKey = (first: number, eventId: string): Buffer => {
  const bytes = Buffer.allocUnsafe(22)
  bytes.writeUIntBE(first, 0, 6)
  bytes.write(eventId.replaceAll('-', ''), 6, 'hex')
  return bytes
}

/** A number of six bytes, as the index keeps ordinals and the id table keeps revisions. */
export const encodeNumber = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeUIntBE(value, 0, 6)
  return bytes
}

export type Tables = {
  readonly root: RootDatabase
  readonly log: Database<Buffer, number>
  readonly heads: Database<Buffer, string>
  readonly index: Database<Buffer, Buffer>
  readonly ids: Database<Buffer, Buffer>
  readonly meta: Database<string, string>
}

export const LOG_FILE = 'log.mdb'

/** Maps the file. A damaged one can end the process: see `embedded-check`. */
export const openTables = (folder: string, options: { readOnly?: boolean } = {}): Tables => {
  // Without overlapping sync a commit is durable when it is visible: no reader sees what a power cut could take back.
  const root = open({
    path: join(folder, LOG_FILE),
    noSubdir: true,
    maxDbs: 8,
    overlappingSync: false,
    readOnly: options.readOnly ?? false,
  })
  const binary = { encoding: 'binary' } as const
  return {
    root,
    log: root.openDB<Buffer, number>('log', binary),
    heads: root.openDB<Buffer, string>('heads', binary),
    index: root.openDB<Buffer, Buffer>('index', { ...binary, keyEncoding: 'binary' }),
    ids: root.openDB<Buffer, Buffer>('ids', { ...binary, keyEncoding: 'binary' }),
    meta: root.openDB<string, string>('meta', { encoding: 'string' }),
  }
}

export const readHead = (tables: Tables, stream: string): Head | undefined => {
  const bytes = tables.heads.get(stream)
  return bytes && decodeHead(bytes)
}

/** The ordinal of an event of a stream, `undefined` when there is no such revision. */
export const readIndex = (tables: Tables, first: number, revision: number): number | undefined =>
  tables.index.get(indexKey(first, revision))?.readUIntBE(0, 6)

/** The ordinal of the newest record, 0 for an empty log. */
export const lastOrdinal = (tables: Tables): number => {
  for (const key of tables.log.getKeys({ reverse: true, limit: 1 })) return key
  return 0
}

/** @throws DamagedRecord */
export const readRecord = (tables: Tables, ordinal: number): Buffer =>
  verifyRecord(ordinal, tables.log.get(ordinal))
