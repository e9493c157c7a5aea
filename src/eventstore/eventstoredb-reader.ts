import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type ResolvedEvent,
} from '@eventstore/db-client'
import { asPortError, isStreamNotFound, leaderMoved } from './eventstoredb-errors.ts'
import { isHiddenStream, isVisible, placeOfEvent, toStoredEvent } from './eventstoredb-events.ts'
import { pullFrom } from './eventstoredb-pull.ts'
import { parsePosition, type Place } from './position.ts'
import type { ReadAllOptions, ReadStreamOptions, StoredEvent } from './port.ts'

/** What reading needs of the connection. */
export type Reading = { readonly client: EventStoreDBClient; readonly deadlineMs: number }

type ClientRead = Parameters<typeof pullFrom>[0]

/**
 * Every object of a read; each has `deadlineMs` to come. Whoever led when the connection was made may have been voted out,
 * and says so before the first of them: then it is asked of the next.
 */
async function* objects<T>(read: () => ClientRead, deadlineMs: number, doing: string): AsyncGenerator<T> {
  let [tries, came] = [0, 0]
  for (let again = true; again;) {
    const pull = pullFrom<T>(read())
    again = false
    tries++
    try {
      for (let next = await pull.next(deadlineMs); next; next = await pull.next(deadlineMs)) {
        came++
        if ('item' in next) yield next.item
      }
    } catch (error) {
      if (isStreamNotFound(error)) return
      again = came === 0 && (await leaderMoved(error, tries))
      if (!again) throw asPortError(error, doing)
    } finally {
      pull.close()
    }
  }
}

/** The events of a stream as the client gives them; none for a stream that does not exist. */
export const rawStream = (
  { client, deadlineMs }: Reading,
  stream: string,
  { from, direction = 'forwards', limit }: ReadStreamOptions = {},
): AsyncGenerator<ResolvedEvent> => {
  const read = () =>
    client.readStream(stream, {
      direction: direction === 'forwards' ? FORWARDS : BACKWARDS,
      fromRevision: from === undefined ? (direction === 'forwards' ? START : END) : BigInt(from),
      requiresLeader: true,
      ...(limit === undefined || limit === Infinity ? {} : { maxCount: limit }),
    })
  return objects<ResolvedEvent>(read, deadlineMs, `reading ${stream}`)
}

export async function* readStream(
  reading: Reading,
  epoch: string,
  stream: string,
  options: ReadStreamOptions = {},
): AsyncGenerator<StoredEvent> {
  const { from = 0, direction = 'forwards', limit = 1 } = options
  if (limit < 1 || (from < 0 && direction === 'backwards') || isHiddenStream(stream)) return
  for await (const resolved of rawStream(reading, stream, options)) yield toStoredEvent(epoch, resolved)
}

const isAfter = (a: Place, b: Place): boolean =>
  a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare)

/** The place of the newest event of all, EventStoreDB's own included. */
export const newestPlace = async ({ client, deadlineMs }: Reading): Promise<Place | null> => {
  const read = () =>
    client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1, requiresLeader: true })
  for await (const resolved of objects<AllStreamResolvedEvent>(read, deadlineMs, 'reading the head'))
    return placeOfEvent(resolved)
  return null
}

export async function* readAll(
  { client, deadlineMs }: Reading,
  epoch: string,
  { after, direction = 'forwards', limit = Infinity, streamPrefixes }: ReadAllOptions = {},
): AsyncGenerator<StoredEvent> {
  if (limit < 1) return
  const forwards = direction === 'forwards'
  const place = after === undefined ? null : parsePosition(epoch, after)
  const read = () =>
    client.readAll({
      direction: forwards ? FORWARDS : BACKWARDS,
      fromPosition: place ?? (forwards ? START : END),
      requiresLeader: true,
    })
  let left = limit
  for await (const resolved of objects<AllStreamResolvedEvent>(read, deadlineMs, 'reading all')) {
    if (!isVisible(resolved)) continue
    // The server counts a position in for a read forwards; ours is exclusive both ways.
    const at = placeOfEvent(resolved)
    if (place && !(forwards ? isAfter(at, place) : isAfter(place, at))) continue
    const event = toStoredEvent(epoch, resolved)
    if (streamPrefixes && !streamPrefixes.some(prefix => event.stream.startsWith(prefix))) continue
    yield event
    if (--left === 0) return
  }
}
