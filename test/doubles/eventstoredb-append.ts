import { setTimeout as delay } from 'node:timers/promises'
import {
  Metadata,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServiceError,
} from '@grpc/grpc-js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import anyPb from 'google-protobuf/google/protobuf/any_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import codePb from '@eventstore/db-client/generated/code_pb.js'
import statusPb from '@eventstore/db-client/generated/status_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import {
  APPEND_BYTES_MAX,
  WrongExpectedRevision,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
} from '../../src/eventstore/port.ts'
import { streamDeleted, type Deletions } from './eventstoredb-deletions.ts'
import type { FaultPlan } from './eventstoredb-faults.ts'
import { proposedBytes, proposedEvent, text, wirePlace } from './eventstoredb-wire.ts'

/** What the handlers need of the server around them. */
export type AppendContext = {
  readonly store: EventStore
  readonly faults: FaultPlan
  readonly deletions: Deletions
  leads(): boolean
  /** Where the leader is said to be. */
  leader(): { readonly host: string; readonly port: number }
  /** Runs for each append that came. */
  asked(by: 'append' | 'batchAppend'): void
  /** Cuts every connection. */
  cut(): void
}

type Outcome = Appended | WrongExpectedRevision | 'too-large' | 'deleted'
type Asked = { stream: string; expected: ExpectedRevision; events: NewEvent[]; bytes: number }

/** A stream that was deleted counts as none, and goes on counting where it was. */
const expectedOf = async ({ store, deletions }: AppendContext, asked: Asked): Promise<ExpectedRevision> => {
  const first = deletions.firstOf(asked.stream)
  if (asked.expected !== 'none' || first === 0) return asked.expected
  for await (const { revision } of store.readStream(asked.stream, { direction: 'backwards', limit: 1 }))
    return revision < first ? revision : 'none'
  return 'none'
}

const append = async (context: AppendContext, asked: Asked): Promise<Outcome> => {
  const { store, faults, deletions } = context
  await faults.gate()
  if (asked.bytes > APPEND_BYTES_MAX) return 'too-large'
  if (deletions.isTombstoned(asked.stream)) return 'deleted'
  const outcome = await store
    .append(asked.stream, await expectedOf(context, asked), asked.events)
    .catch((error: unknown) => {
      if (error instanceof WrongExpectedRevision) return error
      throw error
    })
  if (faults.answerDelayMs() > 0) await delay(faults.answerDelayMs())
  // A server that stalled while it was writing doesn't answer either.
  await faults.gate()
  return outcome
}

/** As a node answers that does not lead: the client reconnects to the address in the trailers. */
export const notLeader = ({ leader }: Pick<AppendContext, 'leader'>): Partial<ServiceError> => {
  const metadata = new Metadata()
  metadata.set('exception', 'not-leader')
  metadata.set('leader-endpoint-host', leader().host)
  metadata.set('leader-endpoint-port', String(leader().port))
  return { code: status.NOT_FOUND, details: 'Leader info available', metadata }
}

const internal = (error: unknown): Partial<ServiceError> => ({
  code: status.INTERNAL,
  details: String(error),
})

type ExpectationOptions = { hasNoStream(): boolean; hasAny(): boolean; hasStreamExists(): boolean }

const expectation = (options: ExpectationOptions, revision: () => string): ExpectedRevision => {
  if (options.hasStreamExists()) throw new Error('this double knows no stream_exists')
  if (options.hasNoStream()) return 'none'
  return options.hasAny() ? 'any' : Number(revision())
}

// ── Append: one call for one append ──

const unaryAnswer = (store: EventStore, outcome: Appended | WrongExpectedRevision): streams.AppendResp => {
  const answer = new streams.AppendResp()
  if (outcome instanceof WrongExpectedRevision) {
    const wrong = new streams.AppendResp.WrongExpectedVersion()
    if (outcome.actual >= 0) wrong.setCurrentRevision(String(outcome.actual))
    else wrong.setCurrentNoStream(new shared.Empty())
    if (outcome.expected === 'none') wrong.setExpectedNoStream(new shared.Empty())
    else if (outcome.expected === 'any') wrong.setExpectedAny(new shared.Empty())
    else wrong.setExpectedRevision(String(outcome.expected))
    answer.setWrongExpectedVersion(wrong)
    return answer
  }
  const place = wirePlace(store.epoch, outcome.position)
  const position = new streams.AppendResp.Position()
  position.setCommitPosition(place.commit)
  position.setPreparePosition(place.prepare)
  const success = new streams.AppendResp.Success()
  success.setCurrentRevision(String(outcome.revision))
  success.setPosition(position)
  answer.setSuccess(success)
  return answer
}

const tooLarge = (): Partial<ServiceError> => {
  const metadata = new Metadata()
  metadata.set('exception', 'maximum-append-size-exceeded')
  metadata.set('maximum-append-size', String(APPEND_BYTES_MAX))
  return { code: status.INVALID_ARGUMENT, details: 'Maximum Append Size Exceeded', metadata }
}

type UnaryCall = ServerReadableStream<streams.AppendReq, streams.AppendResp>

