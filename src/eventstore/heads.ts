import { createHash } from 'node:crypto'
import { sortedInTurns, type ShortTurns } from '../shared/short-turns.ts'
import { chainHash } from './codec.ts'
import type { Position, StoredEvent } from './port.ts'

/** How a stream ended: the revision of its last event and the hash of that. */
export type Head = { readonly revision: number; readonly hash: string }
export type ListedHead = readonly [stream: string, revision: number, hash: string]

/** A position without its epoch: a log that was restored has another epoch, and the same places. */
export const placeOf = (position: Position): string => position.slice(8)

export const headOf = (event: StoredEvent): Head => ({ revision: event.revision, hash: chainHash(event) })

/** Ordered by stream, as bytes, so that everybody hashes the same. */
export const listHeads = (heads: ReadonlyMap<string, Head>, turns: ShortTurns): Promise<ListedHead[]> =>
  sortedInTurns(
    [...heads].map(([stream, { revision, hash }]): ListedHead => [stream, revision, hash]),
    ([a], [b]) => (a < b ? -1 : 1),
    turns,
  )

export type RootText = { readonly ordinal: number; readonly place: string; readonly previous: string }

/** The hash of a root: of its number, its place, the root before it and every head that it covers. */
export const rootHash = async (
  { ordinal, place, previous }: RootText,
  heads: readonly ListedHead[],
  turns: ShortTurns,
): Promise<string> => {
  const hash = createHash('sha256').update(`fio root 1\n${ordinal}\n${place}\n${previous}\n`)
  for (const head of heads) {
    hash.update(`${JSON.stringify(head)}\n`)
    if (turns.over()) await turns.rest()
  }
  return hash.digest('base64url')
}
