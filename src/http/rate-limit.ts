import type { Clock } from '../shared/clock.ts'

/**
 * Token buckets by key: `burst` at once, then `perSecond`. Kept in this process only: with several API processes each
 * grants its own share. Bounded: when there are too many keys the full buckets, which know nothing, are dropped.
 */
export type Buckets = {
  /** Takes one. `0`: granted; otherwise the seconds to wait. */
  take(key: string): number
  /** Gives one back. */
  giveBack(key: string): void
}

const KEYS_MAX = 50_000

export const createBuckets = (options: { burst: number; perSecond: number; clock: Clock }): Buckets => {
  const { burst, perSecond, clock } = options
  const buckets = new Map<string, { tokens: number; at: number }>()

  const levelOf = (bucket: { tokens: number; at: number }, now: number): number =>
    Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)

  const makeRoom = (now: number): void => {
    for (const [key, bucket] of buckets) if (levelOf(bucket, now) >= burst) buckets.delete(key)
    for (const key of buckets.keys()) {
      if (buckets.size < KEYS_MAX) return
      buckets.delete(key)
    }
  }

  return {
    take: key => {
      const now = clock.monotonic()
      const bucket = buckets.get(key)
      if (!bucket && buckets.size >= KEYS_MAX) makeRoom(now)
      const tokens = bucket ? levelOf(bucket, now) : burst
      if (tokens < 1) return Math.ceil((1 - tokens) / perSecond)
      buckets.set(key, { tokens: tokens - 1, at: now })
      return 0
    },
    giveBack: key => {
      const bucket = buckets.get(key)
      if (bucket) bucket.tokens = Math.min(burst, bucket.tokens + 1)
    },
  }
}
