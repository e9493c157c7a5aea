import { open, type Database, type RootDatabase } from 'lmdb'
import { join } from 'node:path'
import { decodeHead, type Head } from './embedded-head.ts'
import { verifyRecord } from './embedded-record.ts'

/**
 * The tables of the embedded store, all in one lmdb file and so written in one transaction:
 *
 *   log      ordinal                  → record            every event, in order, without gaps, from 1
 *   heads    stream name              → head              where a stream ends and how to find its older events
 *   ids      first ordinal + event id → revision          only of appends without expectation: their repetition can't
 *                                                         be recognised by the revision
 *   meta     'epoch'                  → text
 *
 * There is no table from stream and revision to ordinal: it would dirty one more page for nearly every event of a
 * commit, which halves the rate of durable appends. The records themselves are the index.
 */

/** Streams are named by their first ordinal here: unique without a counter, and six bytes instead of a long name. */
export const idKey = (first: number, eventId: string): Buffer => {
  const bytes = Buffer.allocUnsafe(22)
  bytes.writeUIntBE(first, 0, 6)
  bytes.write(eventId.replaceAll('-', ''), 6, 'hex')
  return bytes
}

/** A revision as the id table keeps it. */
export const encodeNumber = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeUIntBE(value, 0, 6)
  return bytes
}

export type Tables = {
  readonly root: RootDatabase
  readonly log: Database<Buffer, number>
  readonly heads: Database<Buffer, string>
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
    ids: root.openDB<Buffer, Buffer>('ids', { ...binary, keyEncoding: 'binary' }),
    meta: root.openDB<string, string>('meta', { encoding: 'string' }),
  }
}

export const readHead = (tables: Tables, stream: string): Head | undefined => {
  const bytes = tables.heads.get(stream)
  return bytes && decodeHead(bytes)
}

/** The ordinal of the newest record, 0 for an empty log. */
export const lastOrdinal = (tables: Tables): number => {
  for (const key of tables.log.getKeys({ reverse: true, limit: 1 })) return key
  return 0
}

/** @throws DamagedRecord */
export const readRecord = (tables: Tables, ordinal: number): Buffer =>
  verifyRecord(ordinal, tables.log.get(ordinal))
