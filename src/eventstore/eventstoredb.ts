import { randomBytes } from 'node:crypto'
import type { Log } from '../shared/log.ts'
import { derivedId } from '../shared/ids.ts'
import { bytesOf, checkAppend, refuseSystemNames } from './append-check.ts'
import { makeAppender, type Appender } from './eventstoredb-appender.ts'
import { connect } from './eventstoredb-connection.ts'
import { EPOCH_STREAM } from './eventstoredb-events.ts'
import { newestPlace, rawStream, readAll, readStream, type Reading } from './eventstoredb-reader.ts'
import { follow } from './eventstoredb-subscription.ts'
import { StoreUnavailable, WrongExpectedRevision, type EventStore } from './port.ts'
import { isEpoch, makePosition } from './position.ts'

export type EventStoreDbOptions = {
  /** `esdb://…` or `esdb+discover://…`, as EventStoreDB documents it. */
  readonly connectionString: string
  readonly log: Log
  /** How long an append, or the next event of a read, may take. */
  readonly deadlineMs?: number
}

const DEADLINE_MS = 10_000

const storedEpoch = async (reading: Reading): Promise<string | null> => {
  for await (const { event } of rawStream(reading, EPOCH_STREAM, { limit: 1 })) {
    const epoch = (event?.data as { epoch?: unknown } | undefined)?.epoch
    if (typeof epoch !== 'string' || !isEpoch(epoch)) throw new Error(`${EPOCH_STREAM} holds no epoch`)
    return epoch
  }
  return null
}

/** Many processes may open a new store at once: one of them makes the epoch, all read the same. */
const ensureEpoch = async (reading: Reading, appender: Appender): Promise<string> => {
  const known = await storedEpoch(reading)
  if (known) return known
  const epoch = randomBytes(4).toString('hex')
  const created = {
    id: derivedId('store.created', epoch),
    type: 'store.created',
    data: { epoch },
    metadata: {},
  }
  try {
    await appender.append(EPOCH_STREAM, 'none', [created])
    return epoch
  } catch (error) {
    const theirs = error instanceof WrongExpectedRevision ? await storedEpoch(reading) : null
    if (theirs) return theirs
    throw error
  }
}

/**
 * The event store on EventStoreDB (or KurrentDB) 23.10 and newer, which many processes may share.
 * @throws StoreUnavailable when the server does not answer.
 */
export const openEventStoreDb = async (options: EventStoreDbOptions): Promise<EventStore> => {
  const { connectionString, log, deadlineMs = DEADLINE_MS } = options
  const connection = connect(connectionString, log)
  const reading: Reading = { client: connection.client, deadlineMs }
  let epoch = '00000000'
  const appender = makeAppender({ connectionString, log, deadlineMs, reading, epoch: () => epoch })
  const closing = new AbortController()
  const disconnect = async (): Promise<void> => {
    closing.abort()
    await Promise.all([appender.close(), connection.close()])
  }
  try {
    epoch = await ensureEpoch(reading, appender)
  } catch (error) {
    await disconnect()
    throw error
  }
  let closed: Promise<void> | null = null
  const assertOpen = (): void => {
    if (closing.signal.aborted) throw new StoreUnavailable('the event store is closed')
  }

  return {
    name: 'eventstoredb',
    epoch,
    shared: true,
    append: async (stream, expected, events) => {
      assertOpen()
      refuseSystemNames(stream, events)
      return appender.append(stream, expected, events, bytesOf(checkAppend(stream, events)))
    },
    readStream: (stream, read) => {
      assertOpen()
      return readStream(reading, epoch, stream, read)
    },
    readAll: read => {
      assertOpen()
      return readAll(reading, epoch, read)
    },
    subscribe: (subscription, signal) =>
      follow({ ...reading, epoch, log }, subscription, AbortSignal.any([signal, closing.signal])),
    head: async () => {
      assertOpen()
      const place = await newestPlace(reading)
      return place && makePosition(epoch, place)
    },
    close: () => (closed ??= disconnect()),
  }
}
