import { recordPrevious, recordSkip } from './embedded-record.ts'

/**
 * How to find the events of one stream in the log of all. Each record points to the one before it, and skips to the
 * one whose revision is its own without the lowest bit that is set; the head keeps the whole way of skips:
 *
 *   revision  0   1   2   3   4   5   6   7  = head       7 = 0b111, way 7 → 6 → 4 → 0
 *             ▲───────────────┴───────┤   │
 *                             ▲───────┘◀──┘
 *
 * Any revision is a few steps away (the square of the number's bits at most), and an append needs nothing but the head:
 * the way of n + 1 is n + 1, followed by the way of n without its first entries, as many as n has trailing ones.
 */
export type Head = {
  readonly revision: number
  /** Ordinals: of the newest event, then of each skip, down to the first event of the stream. */
  readonly way: readonly number[]
}

const ORDINAL_BYTES = 6

export const encodeHead = ({ revision, way }: Head): Buffer => {
  const bytes = Buffer.allocUnsafe(4 + way.length * ORDINAL_BYTES)
  bytes.writeUInt32BE(revision, 0)
  way.forEach((ordinal, i) => bytes.writeUIntBE(ordinal, 4 + i * ORDINAL_BYTES, ORDINAL_BYTES))
  return bytes
}

export const decodeHead = (bytes: Buffer): Head => {
  const way: number[] = []
  for (let at = 4; at < bytes.length; at += ORDINAL_BYTES) way.push(bytes.readUIntBE(at, ORDINAL_BYTES))
  return { revision: bytes.readUInt32BE(0), way }
}

/** The ordinal of a stream's first event, which is its short name too. */
export const firstOf = (head: Head): number => head.way.at(-1)!

const trailingOnes = (n: number): number => 31 - Math.clz32(~n & (n + 1))

/** The head after one more event. */
export const headAfter = (head: Head | undefined, ordinal: number): Head =>
  head
    ? { revision: head.revision + 1, way: [ordinal, ...head.way.slice(trailingOnes(head.revision))] }
    : { revision: 0, way: [ordinal] }

export const skipRevision = (revision: number): number => revision & (revision - 1)

/** The ordinal of a revision of the stream, which must not be newer than the head. */
export const ordinalOfRevision = (
  head: Head,
  revision: number,
  recordAt: (ordinal: number) => Buffer,
): number => {
  let at = head.revision
  let step = 0
  while (step + 1 < head.way.length && skipRevision(at) >= revision) {
    at = skipRevision(at)
    step++
  }
  let ordinal = head.way[step]!
  while (at > revision) {
    const record = recordAt(ordinal)
    const skips = skipRevision(at) >= revision
    ordinal = skips ? recordSkip(record) : recordPrevious(record)
    at = skips ? skipRevision(at) : at - 1
  }
  return ordinal
}
