import { decodeOpen, type SealedFact } from '../eventstore/codec.ts'
import { UnexplainedFact } from '../actors/live.ts'
import { ActorQuarantined } from '../actors/supervision.ts'
import type { Refusal } from '../commands/define.ts'
import type { EventStore, Position, StoredEvent } from '../eventstore/port.ts'
import { addressOf, type Address } from '../eventstore/streams.ts'
import type { Lease } from '../jobs/lease.ts'
import { failPoint } from '../shared/fail-point.ts'
import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

/**
 * What follows from facts: a subscription that only rings doorbells (a job, a reconciliation). It may see a fact again
 * after a crash; whoever answers the bell looks at the log.
 */
export type Reaction = {
  readonly name: string
  readonly types: readonly SealedFact['type'][]
  react(address: Address, fact: SealedFact): Promise<void>
}

export type Checkpoints = {
  read(name: string): Promise<string | null>
  /** Writes only over what was found or written last; answers whether it did. `false`: somebody else runs these. */
  write(name: string, last: string | null, position: string): Promise<boolean>
}

/**
 * What follows has to wait for something that is broken by itself (an actor in quarantine): the facts behind it are gone on
 * with, and it is tried again now and then. The checkpoint stays before it, so that no crash forgets it.
 */
export class HeldUp extends Error {}

/** The error of a reaction whose command was refused. */
export const notDone = (what: string, { refused, detail }: Refusal): Error =>
  new (refused === 'quarantined' ? HeldUp : Error)(`${what}: ${refused}: ${detail}`)

type Held = {
  readonly reaction: Reaction
  readonly address: Address
  readonly fact: SealedFact
  /** Up to where everything is done that came before it. */
  readonly before: string | null
}

/** Another node follows from the same checkpoint: whoever was paused too long notices when it wakes. */
class SomebodyElseFollows extends Error {}

export type ReactionsOptions = {
  readonly name: string
  readonly store: EventStore
  readonly reactions: readonly Reaction[]
  /** Kept: goes on where it was. Absent: only what comes from now on, on every node. */
  readonly checkpoints?: Checkpoints
  /** One node at a time runs these, where there are several; the others stand by. */
  readonly acquireLease?: () => Promise<Lease | null>
  readonly clock: Clock
  readonly log: Log
}

/** How often the checkpoint is written at most: what lies behind it is rung for again after a crash. */
const CHECKPOINT_EVERY_MS = 1_000
const RETRY_MS = 500
const STANDBY_MS = 2_000
/** What is held up: how often it is tried again, and from how many on the others wait too. */
const HELD_RETRY_MS = 15_000
const HELD_MAX = 100

export const createReactions = (options: ReactionsOptions): Service => {
  const { store, checkpoints, clock, log } = options
  const byType = new Map<string, Reaction[]>()
  for (const reaction of options.reactions)
    for (const type of reaction.types) byType.set(type, [...(byType.get(type) ?? []), reaction])

  /** A reaction that fails is tried until it does not: nothing may be skipped. */
  const run = async (one: Held, held: Set<Held>, stop: AbortSignal): Promise<void> => {
    const { reaction, address, fact } = one
    for (;;) {
      try {
        return await reaction.react(address, fact)
      } catch (error) {
        if (stop.aborted) throw error
        if (error instanceof UnexplainedFact || error instanceof ActorQuarantined) {
          log.error({ room: 'reactions', reaction: reaction.name, err: error }, 'left out a broken stream')
          return
        }
        const line = { room: 'reactions', reaction: reaction.name, fact: fact.id, err: error }
        if (error instanceof HeldUp && held.size < HELD_MAX) {
          held.add(one)
          log.error(line, 'a reaction is held up; going on with what follows')
          return
        }
        log.error(line, 'a reaction failed; trying again')
        await pause(clock, RETRY_MS, stop)
      }
    }
  }

  /** What this release cannot make sense of rings no bell, and keeps nobody else's from ringing. */
  const reactTo = async (
    event: StoredEvent,
    before: string | null,
    held: Set<Held>,
    stop: AbortSignal,
  ): Promise<void> => {
    let fact: SealedFact
    try {
      fact = decodeOpen(event)
    } catch (error) {
      log.error(
        { room: 'reactions', stream: event.stream, revision: event.revision, err: error },
        'skipped a fact',
      )
      return
    }
    for (const reaction of byType.get(fact.type) ?? [])
      await run({ reaction, address: addressOf(event.stream), fact, before }, held, stop)
  }

  const tryHeld = async (held: Set<Held>, stop: AbortSignal): Promise<void> => {
    while (!stop.aborted) {
      await pause(clock, HELD_RETRY_MS, stop)
      for (const one of [...held]) {
        if (stop.aborted) return
        try {
          await one.reaction.react(one.address, one.fact)
          held.delete(one)
        } catch (error) {
          const line = { room: 'reactions', reaction: one.reaction.name, fact: one.fact.id, err: error }
          log.warn(line, 'a reaction is still held up')
        }
      }
    }
  }

  /** A checkpoint of another store says nothing about this one. */
  const startOf = (stored: string | null): Position | null =>
    stored?.startsWith(store.epoch) ? (stored as Position) : null

  const follow = async (stop: AbortSignal): Promise<void> => {
    const held = new Set<Held>()
    const over = new AbortController()
    const trying = tryHeld(held, AbortSignal.any([stop, over.signal]))
    try {
      await followLog(held, stop)
    } finally {
      over.abort()
      await trying
    }
  }

  const followLog = async (held: Set<Held>, stop: AbortSignal): Promise<void> => {
    let written = clock.monotonic()
    let last = (await checkpoints?.read(options.name)) ?? null
    const after = checkpoints ? startOf(last) : 'end'
    let done: string | null = after
    for await (const item of store.subscribe({ after }, stop)) {
      if (item.kind === 'caughtUp') continue
      if (item.kind === 'event' && byType.has(item.event.type)) {
        await reactTo(item.event, done, held, stop)
        failPoint('reaction.done')
      }
      done = item.kind === 'event' ? item.event.position : item.position
      if (!checkpoints || clock.monotonic() - written < CHECKPOINT_EVERY_MS) continue
      written = clock.monotonic()
      const [oldest] = held
      const reached = oldest ? oldest.before : done
      if (reached === null || reached === last) continue
      failPoint('reaction.before-checkpoint')
      if (!(await checkpoints.write(options.name, last, reached)))
        throw new SomebodyElseFollows(`the checkpoint of ${options.name} was moved by another node`)
      last = reached
      failPoint('reaction.checkpointed')
    }
  }

  const followWithLease = async (stop: AbortSignal): Promise<void> => {
    if (!options.acquireLease) return follow(stop)
    const lease = await options.acquireLease()
    if (!lease) return pause(clock, STANDBY_MS, stop)
    try {
      await follow(AbortSignal.any([stop, lease.lost]))
    } finally {
      await lease.release()
    }
  }

  return {
    name: `reactions:${options.name}`,
    run: async stop => {
      while (!stop.aborted) {
        try {
          await followWithLease(stop)
        } catch (error) {
          if (stop.aborted) return
          const usual = error instanceof SomebodyElseFollows
          log[usual ? 'warn' : 'error'](
            { room: 'reactions', err: error },
            'the reactions lost the log; following it again',
          )
          await pause(clock, RETRY_MS, stop)
        }
      }
    },
  }
}
