import { randomFrom } from '../random.ts'

/** Repeatable chance: the same seed tells the same story. */
export type Chance = {
  /** From 0, below 1. */
  next(): number
  is(probability: number): boolean
  below(n: number): number
  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T
  /** A UUID of version 4. */
  uuid(): string
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const hex32 = (n: number): string =>
  HEX[n >>> 24]! + HEX[(n >>> 16) & 255]! + HEX[(n >>> 8) & 255]! + HEX[n & 255]!

export const createChance = (seed: number): Chance => {
  const next = randomFrom(seed)
  const word = (): string => hex32(Math.floor(next() * 2 ** 32))
  return {
    next,
    is: probability => next() < probability,
    below: n => Math.floor(next() * n),
    oneOf: list => list[Math.floor(next() * list.length)]!,
    uuid: () => {
      const [a, b, c, d] = [word(), word(), word(), word()]
      return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`
    },
  }
}
