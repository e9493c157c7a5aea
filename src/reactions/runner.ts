import { decodeOpen, type SealedFact } from '../eventstore/codec.ts'
import type { EventStore, Position } from '../eventstore/port.ts'
import { addressOf, type Address } from '../eventstore/streams.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

/**
 * What follows from facts: one subscription with a checkpoint of its own. A reaction only rings a doorbell (a job, a
 * reconciliation) and may see a fact again after a crash; whoever answers the bell looks at the log.
 */
export type Reaction = {
  readonly name: string
  readonly types: readonly SealedFact['type'][]
  react(address: Address, fact: SealedFact): Promise<void>
}

export type Checkpoints = {
  read(name: string): Promise<string | null>
  write(name: string, position: string): Promise<void>
}

/** How often the checkpoint is written at most: what lies behind it is rung for again after a crash. */
const CHECKPOINT_EVERY_MS = 1_000
const RETRY_MS = 500

export const createReactions = (options: {
  readonly name: string
  readonly store: EventStore
  readonly checkpoints: Checkpoints
  readonly reactions: readonly Reaction[]
  readonly clock: Clock
  readonly log: Log
}): Service => {
  const { store, checkpoints, clock, log } = options
  const byType = new Map<string, Reaction[]>()
  for (const reaction of options.reactions)
    for (const type of reaction.types) byType.set(type, [...(byType.get(type) ?? []), reaction])

  const pause = (ms: number, stop: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      const cancel = clock.after(ms, resolve)
      stop.addEventListener('abort', () => (cancel(), resolve()), { once: true })
    })

  /** A reaction that fails is tried until it does not: nothing may be skipped. What the log cannot say is. */
  const run = async (
    reaction: Reaction,
    address: Address,
    fact: SealedFact,
    stop: AbortSignal,
  ): Promise<void> => {
    for (;;) {
      try {
        return await reaction.react(address, fact)
      } catch (error) {
        if (stop.aborted) throw error
        log.error(
          { room: 'reactions', reaction: reaction.name, fact: fact.id, err: error },
          'a reaction failed; again',
        )
        await pause(RETRY_MS, stop)
      }
    }
  }

  const follow = async (after: Position | null, stop: AbortSignal): Promise<void> => {
    let written = clock.monotonic()
    for await (const item of store.subscribe({ after }, stop)) {
      if (item.kind === 'caughtUp') continue
      if (item.kind === 'event' && byType.has(item.event.type)) {
        const fact = decodeOpen(item.event)
        const address = addressOf(item.event.stream)
        for (const reaction of byType.get(fact.type) ?? []) await run(reaction, address, fact, stop)
      }
      if (clock.monotonic() - written < CHECKPOINT_EVERY_MS) continue
      written = clock.monotonic()
      await checkpoints.write(options.name, item.kind === 'event' ? item.event.position : item.position)
    }
  }

  return {
    name: `reactions:${options.name}`,
    run: async stop => {
      const stored = await checkpoints.read(options.name)
      // A checkpoint of another store says nothing about this one.
      const after = stored?.startsWith(store.epoch) ? (stored as Position) : null
      while (!stop.aborted) {
        try {
          await follow(after, stop)
        } catch (error) {
          if (stop.aborted) return
          log.error({ room: 'reactions', err: error }, 'the reactions lost the log; following it again')
          await pause(RETRY_MS, stop)
        }
      }
    },
  }
}
