import shared from '@eventstore/db-client/generated/shared_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { JsonObject, NewEvent, Position, StoredEvent } from '../../src/eventstore/port.ts'
import { makePosition, parsePosition } from '../../src/eventstore/position.ts'

/**
 * Between the store's events and the messages of the protocol. Positions on the wire start beyond 2^53 and leave gaps,
 * as those of a real server do: whoever puts one into a JavaScript number, or adds one to it, is found out.
 */

const FIRST_POSITION = 2n ** 53n + 11n
const POSITION_STEP = 1009n

export type WirePlace = { readonly commit: string; readonly prepare: string }

/** The place on the wire of a position of the backing store. */
export const wirePlace = (epoch: string, position: Position): WirePlace => {
  const commit = FIRST_POSITION + parsePosition(epoch, position).commit * POSITION_STEP
  return { commit: String(commit), prepare: String(commit - 5n) }
}

const positionOf = (epoch: string, ordinal: bigint): Position =>
  makePosition(epoch, { commit: ordinal > 0n ? ordinal : 0n, prepare: ordinal > 0n ? ordinal : 0n })

/** The newest position of the backing store that is not after a commit position on the wire. */
export const atOrBefore = (epoch: string, commit: string): Position => {
  const distance = BigInt(commit) - FIRST_POSITION
  return positionOf(epoch, distance < 0n ? 0n : distance / POSITION_STEP)
}

/** The oldest position of the backing store that is not before a commit position on the wire. */
export const atOrAfter = (epoch: string, commit: string): Position => {
  const distance = BigInt(commit) - FIRST_POSITION
  return positionOf(epoch, distance < 0n ? 0n : (distance + POSITION_STEP - 1n) / POSITION_STEP)
}

export const text = (bytes: Uint8Array | string): string =>
  typeof bytes === 'string'
    ? Buffer.from(bytes, 'base64').toString('utf8')
    : Buffer.from(bytes).toString('utf8')

export const streamIdentifier = (stream: string): shared.StreamIdentifier => {
  const identifier = new shared.StreamIdentifier()
  identifier.setStreamName(Buffer.from(stream))
  return identifier
}

type Proposed = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage

const parsed = (bytes: Uint8Array): JsonObject =>
  bytes.length === 0 ? {} : (JSON.parse(text(bytes)) as JsonObject)

export const proposedEvent = (message: Proposed): NewEvent => ({
  id: message.getId()!.getString(),
  type: message.getMetadataMap().get('type')!,
  data: parsed(message.getData_asU8()),
  metadata: parsed(message.getCustomMetadata_asU8()),
})

/** Bytes as the real server counts them against its limit. */
export const proposedBytes = (message: Proposed): number =>
  message.getData_asU8().length +
  message.getCustomMetadata_asU8().length +
  2 * (message.getMetadataMap().get('type') ?? '').length

const TICKS_PER_MS = 10_000n

const recorded = (epoch: string, event: StoredEvent): streams.ReadResp.ReadEvent.RecordedEvent => {
  const message = new streams.ReadResp.ReadEvent.RecordedEvent()
  const id = new shared.UUID()
  id.setString(event.id)
  const place = wirePlace(epoch, event.position)
  message.setId(id)
  message.setStreamIdentifier(streamIdentifier(event.stream))
  message.setStreamRevision(String(event.revision))
  message.setCommitPosition(place.commit)
  message.setPreparePosition(place.prepare)
  message.getMetadataMap().set('type', event.type)
  message.getMetadataMap().set('content-type', 'application/json')
  message.getMetadataMap().set('created', String(BigInt(event.created) * TICKS_PER_MS))
  message.setData(Buffer.from(JSON.stringify(event.data)))
  message.setCustomMetadata(Buffer.from(JSON.stringify(event.metadata)))
  return message
}

export const eventMessage = (epoch: string, event: StoredEvent): streams.ReadResp => {
  const read = new streams.ReadResp.ReadEvent()
  read.setEvent(recorded(epoch, event))
  read.setCommitPosition(wirePlace(epoch, event.position).commit)
  const message = new streams.ReadResp()
  message.setEvent(read)
  return message
}

export const checkpointMessage = (epoch: string, position: Position): streams.ReadResp => {
  const checkpoint = new streams.ReadResp.Checkpoint()
  const place = wirePlace(epoch, position)
  checkpoint.setCommitPosition(place.commit)
  checkpoint.setPreparePosition(place.prepare)
  const message = new streams.ReadResp()
  message.setCheckpoint(checkpoint)
  return message
}

export const confirmationMessage = (subscriptionId: string): streams.ReadResp => {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation()
  confirmation.setSubscriptionId(subscriptionId)
  const message = new streams.ReadResp()
  message.setConfirmation(confirmation)
  return message
}

export const caughtUpMessage = (): streams.ReadResp => {
  const message = new streams.ReadResp()
  message.setCaughtUp(new streams.ReadResp.CaughtUp())
  return message
}

export const notFoundMessage = (stream: string): streams.ReadResp => {
  const notFound = new streams.ReadResp.StreamNotFound()
  notFound.setStreamIdentifier(streamIdentifier(stream))
  const message = new streams.ReadResp()
  message.setStreamNotFound(notFound)
  return message
}
