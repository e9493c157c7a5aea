import { chainHash } from '../eventstore/codec.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import type { Kind } from './kind.ts'
import { createLive, type Live, type Standing } from './live.ts'

/** An actor back from the log. `from`: whether a snapshot spared it the facts before `kept`, its revision (else -1). */
export type Revived = {
  readonly actor: Live
  readonly from: 'log' | 'snapshot'
  readonly kept: number
}

type Reading = (stream: string, from: number) => AsyncIterable<StoredEvent>

/** Sends an actor everything that the store holds after what it has seen; answers the ids of it. */
export const readTail = async (actor: Live, read: AsyncIterable<StoredEvent>): Promise<readonly string[]> => {
  const ids: string[] = []
  for await (const event of read) {
    actor.evolve(event)
    ids.push(event.id)
  }
  // So that it does not hold on to the last event itself.
  actor.hash()
  return ids
}

/** The snapshot is not of this history. */
class AnotherHistory extends Error {}

/** One read gives both the proof (the fact that the snapshot ends on is the one that the log has there) and the tail. */
const fromSnapshot = async (kind: Kind, stream: string, kept: Standing, read: Reading): Promise<Live> => {
  let actor: Live | null = null
  for await (const event of read(stream, kept.revision)) {
    if (actor) {
      actor.evolve(event)
      continue
    }
    const { id, type, data, metadata, revision } = event
    if (revision !== kept.revision || chainHash({ id, type, data, metadata }) !== kept.hash) break
    actor = createLive(kind, stream, kept)
  }
  if (!actor) throw new AnotherHistory(`${stream} has another fact at ${kept.revision}`)
  actor.hash()
  return actor
}

/**
 * Brings an actor back from what is kept of it, if that proves true, or else from its whole stream. Whatever is wrong
 * with a snapshot only costs time: a failure that the log itself explains comes again when all of it is replayed.
 */
export const revive = async (
  kind: Kind,
  stream: string,
  tools: {
    /** `null`: there is none, or it is not to be trusted. */
    readonly kept: Standing | null
    /** Events of a stream from a revision on, inclusive. */
    readonly read: Reading
    /** Whether a failure came from outside: then nothing was learnt about the snapshot. */
    readonly isOutside: (error: unknown) => boolean
    readonly distrusted: (why: unknown) => void
  },
): Promise<Revived> => {
  const { kept, read } = tools
  if (kept) {
    try {
      const actor = await fromSnapshot(kind, stream, kept, read)
      return { actor, from: 'snapshot', kept: kept.revision }
    } catch (error) {
      if (tools.isOutside(error)) throw error
      tools.distrusted(error)
    }
  }
  const actor = createLive(kind, stream)
  await readTail(actor, read(stream, 0))
  return { actor, from: 'log', kept: -1 }
}
