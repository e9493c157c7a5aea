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

/**
 * A living actor: its chart started and sent every fact of its stream, in order. It changes only by facts that the
 * store has already taken.
 */
export type Live = {
  readonly snapshot: () => ReturnType<Actor<AnyStateMachine>['getSnapshot']>
  readonly revision: () => number
  /** Hash of the last stored event: `prev` of the next. */
  readonly hash: () => string
  readonly evolve: (event: StoredEvent | (NewEvent & { revision: number; position: string })) => void
  /** Whether the chart allows these facts, one after the other, from here. Answers the first that it does not. */
  readonly firstIllegal: (facts: readonly SealedFact[]) => SealedFact | null
}

const sendChecked = (actor: Actor<AnyStateMachine>, stream: string, fact: SealedFact): void => {
  const before = actor.getSnapshot()
  if (!before.can(fact)) throw new UnexplainedFact(stream, fact.revision, fact.type, before.value)
  actor.send(fact)
  const after = actor.getSnapshot()
  if (after.status === 'error')
    throw new Error(`${stream}@${fact.revision}: ${fact.type} broke its chart`, { cause: after.error })
}

/** A failed chart reports through its snapshot; without a subscriber XState would throw it into the event loop. */
const startActor = (chart: AnyStateMachine, snapshot?: object): Actor<AnyStateMachine> => {
  const actor = createActor(chart, snapshot ? { snapshot: snapshot as never } : {})
  actor.subscribe({ error: () => undefined })
  return actor.start()
}

export const createLive = (kind: Kind, stream: string): Live => {
  const actor = startActor(kind.chart)
  let revision = -1
  let hash = ''
  return {
    snapshot: () => actor.getSnapshot(),
    revision: () => revision,
    hash: () => hash,
    evolve: event => {
      sendChecked(actor, stream, decodeOpen(event as StoredEvent))
      revision = event.revision
      hash = chainHash({ id: event.id, type: event.type, data: event.data, metadata: event.metadata })
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
  }
}
