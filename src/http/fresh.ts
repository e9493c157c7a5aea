import type { Clock } from '../shared/clock.ts'

/**
 * Remembers answers for a short while, so that a burst of requests asks once. Bounded: when full it forgets everything,
 * which costs one question each. A failed question is not remembered.
 */
export type Fresh<T> = { get(key: string): Promise<T>; forget(key: string): void }

const KEYS_MAX = 20_000

export const createFresh = <T>(ask: (key: string) => Promise<T>, ms: number, clock: Clock): Fresh<T> => {
  const known = new Map<string, { at: number; answer: Promise<T> }>()
  return {
    get: key => {
      const now = clock.monotonic()
      const kept = known.get(key)
      if (kept && now - kept.at < ms) return kept.answer
      if (known.size >= KEYS_MAX) known.clear()
      const answer = ask(key)
      const entry = { at: now, answer }
      known.set(key, entry)
      answer.catch(() => {
        if (known.get(key) === entry) known.delete(key)
      })
      return answer
    },
    forget: key => {
      known.delete(key)
    },
  }
}
