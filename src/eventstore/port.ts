/**
 * The port of the event store: what the engine needs of a store, no more. Two implementations stand behind it
 * (`embedded`, `eventstoredb`) and one contract suite (`contract`) holds them to this page.
 */

/**
 * Where an event stands in the whole store: opaque, ordered as text, of fixed width, starting with the epoch of the
 * store. Positions of different epochs do not compare: whoever holds one of another epoch starts again.
 */
declare const positionBrand: unique symbol
export type Position = string & { readonly [positionBrand]: true }

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export type NewEvent = {
  /** A UUID. The same id appended again to the same stream with the same expectation is the same append. */
  readonly id: string
  readonly type: string
  readonly data: JsonObject
  readonly metadata: JsonObject
}

export type StoredEvent = NewEvent & {
  readonly stream: string
  /** Counts from 0 within the stream, without gaps. */
  readonly revision: number
  readonly position: Position
  /** When the store took it, milliseconds since the Unix epoch. */
  readonly created: number
}

/** `'none'`: the stream must not exist yet. A number: the revision of its last event. `'any'`: no expectation. */
export type ExpectedRevision = number | 'none' | 'any'

export type Appended = { readonly revision: number; readonly position: Position }

/** The stream was not where the writer thought. Nothing was written. `actual` is -1 for a stream that does not exist. */
export class WrongExpectedRevision extends Error {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly actual: number
  constructor(stream: string, expected: ExpectedRevision, actual: number) {
    super(`${stream} is at revision ${actual}, expected ${expected}`)
    this.name = 'WrongExpectedRevision'
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

/**
 * The store did not answer in time, or the connection was cut: for an append, it may or may not have happened, and the
 * only safe answer is to repeat the identical append.
 */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StoreUnavailable'
  }
}

/** An append that no store takes: a fact over `FACT_BYTES_MAX` or an append over `APPEND_BYTES_MAX`. Nothing was written. */
export class AppendTooLarge extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AppendTooLarge'
  }
}

/**
 * Somebody removed the stream for ever, behind our back: EventStoreDB never takes or gives an event of that name again.
 * Repeating does not help. (A stream that was only deleted there reads as one that does not exist.)
 */
export class StreamDeleted extends Error {
  constructor(stream: string) {
    super(
      `${stream} was deleted for ever (tombstoned) in the event store: it can be neither read nor written`,
    )
    this.name = 'StreamDeleted'
  }
}

export const FACT_BYTES_MAX = 256 * 1024
export const APPEND_BYTES_MAX = 1024 * 1024

export type ReadStreamOptions = {
  /** Inclusive. Default: the first event forwards, the last backwards. */
  readonly from?: number
  readonly direction?: 'forwards' | 'backwards'
  readonly limit?: number
}

export type ReadAllOptions = {
  /** Exclusive: events after (forwards) or before (backwards) it. Default: from the very start, or the very end. */
  readonly after?: Position
  readonly direction?: 'forwards' | 'backwards'
  readonly limit?: number
  /** Only streams whose name starts with one of these. */
  readonly streamPrefixes?: readonly string[]
}

export type SubscriptionOptions = {
  /** Exclusive. `null`: from the very start. `'end'`: only what comes from now on. */
  readonly after: Position | null | 'end'
  readonly streamPrefixes?: readonly string[]
}

/**
 * What a subscription yields. `event`: in order, none left out, none twice. `checkpoint`: the position up to which
 * everything was seen although nothing matched. `caughtUp`: the reader has reached the end of the log as it was; it may
 * come again after each time that the reader fell behind.
 */
export type SubscriptionItem =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | { readonly kind: 'checkpoint'; readonly position: Position }
  | { readonly kind: 'caughtUp' }

export type EventStore = {
  readonly name: 'embedded' | 'eventstoredb'
  /** Eight hexadecimal digits, made when the store was created; every position of this store starts with them. */
  readonly epoch: string
  /** Whether other processes may write to the same store (then a refusal is given only after a fresh read). */
  readonly shared: boolean
  /**
   * Writes all events or none. Resolves when they are durable (fsynced).
   * Repeating the identical append (same ids, same stream, same expectation) after a lost answer gives the first answer.
   * @throws WrongExpectedRevision | StoreUnavailable | AppendTooLarge | StreamDeleted
   */
  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended>
  /** The events of one stream; none for a stream that does not exist. @throws StoreUnavailable | StreamDeleted */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<StoredEvent>
  /** The events of all streams in order. @throws StoreUnavailable */
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent>
  /**
   * Everything after a position, then everything new, until `signal` aborts (the iteration then ends quietly) or the
   * connection is lost for good. Re-subscribes by itself from the last position after a cut. Pulls: a slow consumer
   * slows the reading, not the writers, and memory stays bounded.
   */
  subscribe(options: SubscriptionOptions, signal: AbortSignal): AsyncIterable<SubscriptionItem>
  /** The position of the newest event, `null` for an empty store. @throws StoreUnavailable */
  head(): Promise<Position | null>
  /** Why it takes no append any more until the process starts again; `null` while all is well. */
  fault?(): Error | null
  close(): Promise<void>
}
