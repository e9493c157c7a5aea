/**
 * Turns on the one connection of an embedded database: reads before batches before background work, yet nobody waits
 * for ever, because after a run of overtakings the next lower rank is served once.
 */
export type Rank = 'read' | 'write' | 'background'

const RANKS: readonly Rank[] = ['read', 'write', 'background']
const OVERTAKINGS_MAX = 16

export type Turns = {
  /** Resolves when it is the caller's turn, with the function that ends it. */
  take(rank: Rank): Promise<() => void>
  /** How many wait. */
  waiting(): number
}

export const createTurns = (): Turns => {
  const queues: Record<Rank, (() => void)[]> = { read: [], write: [], background: [] }
  const overtaken: Record<Rank, number> = { read: 0, write: 0, background: 0 }
  let busy = false

  const choose = (): Rank | undefined => {
    const waiting = RANKS.filter(rank => queues[rank].length > 0)
    const patient = waiting.find(rank => overtaken[rank] >= OVERTAKINGS_MAX)
    const chosen = patient ?? waiting[0]
    for (const rank of waiting) overtaken[rank] = rank === chosen ? 0 : overtaken[rank] + 1
    return chosen
  }
  const next = (): void => {
    const rank = choose()
    const begin = rank && queues[rank].shift()
    busy = begin !== undefined
    begin?.()
  }
  const endOnce = (): (() => void) => {
    let ended = false
    return () => {
      if (ended) return
      ended = true
      next()
    }
  }
  return {
    take: rank =>
      new Promise(resolve => {
        queues[rank].push(() => resolve(endOnce()))
        if (!busy) next()
      }),
    waiting: () => RANKS.reduce((sum, rank) => sum + queues[rank].length, 0),
  }
}
