import type { AnyMachineSnapshot } from 'xstate'
import { chainHash, decodeOpen, type SealedFact } from '../eventstore/codec.ts'
import type { NewEvent, StoredEvent } from '../eventstore/port.ts'
import { chartSteps, type ChartSteps } from './chart-steps.ts'
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
 * A living actor: where its chart stands after every fact of its stream, in order. It changes only by facts that the
 * store has already taken.
 */
export type Live = {
  snapshot(): AnyMachineSnapshot
  revision(): number
  /** Hash of the last stored event: `prev` of the next. */
  hash(): string
  /** `known`: the event's chain hash where it is known already. */
  evolve(event: StoredEvent | (NewEvent & { revision: number; position: string }), known?: string): void
  /** Whether the chart allows these facts, one after the other, from here. Answers the first that it does not. */
  firstIllegal(facts: readonly SealedFact[]): SealedFact | null
  /** Where it stands now, put into words only when the returned function is called. */
  standing(): () => Standing
}

/**
 * There are tens of thousands of these at a time: what they can do is written once, in the class, and each holds no
 * more than where it stands.
 */
class Standpoint implements Live {
  readonly #steps: ChartSteps
  readonly #stream: string
  #snapshot: AnyMachineSnapshot
  #revision: number
  #hash: string
  /** While a history is replayed only the hash of its last fact is ever asked for. */
  #unhashed: NewEvent | null = null

  constructor(steps: ChartSteps, stream: string, snapshot: AnyMachineSnapshot, from?: Standing) {
    this.#steps = steps
    this.#stream = stream
    this.#snapshot = snapshot
    this.#revision = from?.revision ?? -1
    this.#hash = from?.hash ?? ''
  }

  snapshot(): AnyMachineSnapshot {
    return this.#snapshot
  }

  revision(): number {
    return this.#revision
  }

  hash(): string {
    if (this.#unhashed) this.#hash = chainHash(this.#unhashed)
    this.#unhashed = null
    return this.#hash
  }

  evolve(event: StoredEvent | (NewEvent & { revision: number; position: string }), known?: string): void {
    this.#snapshot = this.#after(decodeOpen(event as StoredEvent))
    this.#revision = event.revision
    this.#unhashed = known === undefined ? event : null
    if (known !== undefined) this.#hash = known
  }

  firstIllegal(facts: readonly SealedFact[]): SealedFact | null {
    let at = this.#snapshot
    for (const [index, fact] of facts.entries()) {
      if (!at.can(fact)) return fact
      if (index < facts.length - 1) at = this.#steps.next(at, fact)
    }
    return null
  }

  standing(): () => Standing {
    const [revision, hash, snapshot, steps] = [this.#revision, this.hash(), this.#snapshot, this.#steps]
    return () => ({ revision, hash, state: steps.persisted(snapshot) })
  }

  /** A chart answers a fact that it has no transition for with the very snapshot that it had. */
  #after(fact: SealedFact): AnyMachineSnapshot {
    let after: AnyMachineSnapshot
    try {
      after = this.#steps.next(this.#snapshot, fact)
    } catch (cause) {
      throw new Error(`${this.#stream}@${fact.revision}: ${fact.type} broke its chart`, { cause })
    }
    if (after === this.#snapshot)
      throw new UnexplainedFact(this.#stream, fact.revision, fact.type, this.#snapshot.value)
    return after
  }
}

/** An actor that has seen nothing yet, or that stands where it once stood. */
export const createLive = (kind: Kind, stream: string, from?: Standing): Live => {
  const steps = chartSteps(kind.chart)
  let start: AnyMachineSnapshot
  try {
    start = from ? steps.restored(from.state) : steps.initial()
  } catch (cause) {
    throw new Error(`${stream}: its chart does not start from ${from ? 'the snapshot' : 'nothing'}`, {
      cause,
    })
  }
  if (start.status !== 'active')
    throw new Error(`${stream}: its chart does not start from ${from ? 'the snapshot' : 'nothing'}`)
  return new Standpoint(steps, stream, start, from)
}
