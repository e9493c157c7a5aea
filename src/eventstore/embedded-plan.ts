import type { EventText } from './append-check.ts'
import { encodeRecord, placeOf, recordId } from './embedded-record.ts'
import {
  encodeHead,
  encodeNumber,
  idKey,
  indexKey,
  readHead,
  readIndex,
  readRecord,
  type Head,
  type Tables,
} from './embedded-tables.ts'
import { WrongExpectedRevision, type Appended, type ExpectedRevision } from './port.ts'
import { makePosition } from './position.ts'

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
  /** Events planned. */
  size(): number
  bytes(): number
}

type Planned = { readonly record: Buffer; readonly first: number; readonly revision: number; readonly idKey: Buffer | null }

/** @param after the newest ordinal that is committed. */
export const makePlan = (tables: Tables, epoch: string, after: number): Plan => {
  const planned: Planned[] = []
  const heads = new Map<string, Head>()
  /** Stream key → ordinals planned for it, in order; they end at the head's revision. */
  const ordinals = new Map<number, number[]>()
  const revisionsById = new Map<string, number>()
  let bytes = 0

  const ordinalAt = (head: Head, revision: number): number => {
    const mine = ordinals.get(head.first) ?? []
    const ordinal = mine[mine.length - 1 - (head.revision - revision)] ?? readIndex(tables, head.first, revision)
    if (ordinal === undefined) throw new Error(`revision ${revision} of stream ${head.first} is missing from the index`)
    return ordinal
  }

  const idAt = (head: Head, revision: number): string => {
    const ordinal = ordinalAt(head, revision)
    return recordId(planned[ordinal - after - 1]?.record ?? readRecord(tables, ordinal))
  }

  /** Where the first event of this append already stands, if the append is the repetition of an earlier one. */
  const seenAt = (head: Head | undefined, expected: ExpectedRevision, id: string): number | null => {
    if (!head) return null
    if (expected === 'any') {
      const key = idKey(head.first, id)
      return revisionsById.get(key.toString('latin1')) ?? tables.ids.get(key)?.readUIntBE(0, 6) ?? null
    }
    const revision = expected === 'none' ? 0 : expected + 1
    return revision <= head.revision && idAt(head, revision) === id ? revision : null
  }

  const isRepetition = (head: Head, from: number, texts: readonly EventText[]): boolean =>
    from + texts.length - 1 <= head.revision && texts.every((text, i) => idAt(head, from + i) === text.event.id)

  const write = (append: Append, head: Head | undefined, now: number): Appended => {
    const first = head?.first ?? after + planned.length + 1
    const mine = ordinals.get(first) ?? []
    ordinals.set(first, mine)
    let revision = head?.revision ?? -1
    for (const text of append.texts) {
      const ordinal = after + planned.length + 1
      const record = encodeRecord(ordinal, append.stream, ++revision, now, text)
      const key = append.expected === 'any' ? idKey(first, text.event.id) : null
      planned.push({ record, first, revision, idKey: key })
      mine.push(ordinal)
      if (key) revisionsById.set(key.toString('latin1'), revision)
      bytes += record.length
    }
    const last = after + planned.length
    heads.set(append.stream, { first, last, revision })
    return { revision, position: makePosition(epoch, placeOf(last)) }
  }

  const decide = (append: Append, now: number): Answer => {
    const { stream, expected, texts } = append
    const head = heads.get(stream) ?? readHead(tables, stream)
    const actual = head?.revision ?? -1
    const seen = seenAt(head, expected, texts[0]!.event.id)
    if (head && seen !== null && isRepetition(head, seen, texts)) {
      const revision = seen + texts.length - 1
      return { revision, position: makePosition(epoch, placeOf(ordinalAt(head, revision))) }
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
      planned.forEach(({ record, first, revision, idKey: key }, i) => {
        const ordinal = encodeNumber(after + 1 + i)
        void tables.log.put(after + 1 + i, record)
        void tables.index.put(indexKey(first, revision), ordinal)
        if (key) void tables.ids.put(key, encodeNumber(revision))
      })
      for (const [stream, head] of heads) void tables.heads.put(stream, encodeHead(head))
    },
    size: () => planned.length,
    bytes: () => bytes,
  }
}
