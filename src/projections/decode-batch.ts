import type { RecordedEvent } from '../events/all.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import { isLineDown } from '../shared/line-down.ts'
import { nextTurn } from './in-turns.ts'
import type { Poison } from './write.ts'

export const poisonOf = (
  fact: { position: string; id: string; stream: string; revision: number; type: string },
  readModel: string,
  error: unknown,
): Poison => ({
  position: fact.position,
  read_model: readModel,
  event_id: fact.id,
  stream: fact.stream,
  revision: fact.revision,
  type: fact.type,
  reason: error instanceof Error ? error.message : String(error),
})

/** Opened together, so that keys are asked for together; then others have a turn. */
const TURN_EVENTS = 128

/**
 * Whether reading failed because something could not be reached (a vault that is down), as opposed to what the event
 * says. The first is tried again for as long as it takes; the second is poison, which nobody waits for.
 */
const isUnavailable = (error: unknown): boolean =>
  isLineDown(error) && (error as Error).name !== 'UndecodableEvent'

/** Opens stored events, in order; those that cannot be made sense of are told apart. @throws what a closed door throws */
export const decodeBatch = async (
  events: readonly StoredEvent[],
  decode: (event: StoredEvent) => Promise<RecordedEvent>,
): Promise<{ facts: RecordedEvent[]; undecodable: Poison[] }> => {
  const undecodable: Poison[] = []
  const facts: RecordedEvent[] = []
  const open = async (event: StoredEvent): Promise<RecordedEvent | null> => {
    try {
      return await decode(event)
    } catch (error) {
      if (isUnavailable(error)) throw error
      undecodable.push(poisonOf(event, 'all', error))
      return null
    }
  }
  for (let i = 0; i < events.length; i += TURN_EVENTS) {
    if (i > 0) await nextTurn()
    for (const fact of await Promise.all(events.slice(i, i + TURN_EVENTS).map(open)))
      if (fact) facts.push(fact)
  }
  return { facts, undecodable }
}
