import { createActor, type Actor, type AnyStateMachine } from 'xstate'
import { chainHash, decodeOpen, type SealedFact } from '../eventstore/codec.ts'
import type { NewEvent, StoredEvent } from '../eventstore/port.ts'
import type { Kind } from './kind.ts'

/** History and chart disagree: a fact that the chart does not allow where it stands. A bug, never a user's error. */
export class UnexplainedFact extends Error {
  constructor(stream: string, revision: number, type: string, state: unknown) {
    super(`${stream}@${revision}: ${type} cannot follow ${JSON.stringify(state)}`)
    this.name = 'UnexplainedFact'
  }
}

/** Where an actor stood after a fact of its stream: what it can be revived from without the facts before. */
export type Standing = {
  readonly revision: number
  /** Chain hash of the fact at `revision`. */
  readonly hash: string
  /** XState's persisted snapshot: plain JSON. */
  readonly state: object
}

/**
 * A living actor: its chart started and sent every fact of its stream, in order. It changes only by facts that the
 * store has already taken.
 */
export type Live = {
  readonly snapshot: () => ReturnType<Actor<AnyStateMachine>['getSnapshot']>
  readonly revision: () => number
  /** Hash of the last stored event: `prev` of the next. */
  readonly hash: () => string
  /** `hash`: the event's chain hash where it is known already. */
  readonly evolve: (
    event: StoredEvent | (NewEvent & { revision: number; position: string }),
    hash?: string,
  ) => void
  /** Whether the chart allows these facts, one after the other, from here. Answers the first that it does not. */
  readonly firstIllegal: (facts: readonly SealedFact[]) => SealedFact | null
  /** Where it stands now, put into words only when the returned function is called. */
  readonly standing: () => () => Standing
}

/** A chart answers a fact that it has no transition for with the very snapshot that it had. */
const sendChecked = (actor: Actor<AnyStateMachine>, stream: string, fact: SealedFact): void => {
  const before = actor.getSnapshot()
  actor.send(fact)
  const after = actor.getSnapshot()
  if (after === before) throw new UnexplainedFact(stream, fact.revision, fact.type, before.value)
  if (after.status === 'error')
    throw new Error(`${stream}@${fact.revision}: ${fact.type} broke its chart`, { cause: after.error })
}

/** A failed chart reports through its snapshot; without a subscriber XState would throw it into the event loop. */
const startActor = (chart: AnyStateMachine, snapshot?: object): Actor<AnyStateMachine> => {
  const actor = createActor(chart, snapshot ? { snapshot: snapshot as never } : {})
  actor.subscribe({ error: () => undefined })
  return actor.start()
}

/** An actor that has seen nothing yet, or that stands where it once stood. */
export const createLive = (kind: Kind, stream: string, from?: Standing): Live => {
  const actor = startActor(kind.chart, from?.state)
  const { status, error } = actor.getSnapshot()
  if (status !== 'active')
    throw new Error(`${stream}: its chart does not start from ${from ? 'the snapshot' : 'nothing'}`, {
      cause: error,
    })
  let revision = from?.revision ?? -1
  let hash = from?.hash ?? ''
  // While a history is replayed only the hash of its last fact is ever asked for.
  let unhashed: NewEvent | null = null
  const currentHash = (): string => {
    if (unhashed) hash = chainHash(unhashed)
    unhashed = null
    return hash
  }
  return {
    snapshot: () => actor.getSnapshot(),
    revision: () => revision,
    hash: currentHash,
    evolve: (event, known) => {
      sendChecked(actor, stream, decodeOpen(event as StoredEvent))
      revision = event.revision
      unhashed = known === undefined ? event : null
      if (known !== undefined) hash = known
    },
    firstIllegal: facts => {
      const [only] = facts
      if (facts.length === 1 && only) return actor.getSnapshot().can(only) ? null : only
      const scratch = startActor(kind.chart, actor.getPersistedSnapshot())
      for (const fact of facts) {
        if (!scratch.getSnapshot().can(fact)) return fact
        scratch.send(fact)
      }
      scratch.stop()
      return null
    },
    standing: () => {
      const [at, chained, snapshot] = [revision, currentHash(), actor.getSnapshot()]
      return () => ({ revision: at, hash: chained, state: kind.chart.getPersistedSnapshot(snapshot) })
    },
  }
}
