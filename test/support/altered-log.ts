import {
  decodeRecord,
  encodeRecord,
  recordPrevious,
  recordSkip,
} from '../../src/eventstore/embedded-record.ts'
import { lastOrdinal, openTables, readRecord, type Tables } from '../../src/eventstore/embedded-tables.ts'
import type { StoredEvent } from '../../src/eventstore/port.ts'

/** Where a fact lies in the file of an embedded log. */
export const ordinalOf = (tables: Tables, stream: string, revision: number): number => {
  for (let ordinal = 1; ordinal <= lastOrdinal(tables); ordinal++) {
    const event = decodeRecord('00000000', ordinal, readRecord(tables, ordinal))
    if (event.stream === stream && event.revision === revision) return ordinal
  }
  throw new Error(`no ${stream}@${revision}`)
}

/** What somebody with the file and the source code can do to a record: another one in its place, with the right checksum. */
export const rewrite = (
  tables: Tables,
  ordinal: number,
  change: (event: StoredEvent) => Partial<StoredEvent>,
): void => {
  const bytes = readRecord(tables, ordinal)
  const before = decodeRecord('00000000', ordinal, bytes)
  const event = { ...before, ...change(before) }
  const fields = { ordinal, stream: event.stream, revision: event.revision, created: event.created }
  const links = { previous: recordPrevious(bytes), skip: recordSkip(bytes) }
  const text = { event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) }
  void tables.log.put(ordinal, encodeRecord({ ...fields, ...links }, text))
}

/** Does it to the log in a folder that nobody has open. */
export const rewriteIn = async (
  folder: string,
  stream: string,
  revision: number,
  change: (event: StoredEvent) => Partial<StoredEvent>,
): Promise<void> => {
  const tables = openTables(folder)
  rewrite(tables, ordinalOf(tables, stream, revision), change)
  await tables.root.flushed
  await tables.root.close()
}
