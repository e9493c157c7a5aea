import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog, type Log } from '../shared/log.ts'
import { checkAppend, refuseSystemNames } from './append-check.ts'
import { checkInChild, StoreDamaged } from './embedded-check.ts'
import { makeCommitter } from './embedded-committer.ts'
import { lockFolder } from './embedded-lock.ts'
import { readAll, readStream, type Readable } from './embedded-reader.ts'
import { beginAnew, findStore, markBackup, markClosed, markOpen, type Found } from './embedded-state.ts'
import { follow } from './embedded-subscription.ts'
import { LOG_FILE, openTables, type Tables } from './embedded-tables.ts'
import { StoreUnavailable, type EventStore } from './port.ts'
import { isEpoch, ordinalPosition } from './position.ts'

export type EmbeddedOptions = {
  /** Made when it is missing. One process at a time. */
  readonly folder: string
  readonly log?: Log
  readonly now?: () => number
  /** How long a check at the start may take: seconds after an unclean stop, minutes for a big log from elsewhere. */
  readonly checkSecondsMax?: number
  /** Takes names that start with `$` too: for a server that stands in for EventStoreDB. */
  readonly systemNames?: boolean
}

/** The embedded store can also copy itself while it works. */
export type EmbeddedStore = EventStore & {
  /** Writes a compact copy, as of now, into a folder that an embedded store can be opened on (with a new epoch). */
  backup(folder: string): Promise<void>
}

const CHECK_SECONDS_MAX = 600
const READER_CHECK_MS = 60_000

/**
 * The event store inside this process: ordered, durable, for one process.
 * @throws StoreLocked when another process has the folder, StoreDamaged when the log is not whole.
 */
export const openEmbeddedStore = async (options: EmbeddedOptions): Promise<EmbeddedStore> => {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(options.folder)
  try {
    const found = await findStore(options.folder)
    await checkBeforeMapping(options, found)
    if (found === 'new') await beginAnew(options.folder)
    const tables = openTables(options.folder)
    // What follows a backup is another history than what followed the original: old positions must not fit it.
    const epoch = await ensureEpoch(tables, found === 'backup')
    await markOpen(options.folder)
    return serve(options, tables, epoch, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

const checkBeforeMapping = async (
  { folder, log = silentLog, checkSecondsMax = CHECK_SECONDS_MAX }: EmbeddedOptions,
  found: Found,
): Promise<void> => {
  if (found === 'lost') throw new StoreDamaged(folder, `${LOG_FILE} is missing`)
  if (found === 'new' || found === 'clean') return
  const report = await checkInChild(folder, checkSecondsMax, found !== 'unclean')
  log.warn({ folder, found, ...report }, 'the event log was not closed in order; it was checked and is whole')
}

const ensureEpoch = async (tables: Tables, anew: boolean): Promise<string> => {
  const known = tables.meta.get('epoch')
  if (!anew && known !== undefined && isEpoch(known)) return known
  const epoch = randomBytes(4).toString('hex')
  await tables.meta.put('epoch', epoch)
  await tables.root.flushed
  return epoch
}

const serve = (
  { folder, now = Date.now, systemNames = false }: EmbeddedOptions,
  tables: Tables,
  epoch: string,
  unlock: () => Promise<void>,
): EmbeddedStore => {
  const committer = makeCommitter(tables, epoch, now)
  const closing = new AbortController()
  const assertOpen = (): void => {
    if (closing.signal.aborted) throw new StoreUnavailable('the embedded store is closed')
  }
  const readable: Readable = { tables, epoch, last: committer.last, recent: committer.recent, assertOpen }
  const bell = { onRing: committer.onCommit }
  // A reader in another process (a backup) that was killed would keep the file growing for as long as we run.
  const forgetDeadReaders = setInterval(() => tables.root.readerCheck(), READER_CHECK_MS).unref()
  let closed: Promise<void> | null = null

  const close = async (): Promise<void> => {
    clearInterval(forgetDeadReaders)
    await committer.close()
    closing.abort()
    await tables.root.close()
    // Whoever opens it next looks at what a write that failed left, or at what somebody else has written here.
    if (!committer.broken()) await markClosed(folder)
    await unlock()
  }

  return {
    name: 'embedded',
    epoch,
    shared: false,
    append: async (stream, expected, events) => {
      if (!systemNames) refuseSystemNames(stream, events)
      return committer.append({ stream, expected, texts: checkAppend(stream, events) })
    },
    readStream: (stream, options) => readStream(readable, stream, options),
    readAll: options => readAll(readable, options),
    subscribe: (options, signal) =>
      follow(readable, bell, options, AbortSignal.any([signal, closing.signal])),
    head: async () => {
      assertOpen()
      return committer.last() === 0 ? null : ordinalPosition(epoch, committer.last())
    },
    fault: () => committer.broken(),
    close: () => (closed ??= close()),
    backup: async target => {
      assertOpen()
      await mkdir(target, { recursive: true, mode: 0o700 })
      await tables.root.backup(join(target, LOG_FILE), true)
      await markBackup(target)
    },
  }
}