export const appendHandler =
  (context: AppendContext) =>
  (call: UnaryCall, answer: sendUnaryData<streams.AppendResp>): void => {
    const asked: Asked = { stream: '', expected: 'any', events: [], bytes: 0 }
    const finish = async (): Promise<void> => {
      context.asked('append')
      if (context.faults.takeDenial() || !context.leads()) return answer(notLeader(context))
      const outcome = await append(context, asked)
      if (context.faults.takeLostAnswer()) return context.cut()
      if (outcome === 'too-large') answer(tooLarge())
      else if (outcome === 'deleted') answer(streamDeleted(asked.stream))
      else answer(null, unaryAnswer(context.store, outcome))
    }
    call.on('data', (request: streams.AppendReq) => {
      const options = request.getOptions()
      if (options) {
        asked.stream = text(options.getStreamIdentifier()!.getStreamName_asU8())
        asked.expected = expectation(options, () => options.getRevision())
        return
      }
      asked.events.push(proposedEvent(request.getProposedMessage()!))
      asked.bytes += proposedBytes(request.getProposedMessage()!)
    })
    call.on('end', () => void finish().catch((error: unknown) => answer(internal(error))))
  }

// ── BatchAppend: many appends in one long call, answered by correlation id ──

const packed = (name: string, message: { serializeBinary(): Uint8Array }): statusPb.Status => {
  const details = new anyPb.Any()
  details.pack(message.serializeBinary(), `event_store.client.${name}`)
  const error = new statusPb.Status()
  error.setCode(codePb.Code.UNKNOWN)
  error.setMessage(name)
  error.setDetails(details)
  return error
}

const wrongVersion = ({ actual, expected }: WrongExpectedRevision): statusPb.Status => {
  const wrong = new shared.WrongExpectedVersion()
  if (actual >= 0) wrong.setCurrentStreamRevision(String(actual))
  else wrong.setCurrentNoStream(new empty.Empty())
  if (expected === 'none') wrong.setExpectedNoStream(new empty.Empty())
  else if (expected === 'any') wrong.setExpectedAny(new empty.Empty())
  else wrong.setExpectedStreamPosition(String(expected))
  return packed('WrongExpectedVersion', wrong)
}

const sizeExceeded = (): statusPb.Status => {
  const exceeded = new shared.MaximumAppendSizeExceeded()
  exceeded.setMaxappendsize(APPEND_BYTES_MAX)
  return packed('MaximumAppendSizeExceeded', exceeded)
}

const batchAnswer = (
  store: EventStore,
  request: streams.BatchAppendReq,
  stream: shared.StreamIdentifier,
  outcome: Outcome,
) => {
  const answer = new streams.BatchAppendResp()
  answer.setCorrelationId(request.getCorrelationId())
  answer.setStreamIdentifier(stream)
  if (outcome === 'too-large') answer.setError(sizeExceeded())
  else if (outcome === 'deleted') answer.setError(packed('StreamDeleted', new shared.StreamDeleted()))
  else if (outcome instanceof WrongExpectedRevision) answer.setError(wrongVersion(outcome))
  else {
    const place = wirePlace(store.epoch, outcome.position)
    const position = new shared.AllStreamPosition()
    position.setCommitPosition(place.commit)
    position.setPreparePosition(place.prepare)
    const success = new streams.BatchAppendResp.Success()
    success.setCurrentRevision(String(outcome.revision))
    success.setPosition(position)
    answer.setSuccess(success)
  }
  return answer
}

type BatchCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>
type Collected = { options: streams.BatchAppendReq.Options; events: NewEvent[]; bytes: number }

export const batchAppendHandler =
  (context: AppendContext) =>
  (call: BatchCall): void => {
    const open = new Map<string, Collected>()
    const finish = async (
      request: streams.BatchAppendReq,
      { options, events, bytes }: Collected,
    ): Promise<void> => {
      context.asked('batchAppend')
      if (context.faults.takeDenial() || !context.leads()) return void call.emit('error', notLeader(context))
      const identifier = options.getStreamIdentifier()!
      const stream = text(identifier.getStreamName_asU8())
      const expected = expectation(options, () => options.getStreamPosition())
      const outcome = await append(context, { stream, expected, events, bytes })
      if (context.faults.takeLostAnswer()) return context.cut()
      if (!call.cancelled) call.write(batchAnswer(context.store, request, identifier, outcome))
    }
    call.on('data', (request: streams.BatchAppendReq) => {
      const id = request.getCorrelationId()!.getString()
      const collected = open.get(id) ?? { options: request.getOptions()!, events: [], bytes: 0 }
      open.set(id, collected)
      collected.events.push(...request.getProposedMessagesList().map(proposedEvent))
      for (const message of request.getProposedMessagesList()) collected.bytes += proposedBytes(message)
      if (!request.getIsFinal()) return
      open.delete(id)
      finish(request, collected).catch((error: unknown) => void call.emit('error', internal(error)))
    })
    call.on('end', () => call.end())
    call.on('error', () => open.clear())
  }
