import { streamName, type Address } from '../eventstore/streams.ts'
import {
  bytesOf,
  createAggregate,
  retire,
  type Aggregate,
  type AggregateTools,
  type Household,
  type Outcome,
  type Remembered,
  type Transaction,
} from './aggregate.ts'
import type { Kind, StateOf } from './kind.ts'
import { createLoad } from './mailbox.ts'
import { noSnapshots, type SnapshotKeeper } from './snapshot-keeper.ts'
import { createSupervision, type Quarantined } from './supervision.ts'
import { ACTOR_BYTES } from './weight.ts'

/**
 * Who is awake. Actors are found by address, revived by their first command and put to sleep, least recently used
 * first, when they take more memory than they may or have had nothing to do for a while: nothing is lost by that, the
 * log remembers.
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
  /** About how much memory those take who are awake. */
  bytes(): number
  /** The actors of this process that are refused because they failed too often. */
  quarantined(): readonly Quarantined[]
  /**
   * Has one of them revived from all of its log. `null`: it works again, or was never in quarantine; otherwise what is
   * wrong still, and it stays there.
   */
  retry(address: Address): Promise<Quarantined | null>
  /** Removes what is kept beside the log to revive an actor faster. Resolves when it is gone. */
  forget(address: Address): Promise<void>
  /** Keeps what is worth keeping of everybody who is awake, within two seconds. For a stop: nobody is asked any more. */
  retire(): Promise<void>
}

export type DirectoryLimits = {
  /** Memory that the actors that are awake may take, about. */
  readonly bytesMax: number
  /** Whoever had nothing to do for so long is put to sleep. */
  readonly idleMsMax: number
  /** Commands waiting in all mailboxes together. */
  readonly waitingMax: number
}

const MIB = 1024 * 1024
export const DIRECTORY_LIMITS: DirectoryLimits = {
  bytesMax: 128 * MIB,
  idleMsMax: 30 * 60_000,
  waitingMax: 20_000,
}
/** How often those who have nothing to do are looked for. */
const SWEEP_MS = 60_000
/** How many are looked at when room is wanted for one more. */
const EVICTION_BATCH = 200
/** Memory of the process, as a share of what it has, beyond which half of those awake go. */
const PRESSURE_MAX = 0.85
/** How long a stop may take to write snapshots, and how many are handed over at a time. */
const RETIRE_MS_MAX = 2_000
const RETIRE_BATCH = 100
/** How many are revived between two looks at the memory of the process. */
const PRESSURE_EVERY = 500

export type DirectoryTools = AggregateTools & {
  readonly snapshots?: SnapshotKeeper | undefined
  /** Memory of the whole process as a share of what it may take, 0 to 1. */
  readonly pressure?: (() => number) | undefined
}

type Awake = Remembered & {
  readonly kind: Kind
  /** There only while it has something to do. */
  aggregate: Aggregate<Kind> | null
  usedAt: number
  bytes: number
}

/** Written out in one piece: V8 then keeps it as a compact object, of which there are tens of thousands. */
const asleep = (kind: Kind): Awake => ({
  live: null,
  verifiedAt: Number.NEGATIVE_INFINITY,
  keptRevision: -1,
  trustSnapshots: true,
  weighedRevision: Number.NEGATIVE_INFINITY,
  weight: ACTOR_BYTES,
  kind,
  aggregate: null,
  usedAt: 0,
  bytes: 0,
})

