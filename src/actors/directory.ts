import { streamName, type Address } from '../eventstore/streams.ts'
import {
  createAggregate,
  type Aggregate,
  type AggregateTools,
  type Outcome,
  type Transaction,
} from './aggregate.ts'
import type { Kind, StateOf } from './kind.ts'

/**
 * Who is awake. Actors are found by address, revived by their first command and put to sleep, least recently used
 * first, when there are too many: nothing is lost by that, the log remembers.
 */
export type Directory = {
  transact<K extends Kind, R extends object>(
    kind: K,
    address: Omit<Address, 'type'>,
    transaction: Transaction<K, R>,
  ): Promise<Outcome<K, R>>
  /** The state of an actor, at most `freshMs` old where other processes write too (default 0: as fresh as it gets). */
  state<K extends Kind>(
    kind: K,
    address: Omit<Address, 'type'>,
    freshMs?: number,
  ): Promise<{ state: StateOf<K>; revision: number }>
  /** Commands waiting in all mailboxes. */
  waiting(): number
  /** How many are awake. */
  size(): number
}

const ACTORS_AWAKE_MAX = 20_000
/** How many sleepers are looked for at once when there are too many awake. */
const EVICTION_BATCH = 200

export const createDirectory = (tools: AggregateTools, awakeMax = ACTORS_AWAKE_MAX): Directory => {
  const awake = new Map<string, Aggregate<Kind>>()

  /** Makes room for one more. */
  const passivate = (): void => {
    let looked = 0
    for (const [stream, aggregate] of awake) {
      if (awake.size < awakeMax || looked++ > EVICTION_BATCH) return
      if (aggregate.idle()) awake.delete(stream)
    }
  }

  const find = <K extends Kind>(kind: K, { company, id }: Omit<Address, 'type'>): Aggregate<K> => {
    const address = { company, type: kind.type, id }
    const stream = streamName(address)
    const found = awake.get(stream)
    const aggregate = found ?? (createAggregate(kind, address, tools) as unknown as Aggregate<Kind>)
    // Before it is in the map: whoever is being asked must not be forgotten, or a second one would live beside it.
    if (!found) passivate()
    // Last in the map = most recently used.
    awake.delete(stream)
    awake.set(stream, aggregate)
    return aggregate as unknown as Aggregate<K>
  }

  return {
    transact: (kind, address, transaction) => find(kind, address).transact(transaction),
    state: (kind, address, freshMs = 0) => find(kind, address).state(freshMs),
    waiting: () => [...awake.values()].reduce((sum, aggregate) => sum + aggregate.waiting(), 0),
    size: () => awake.size,
  }
}
