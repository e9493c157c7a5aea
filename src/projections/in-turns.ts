/** Some milliseconds of work: whoever is served by the same thread waits no longer than that. */
const TURN_ITEMS = 256

export const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Does something with every item, in order, and lets others have a turn in between. */
export const inTurns = async <T>(items: readonly T[], work: (item: T) => void): Promise<void> => {
  for (let i = 0; i < items.length; i++) {
    if (i > 0 && i % TURN_ITEMS === 0) await nextTurn()
    work(items[i] as T)
  }
}
