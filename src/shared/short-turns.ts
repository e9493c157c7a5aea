/**
 * For work in the server that nobody waits for: it holds the thread for so long at a time and then rests, so that whoever is
 * served meanwhile hardly sees it. A message takes some ten turns of the event loop on its way to a screen, and would meet a
 * slice in each of them; hence the rest, and not only the next turn.
 */
const TURN_MS = 2
const REST_MS = 4

export type ShortTurns = {
  /** Whether it is time to rest; cheap enough to be asked after every step. */
  over(): boolean
  /** Resolves when the next turn begins. */
  rest(): Promise<void>
}

export const shortTurns = (now: () => number = () => performance.now()): ShortTurns => {
  let began = now()
  return {
    over: () => now() - began >= TURN_MS,
    rest: async () => {
      await new Promise<void>(resolve => void setTimeout(resolve, REST_MS))
      began = now()
    },
  }
}

/** For a process that serves nobody. */
export const noTurns: ShortTurns = { over: () => false, rest: () => Promise.resolve() }

const SORTED_AT_ONCE = 512

/** As `toSorted`, in short turns. */
export const sortedInTurns = async <T>(
  items: readonly T[],
  order: (a: T, b: T) => number,
  turns: ShortTurns,
): Promise<T[]> => {
  let runs: T[][] = []
  for (let i = 0; i < items.length; i += SORTED_AT_ONCE) {
    runs.push(items.slice(i, i + SORTED_AT_ONCE).sort(order))
    if (turns.over()) await turns.rest()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2)
      merged.push(await merge(runs[i]!, runs[i + 1] ?? [], order, turns))
    runs = merged
  }
  return runs[0] ?? []
}

const merge = async <T>(
  one: readonly T[],
  other: readonly T[],
  order: (a: T, b: T) => number,
  turns: ShortTurns,
): Promise<T[]> => {
  const merged: T[] = []
  let [i, j] = [0, 0]
  while (i < one.length || j < other.length) {
    const fromOther = i >= one.length || (j < other.length && order(other[j]!, one[i]!) < 0)
    merged.push(fromOther ? other[j++]! : one[i++]!)
    if (turns.over()) await turns.rest()
  }
  return merged
}
