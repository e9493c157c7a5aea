import type { EventText } from './append-check.ts'
import { encodeHead, firstOf, headAfter, ordinalOfRevision, type Head } from './embedded-head.ts'
import { encodeRecord, recordId } from './embedded-record.ts'
import { encodeNumber, idKey, readRecord, type Tables } from './embedded-tables.ts'
import { WrongExpectedRevision, type Appended, type ExpectedRevision, type StoredEvent } from './port.ts'
import { ordinalPosition } from './position.ts'

export type Append = {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly texts: readonly EventText[]
}
export type Answer = Appended | Error

/** What one commit is going to write: each append is held against the log as it is plus what was planned before it. */
export type Plan = {
  /** Plans an append, or says why not. The answer counts only once the plan is committed. */
  take(append: Append, now: number): Answer
  /** Hands every write to lmdb; to be called inside one transaction. */
  put(): void
  /** The events as a reader will see them, in order; the first has the ordinal after the newest committed one. */
  readonly events: readonly StoredEvent[]
  /** The heads of the streams that it touches. */
  readonly heads: ReadonlyMap<string, Head>
  /** Events planned. */
  size(): number
  bytes(): number
}

/** When a commit fails (a full disk), lmdb rejects every put of it too; the transaction's own promise tells us enough. */
const answered = (put: Promise<boolean>): void => void put.catch(() => undefined)

/**
 * @param after the newest ordinal that is committed
 * @param headOf the committed head of a stream
 */
export const makePlan = (
  tables: Tables,
  epoch: string,
  after: number,
  headOf: (stream: string) => Head | undefined,
): Plan => {
  const records: Buffer[] = []
  const events: StoredEvent[] = []
  const heads = new Map<string, Head>()
  const revisions = new Map<string, { readonly key: Buffer; readonly revision: number }>()
  let bytes = 0

  const recordAt = (ordinal: number): Buffer => records[ordinal - after - 1] ?? readRecord(tables, ordinal)

  const idAt = (head: Head, revision: number): string =>
    recordId(recordAt(ordinalOfRevision(head, revision, recordAt)))

  /** Where the first event of this append already stands, if the append is the repetition of an earlier one. */
  const seenAt = (head: Head | undefined, expected: ExpectedRevision, id: string): number | null => {
    if (!head) return null
    if (expected === 'any') {
      const key = idKey(firstOf(head), id)
      return revisions.get(key.toString('latin1'))?.revision ?? tables.ids.get(key)?.readUIntBE(0, 6) ?? null
    }
    const revision = expected === 'none' ? 0 : expected + 1
    return revision <= head.revision && idAt(head, revision) === id ? revision : null
  }

  const isRepetition = (head: Head, from: number, texts: readonly EventText[]): boolean =>
    from + texts.length - 1 <= head.revision &&
    texts.every((text, i) => idAt(head, from + i) === text.event.id)

  const answer = (revision: number, ordinal: number): Appended => ({
    revision,
    position: ordinalPosition(epoch, ordinal),
  })

  const write = (
    { stream, expected, texts }: Append,
    before: Head | undefined,
    created: number,
  ): Appended => {
    let head = before
    for (const text of texts) {
      const ordinal = after + records.length + 1
      const previous = head?.way[0] ?? 0
      head = headAfter(head, ordinal)
      const { revision, way } = head
      const record = encodeRecord({ ordinal, stream, revision, previous, skip: way[1] ?? 0, created }, text)
      records.push(record)
      const { id, type, data, metadata } = text.event
      const position = ordinalPosition(epoch, ordinal)
      events.push({ id, type, data, metadata, stream, revision, position, created })
      bytes += record.length
      if (expected !== 'any') continue
      const key = idKey(firstOf(head), text.event.id)
      revisions.set(key.toString('latin1'), { key, revision })
    }
    heads.set(stream, head!)
    return answer(head!.revision, head!.way[0]!)
  }

  const decide = (append: Append, now: number): Answer => {
    const { stream, expected, texts } = append
    const head = heads.get(stream) ?? headOf(stream)
    const actual = head?.revision ?? -1
    const seen = seenAt(head, expected, texts[0]!.event.id)
    if (head && seen !== null && isRepetition(head, seen, texts)) {
      const revision = seen + texts.length - 1
      return answer(revision, ordinalOfRevision(head, revision, recordAt))
    }
    const asExpected = expected === 'any' ? seen === null : (expected === 'none' ? -1 : expected) === actual
    return asExpected ? write(append, head, now) : new WrongExpectedRevision(stream, expected, actual)
  }

  return {
    take: (append, now) => {
      try {
        return decide(append, now)
      } catch (error) {
        // A damaged record under one stream is the answer to that append, not to its neighbours in the batch.
        return error instanceof Error ? error : new Error(String(error))
      }
    },
    put: () => {
      records.forEach((record, i) => answered(tables.log.put(after + 1 + i, record)))
      for (const [stream, head] of heads) answered(tables.heads.put(stream, encodeHead(head)))
      for (const { key, revision } of revisions.values())
        answered(tables.ids.put(key, encodeNumber(revision)))
    },
    events,
    heads,
    size: () => records.length,
    bytes: () => bytes,
  }
}
