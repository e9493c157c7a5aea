import type { StoredEvent } from './port.ts'

/**
 * The end of the log as objects. Projections, reactions and webhooks all read what was just written; fetched from the
 * file, checked and parsed again for each of them it would cost as much as writing it did.
 */
const RECENT_EVENTS_MAX = 4_096
const RECENT_BYTES_MAX = 8 * 1024 * 1024

type Group = { readonly first: number; readonly events: readonly StoredEvent[]; readonly bytes: number }

export const createRecent = (eventsMax = RECENT_EVENTS_MAX, bytesMax = RECENT_BYTES_MAX) => {
  const byOrdinal = new Map<number, StoredEvent>()
  const groups: Group[] = []
  let bytes = 0
  return {
    /** The events of one commit, the first of which has this ordinal. */
    add: (first: number, events: readonly StoredEvent[], size: number): void => {
      groups.push({ first, events, bytes: size })
      bytes += size
      events.forEach((event, i) => byOrdinal.set(first + i, event))
      while (groups.length > 0 && (bytes > bytesMax || byOrdinal.size > eventsMax)) {
        const oldest = groups.shift()!
        bytes -= oldest.bytes
        oldest.events.forEach((_, i) => byOrdinal.delete(oldest.first + i))
      }
    },
    get: (ordinal: number): StoredEvent | undefined => byOrdinal.get(ordinal),
  }
}
