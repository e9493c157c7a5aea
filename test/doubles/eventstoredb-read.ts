import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { ServerWritableStream } from '@grpc/grpc-js'
import type streams from '@eventstore/db-client/generated/streams_pb.js'
import type { EventStore, Position, StoredEvent } from '../../src/eventstore/port.ts'
import { notLeader, type AppendContext } from './eventstoredb-append.ts'
import { streamDeleted, type Deletions } from './eventstoredb-deletions.ts'
import type { FaultPlan } from './eventstoredb-faults.ts'
import {
  atOrAfter,
  atOrBefore,
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  notFoundMessage,
  text,
} from './eventstoredb-wire.ts'

type Call = ServerWritableStream<streams.ReadReq, streams.ReadResp>
type Options = streams.ReadReq.Options

/** What reading needs of the server around it. */
export type ReadContext = Pick<AppendContext, 'leads' | 'leader'> & {
  readonly store: EventStore
  readonly deletions: Deletions
  readonly faults: FaultPlan
  /** Where a node that follows has got to; `null`: as far as the leader. */
  behindAt(): Position | null
  /** Runs for each event that goes to a subscriber. */
  sent(): void
}

/** Events that don't match between two checkpoints, for each unit of the client's checkpoint interval. */
const CHECKPOINT_EVENTS = 32
const BACKWARDS = 1

const matcher = (options: Options): ((event: StoredEvent) => boolean) => {
  const filter = options.getFilter()
  if (!filter) return () => true
  const byStream = filter.hasStreamIdentifier()
  const expression = (byStream ? filter.getStreamIdentifier() : filter.getEventType())!
  const regex = expression.getRegex() ? new RegExp(expression.getRegex()) : null
  const prefixes = expression.getPrefixList()
  return event => {
    const name = byStream ? event.stream : event.type
    return regex ? regex.test(name) : prefixes.some(prefix => name.startsWith(prefix))
  }
}

/** Writes with the back-pressure of the reader; false once the reader is gone. */
const writer =
  (call: Call, gone: AbortSignal) =>
  async (message: streams.ReadResp): Promise<boolean> => {
    if (!call.write(message) && !gone.aborted) await once(call, 'drain', { signal: gone }).catch(() => null)
    return !gone.aborted
  }

const streamOf = (options: Options): string | null =>
  options.hasStream() ? text(options.getStream()!.getStreamIdentifier()!.getStreamName_asU8()) : null

/** Revisions and positions are inclusive for a read; only a position of $all that is read backwards is exclusive. */
const readEvents = (store: EventStore, options: Options): AsyncIterable<StoredEvent> => {
  const backwards = options.getReadDirection() === BACKWARDS
  const direction = backwards ? 'backwards' : 'forwards'
  const stream = streamOf(options)
  if (stream !== null) {
    const from = options.getStream()!.hasRevision() ? Number(options.getStream()!.getRevision()) : undefined
    return store.readStream(stream, { direction, ...(from === undefined ? {} : { from }) })
  }
  const all = options.getAll()!
  if (!all.hasPosition()) return store.readAll({ direction })
  const commit = all.getPosition()!.getCommitPosition()
  const before = String(BigInt(commit) - 1n)
  const after = backwards ? atOrAfter(store.epoch, commit) : atOrBefore(store.epoch, before)
  return store.readAll({ direction, after })
}

const exists = async (store: EventStore, deletions: Deletions, stream: string): Promise<boolean> => {
  for await (const event of store.readStream(stream, { direction: 'backwards', limit: 1 }))
    return !deletions.hides(event)
  return false
}

const read = async (context: ReadContext, call: Call, gone: AbortSignal): Promise<void> => {
  const { store, deletions } = context
  const behindAt = context.leads() ? null : context.behindAt()
  const options = call.request.getOptions()!
  const write = writer(call, gone)
  const stream = streamOf(options)
  if (stream !== null && deletions.isTombstoned(stream)) return void call.emit('error', streamDeleted(stream))
  if (stream !== null && !(await exists(store, deletions, stream))) await write(notFoundMessage(stream))
  const matches = matcher(options)
  let left = BigInt(options.getCount())
  for await (const event of readEvents(store, options)) {
    if (left === 0n || gone.aborted) break
    if (behindAt !== null && event.position > behindAt) continue
    if (!matches(event) || (stream !== null && deletions.hides(event))) continue
    left--
    await write(eventMessage(store.epoch, event))
  }
  if (!gone.aborted) call.end()
}

const startOf = (store: EventStore, options: Options): Position | null | 'end' => {
  const all = options.getAll()!
  if (all.hasPosition()) return atOrBefore(store.epoch, all.getPosition()!.getCommitPosition())
  return all.hasEnd() ? 'end' : null
}

const subscribe = async ({ store, sent }: ReadContext, call: Call, gone: AbortSignal): Promise<void> => {
  const options = call.request.getOptions()!
  const write = writer(call, gone)
  const matches = matcher(options)
  const every = CHECKPOINT_EVENTS * (options.getFilter()?.getCheckpointintervalmultiplier() ?? Infinity)
  let unmatched = 0
  await write(confirmationMessage(randomUUID()))
  for await (const item of store.subscribe({ after: startOf(store, options) }, gone)) {
    if (item.kind === 'caughtUp') await write(caughtUpMessage())
    if (item.kind !== 'event') continue
    if (matches(item.event)) {
      sent()
      await write(eventMessage(store.epoch, item.event))
    } else if (++unmatched % every === 0) await write(checkpointMessage(store.epoch, item.event.position))
  }
}

/** The one call behind reads and subscriptions. */
export const readHandler =
  (context: ReadContext) =>
  (call: Call): void => {
    const gone = new AbortController()
    call.on('cancelled', () => gone.abort())
    call.on('error', () => gone.abort())
    const serve = call.request.getOptions()!.hasSubscription() ? subscribe : read
    if (call.metadata.get('requires-leader').includes('true') && !context.leads())
      return void call.emit('error', notLeader(context))
    context.faults
      .gate()
      .then(() => serve(context, call, gone.signal))
      .catch((error: unknown) => {
        if (!gone.signal.aborted) call.destroy(error instanceof Error ? error : new Error(String(error)))
      })
  }
