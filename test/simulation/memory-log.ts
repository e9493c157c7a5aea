import { checkAppend, refuseSystemNames } from '../../src/eventstore/append-check.ts'
import {
  WrongExpectedRevision,
  type Appended,
  type ExpectedRevision,
  type JsonObject,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type StoredEvent,
} from '../../src/eventstore/port.ts'
import { makePosition, parsePosition } from '../../src/eventstore/position.ts'

/** The log itself, in memory and without waiting: what the contract asks of a store, at the moment it is asked. */
export type MemoryLog = {
  readonly epoch: string
  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Appended
  readStream(stream: string, options?: ReadStreamOptions): readonly StoredEvent[]
  readAll(options?: ReadAllOptions): readonly StoredEvent[]
  head(): Position | null
  /** Called after every append that wrote. */
  onAppended(listener: (events: readonly StoredEvent[]) => void): () => void
}

type Stream = { readonly events: StoredEvent[]; readonly revisionOf: Map<string, number> }

const copy = (text: string): JsonObject => JSON.parse(text) as JsonObject

/** `strict: false` forgets to look at the expected revision: a fault that the simulation has to find. */
export const createMemoryLog = (options: {
  readonly epoch: string
  now(): number
  readonly strict?: boolean
}): MemoryLog => {
  const { epoch, now, strict = true } = options
  const all: StoredEvent[] = []
  const streams = new Map<string, Stream>()
  const listeners = new Set<(events: readonly StoredEvent[]) => void>()
  const positionAt = (ordinal: number): Position =>
    makePosition(epoch, { commit: BigInt(ordinal), prepare: BigInt(ordinal) })
  /** How many events lie at or before a position. */
  const ordinalOf = (position: Position): number => Number(parsePosition(epoch, position).commit)

  const answer = ({ revision, position }: StoredEvent): Appended => ({ revision, position })

  const repeated = (
    stream: Stream,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Appended | null => {
    const from = stream.revisionOf.get(events[0]!.id)
    if (from === undefined || (expected !== 'any' && from !== (expected === 'none' ? 0 : expected + 1)))
      return null
    const same = events.every(({ id }, i) => stream.events[from + i]?.id === id)
    return same ? answer(stream.events[from + events.length - 1]!) : null
  }

  const wrong = (stream: Stream, expected: ExpectedRevision, events: readonly NewEvent[]): boolean => {
    if (expected === 'any') return stream.revisionOf.has(events[0]!.id)
    return strict && (expected === 'none' ? -1 : expected) !== stream.events.length - 1
  }

  return {
    epoch,
    append: (name, expected, events) => {
      const texts = checkAppend(name, events)
      refuseSystemNames(name, events)
      const stream = streams.get(name) ?? { events: [], revisionOf: new Map<string, number>() }
      const first = repeated(stream, expected, events)
      if (first) return first
      if (wrong(stream, expected, events))
        throw new WrongExpectedRevision(name, expected, stream.events.length - 1)
      streams.set(name, stream)
      const written = texts.map(({ event: { id, type }, data, metadata }): StoredEvent => {
        const event: StoredEvent = {
          id,
          type,
          data: copy(data),
          metadata: copy(metadata),
          stream: name,
          revision: stream.events.length,
          position: positionAt(all.length + 1),
          created: now(),
        }
        all.push(event)
        stream.events.push(event)
        stream.revisionOf.set(id, event.revision)
        return event
      })
      for (const listener of listeners) listener(written)
      return answer(written.at(-1)!)
    },
    readStream: (name, { from, direction = 'forwards', limit = Number.POSITIVE_INFINITY } = {}) => {
      const events = streams.get(name)?.events ?? []
      const start = from ?? (direction === 'forwards' ? 0 : events.length - 1)
      if (direction === 'forwards') return events.slice(start, start + limit)
      const last = Math.min(start, events.length - 1)
      return events.slice(Math.max(0, last + 1 - limit), last + 1).toReversed()
    },
    readAll: ({ after, direction = 'forwards', limit = Number.POSITIVE_INFINITY, streamPrefixes } = {}) => {
      const found: StoredEvent[] = []
      const step = direction === 'forwards' ? 1 : -1
      let at = step > 0 ? (after ? ordinalOf(after) : 0) : (after ? ordinalOf(after) - 1 : all.length) - 1
      for (; at >= 0 && at < all.length && found.length < limit; at += step) {
        const event = all[at]!
        if (!streamPrefixes || streamPrefixes.some(prefix => event.stream.startsWith(prefix)))
          found.push(event)
      }
      return found
    },
    head: () => all.at(-1)?.position ?? null,
    onAppended: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
