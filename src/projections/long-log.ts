import type { EventStore } from '../eventstore/port.ts'

/** Whether a log has more facts than that. Reads no further than it has to. */
export const isLongerThan = async (store: Pick<EventStore, 'readAll'>, facts: number): Promise<boolean> => {
  let seen = 0
  for await (const event of store.readAll({ limit: facts + 1 })) if (event) seen++
  return seen > facts
}
