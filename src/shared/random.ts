import { randomFillSync } from 'node:crypto'

/** So many random bytes; handed in, as the clock is, so that a simulation owns chance too. */
export type RandomBytes = (size: number) => Buffer

const POOL_BYTES = 8_192

let pool = Buffer.alloc(0)
let used = 0

/** Chance as the operating system has it, fetched some thousands of bytes at a time: twelve alone cost as much. */
export const systemRandom: RandomBytes = size => {
  if (used + size > pool.length) {
    // A new pool each time: what was handed out before stays what it was.
    pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(POOL_BYTES, size)))
    used = 0
  }
  const bytes = pool.subarray(used, used + size)
  used += size
  return bytes
}