export const createDirectory = (tools: DirectoryTools, given: Partial<DirectoryLimits> = {}): Directory => {
  const { clock, log, stop, snapshots = noSnapshots, pressure = () => 0 } = tools
  const limits = { ...DIRECTORY_LIMITS, ...given }
  /** Least recently used first. */
  const awake = new Map<string, Awake>()
  let bytes = 0
  let revivals = 0
  let cancelSweep: (() => void) | null = null
  const load = createLoad(stop, limits.waitingMax)
  const supervision = createSupervision({
    clock,
    log,
    restarted: type => tools.observe?.restarted(type),
  })

  const weigh = (one: Awake): void => {
    bytes -= one.bytes
    one.bytes = bytesOf(one)
    bytes += one.bytes
  }

  const household: Household = {
    load,
    supervision,
    snapshots,
    settled: stream => {
      const one = awake.get(stream)
      if (!one) return
      weigh(one)
      rest(one)
    },
  }

  const idle = (one: Awake): boolean => one.aggregate?.idle() ?? true
  const rest = (one: Awake): void => {
    if (idle(one)) one.aggregate = null
  }

  const sleep = (stream: string, one: Awake): void => {
    retire(one, one.kind, stream, snapshots)
    bytes -= one.bytes
    awake.delete(stream)
  }

  /** Puts idle ones to sleep, least recently used first, until those who are left take no more than `max`. */
  const shrinkTo = (max: number, lookAt = Number.POSITIVE_INFINITY): void => {
    let looked = 0
    for (const [stream, one] of awake) {
      if (bytes <= max || looked++ >= lookAt) return
      if (idle(one)) sleep(stream, one)
    }
  }

  const relieve = (): void => {
    const share = pressure()
    if (share <= PRESSURE_MAX) return
    const before = awake.size
    shrinkTo(bytes / 2)
    log.warn({ share, before, awake: awake.size }, 'short of memory: put actors to sleep')
  }

  const sweep = (): void => {
    cancelSweep = null
    const oldest = clock.monotonic() - limits.idleMsMax
    for (const [stream, one] of awake) {
      if (one.usedAt > oldest) break
      if (idle(one)) sleep(stream, one)
    }
    relieve()
    if (awake.size > 0) sweepLater()
  }
  const sweepLater = (): void => {
    if (!stop.aborted) cancelSweep ??= clock.after(SWEEP_MS, sweep)
  }
  load.whenStopped(() => cancelSweep?.())

  const wake = (kind: Kind): Awake => {
    // Before it is in the map: whoever is being asked must not be forgotten, or a second one would live beside it.
    shrinkTo(limits.bytesMax, EVICTION_BATCH)
    if (++revivals % PRESSURE_EVERY === 0) relieve()
    const one = asleep(kind)
    weigh(one)
    sweepLater()
    return one
  }

  const find = (kind: Kind, address: Address): Awake => {
    const stream = streamName(address)
    const one = awake.get(stream) ?? wake(kind)
    one.usedAt = clock.monotonic()
    // Last in the map = most recently used.
    awake.delete(stream)
    awake.set(stream, one)
    return one
  }

  const atWork = <K extends Kind>(kind: K, address: Address, one: Awake): Aggregate<K> => {
    one.aggregate ??= createAggregate(kind, address, tools, household, one)
    return one.aggregate as unknown as Aggregate<K>
  }

  const transact: Directory['transact'] = (kind, place, transaction) => {
    const address = { ...place, type: kind.type }
    return atWork(kind, address, find(kind, address)).transact(transaction)
  }

  const state: Directory['state'] = async (kind, place, freshMs = 0) => {
    const address = { ...place, type: kind.type }
    const one = find(kind, address)
    try {
      return await atWork(kind, address, one).state(freshMs)
    } finally {
      rest(one)
    }
  }

  const stillQuarantined = (stream: string): Quarantined | null =>
    supervision.list().find(({ address }) => streamName(address) === stream) ?? null

  return {
    transact,
    state,
    waiting: load.waiting,
    size: () => awake.size,
    bytes: () => bytes,
    quarantined: supervision.list,
    retry: async address => {
      const stream = streamName(address)
      const released = supervision.release(stream)
      if (!released) return null
      await snapshots.remove(stream)
      try {
        await state(released.kind, address)
        supervision.acquit(stream)
      } catch (error) {
        const found = stillQuarantined(stream)
        // Nothing was learnt about the actor itself.
        if (!found) throw error
        return found
      }
      return null
    },
    forget: address => snapshots.remove(streamName(address)),
    retire: async () => {
      const until = clock.monotonic() + RETIRE_MS_MAX
      let count = 0
      for (const [stream, one] of awake) {
        if (clock.monotonic() > until) return
        retire(one, one.kind, stream, snapshots)
        if (++count % RETIRE_BATCH === 0) await snapshots.settled()
      }
      await snapshots.settled()
    },
  }
}
