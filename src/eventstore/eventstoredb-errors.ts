import {
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client'
import { setTimeout as delay } from 'node:timers/promises'
import { AppendTooLarge, StoreUnavailable, StreamDeleted } from './port.ts'

/**
 * The client throws its own errors, and in an outage raw gRPC errors without a `type`. Whatever is not an answer of the
 * server about this very request means the same to a caller: nobody knows what happened, ask again.
 */
export const asPortError = (error: unknown, doing: string): Error => {
  if (error instanceof StoreUnavailable || error instanceof AppendTooLarge) return error
  if (error instanceof MaxAppendSizeExceededError) return new AppendTooLarge(`${doing}: ${error.message}`)
  if (error instanceof StreamDeletedError) return new StreamDeleted(error.streamName ?? doing)
  const why = error instanceof Error ? error.message : String(error)
  return new StoreUnavailable(`${doing}: ${why}`, { cause: error })
}

export const isStreamNotFound = (error: unknown): boolean => error instanceof StreamNotFoundError

/** The revision at which the server says the stream is, or `null` when the error is another one. */
export const actualRevision = (error: unknown): number | null => {
  if (!(error instanceof WrongExpectedVersionError)) return null
  return typeof error.actualVersion === 'bigint' ? Number(error.actualVersion) : -1
}

const LEADER_TRIES_MAX = 3
/** By then the client has turned to the node that it was told of. */
const LEADER_AGAIN_MS = 50

/** Whether what was asked for the `tries`th time did not meet the leader, and may be asked again now. */
export const leaderMoved = async (error: unknown, tries: number): Promise<boolean> => {
  if (!(error instanceof NotLeaderError) || tries >= LEADER_TRIES_MAX) return false
  await delay(LEADER_AGAIN_MS)
  return true
}
