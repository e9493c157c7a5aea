import { isId } from '../shared/ids.ts'
import { textOf } from './json-text.ts'
import { APPEND_BYTES_MAX, AppendTooLarge, FACT_BYTES_MAX, type NewEvent } from './port.ts'

/** The longest stream name, in bytes: it is a key of the embedded store. */
export const STREAM_NAME_BYTES_MAX = 512

/** Appends that may wait at a store for those under way; beyond it the store says that it is overloaded. */
export const APPENDS_WAITING_MAX = 20_000
/** The same in bytes. */
export const BYTES_WAITING_MAX = 64 * 1024 * 1024

/** The JSON of an event as it goes into the store. */
export type EventText = { readonly event: NewEvent; readonly data: string; readonly metadata: string }

// As EventStoreDB counts: the type weighs two bytes a character.
const weigh = ({ event, data, metadata }: EventText): number =>
  Buffer.byteLength(data) + Buffer.byteLength(metadata) + 2 * event.type.length

/** Bytes of an append, as its size is counted. */
export const bytesOf = (texts: readonly EventText[]): number =>
  texts.reduce((total, text) => total + weigh(text), 0)

const checkNames = (stream: string, events: readonly NewEvent[]): void => {
  const bytes = Buffer.byteLength(stream)
  if (bytes < 1 || bytes > STREAM_NAME_BYTES_MAX) throw new Error(`a stream name of ${bytes} bytes`)
  if (events.length === 0) throw new Error(`an append to ${stream} without events`)
  for (const { id, type } of events) {
    if (!isId(id)) throw new Error(`not a UUID in lower case: ${id}`)
    if (type.length < 1 || type.length > 255) throw new Error(`an event type of ${type.length} characters`)
  }
}

/**
 * What both stores ask of an append before they look at the stream: names and ids that every store takes, and the
 * sizes. Names that start with `$` belong to EventStoreDB itself. @throws AppendTooLarge
 */
export const checkAppend = (stream: string, events: readonly NewEvent[]): EventText[] => {
  checkNames(stream, events)
  const texts: EventText[] = []
  for (const event of events) {
    const text = { event, data: textOf(event.data), metadata: textOf(event.metadata) }
    const bytes = weigh(text)
    if (bytes > FACT_BYTES_MAX)
      throw new AppendTooLarge(`${event.type} has ${bytes} bytes, at most ${FACT_BYTES_MAX}`)
    texts.push(text)
  }
  const total = bytesOf(texts)
  if (total > APPEND_BYTES_MAX)
    throw new AppendTooLarge(`${stream}: ${total} bytes, at most ${APPEND_BYTES_MAX}`)
  return texts
}

/** Names that applications may not write. */
export const isSystemName = (name: string): boolean => name.startsWith('$')

/** @throws Error for a stream or an event type that is EventStoreDB's own. */
export const refuseSystemNames = (stream: string, events: readonly NewEvent[]): void => {
  const name = [stream, ...events.map(event => event.type)].find(isSystemName)
  if (name !== undefined) throw new Error(`${name}: names that start with $ are reserved`)
}
