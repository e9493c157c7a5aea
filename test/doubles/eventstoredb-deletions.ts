import { Metadata, status, type sendUnaryData, type ServiceError, type ServerUnaryCall } from '@grpc/grpc-js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { EventStore, StoredEvent } from '../../src/eventstore/port.ts'
import { text } from './eventstoredb-wire.ts'

/**
 * What operators may do to streams behind our back. Deleted: what it held is hidden, and it may begin again, at the next
 * revision. Tombstoned: gone for ever, and so is its name. Either leaves the events in $all until a scavenge.
 */
export type Deletions = {
  delete(stream: string): Promise<void>
  tombstone(stream: string): void
  isTombstoned(stream: string): boolean
  /** The first revision that can still be read. */
  firstOf(stream: string): number
  hides(event: StoredEvent): boolean
}

export const makeDeletions = (store: EventStore): Deletions => {
  const firsts = new Map<string, number>()
  const tombstones = new Set<string>()
  const firstOf = (stream: string): number => firsts.get(stream) ?? 0
  return {
    delete: async stream => {
      for await (const { revision } of store.readStream(stream, { direction: 'backwards', limit: 1 }))
        firsts.set(stream, revision + 1)
    },
    tombstone: stream => void tombstones.add(stream),
    isTombstoned: stream => tombstones.has(stream),
    firstOf,
    hides: ({ stream, revision }) => revision < firstOf(stream),
  }
}

/** As a node answers who asks for a tombstoned stream. */
export const streamDeleted = (stream: string): Partial<ServiceError> => {
  const metadata = new Metadata()
  metadata.set('exception', 'stream-deleted')
  metadata.set('stream-name', stream)
  return { code: status.FAILED_PRECONDITION, details: `Event stream '${stream}' is deleted.`, metadata }
}

export const deleteHandler =
  (deletions: Deletions) =>
  (
    call: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
    answer: sendUnaryData<streams.DeleteResp>,
  ) => {
    const stream = text(call.request.getOptions()!.getStreamIdentifier()!.getStreamName_asU8())
    void deletions.delete(stream).then(() => answer(null, new streams.DeleteResp()))
  }

export const tombstoneHandler =
  (deletions: Deletions) =>
  (
    call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
    answer: sendUnaryData<streams.TombstoneResp>,
  ) => {
    deletions.tombstone(text(call.request.getOptions()!.getStreamIdentifier()!.getStreamName_asU8()))
    answer(null, new streams.TombstoneResp())
  }
