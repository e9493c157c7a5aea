import { randomFrom } from '../support/random.ts'

/** Everything that a run leaves to chance, from one seed: the same seed asks and answers the same. */
export type Chance = {
  /** From 0 up to, not including, 1. */
  float(): number
  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number
  between(min: number, max: number): number
  happens(probability: number): boolean
  pick<T>(items: readonly T[]): T
  bytes(size: number): Buffer
  /** A chance of its own, which what else happens does not disturb. */
  fork(): Chance
}

export const chanceFrom = (seed: number): Chance => {
  const float = randomFrom(seed)
  const int = (below: number): number => Math.floor(float() * below)
  return {
    float,
    int,
    between: (min, max) => min + float() * (max - min),
    happens: probability => float() < probability,
    pick: items => items[int(items.length)]!,
    bytes: size => {
      const bytes = Buffer.alloc(size)
      for (let at = 0; at < size; at++) bytes[at] = int(256)
      return bytes
    },
    fork: () => chanceFrom(int(2 ** 32)),
  }
}
