import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client'
import { SYSTEM_COMPANY } from '../shared/ids.ts'
import { isSystemName } from './append-check.ts'
import { makePosition, type Place } from './position.ts'
import type { JsonObject, Position, StoredEvent } from './port.ts'

/** The stream whose first event holds the epoch of the store. No reader of the port ever sees it. */
export const EPOCH_STREAM = `store-${SYSTEM_COMPANY}.epoch`

type Recorded = ResolvedEvent | AllStreamResolvedEvent

/** Where an event of the client stands. @throws Error when the server does not say (before 22.6). */
export const placeOfEvent = (resolved: Recorded): Place => {
  const event = (resolved.event ?? resolved.link) as { position?: Place } | undefined
  if (!event?.position) throw new Error('the server gives no position: EventStoreDB 23.10 or newer is needed')
  return event.position
}

/** EventStoreDB's own streams and ours about the store. */
export const isHiddenStream = (stream: string): boolean => isSystemName(stream) || stream === EPOCH_STREAM

/** Whether an event is the application's: not EventStoreDB's own and not ours about the store. */
export const isVisible = ({ event }: Recorded): boolean =>
  event !== undefined && !isHiddenStream(event.streamId) && !isSystemName(event.type)

export const toStoredEvent = (epoch: string, resolved: Recorded): StoredEvent => {
  const event = resolved.event!
  return {
    id: event.id,
    type: event.type,
    data: event.data as JsonObject,
    metadata: (event.metadata ?? {}) as JsonObject,
    stream: event.streamId,
    revision: Number(event.revision),
    position: positionOfEvent(epoch, resolved),
    created: event.created.getTime(),
  }
}

export const positionOfEvent = (epoch: string, resolved: Recorded): Position =>
  makePosition(epoch, placeOfEvent(resolved))
