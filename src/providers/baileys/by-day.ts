import type { Clock } from '../../shared/clock.ts'
import type { SessionStore } from '../provider.ts'

/**
 * Notes that are of use for some weeks (what a sent message was called, where a file lies), kept by the day, so that old ones
 * are dropped without looking into them: `<name>/<day>/<id>`.
 */
export type ByDay = {
  /** As a change of the drawer. */
  change(id: string, text: string): readonly [key: string, text: string]
  get(id: string): Promise<string | null>
  /** All that is noted. */
  ids(): Promise<string[]>
  prune(): Promise<void>
}

const DAY_MS = 86_400_000

export const byDay = (store: SessionStore, name: string, days: number, clock: Clock): ByDay => {
  const today = (): number => Math.floor(clock.now() / DAY_MS)
  const keyOf = (day: number, id: string): string => `${name}/${String(day).padStart(6, '0')}/${id}`
  return {
    change: (id, text) => [keyOf(today(), id), text],
    get: async id => {
      const [now = '', ...before] = Array.from({ length: days + 1 }, (_, back) => keyOf(today() - back, id))
      // Mostly of today, and then known without asking.
      const ofToday = (await store.get([now])).get(now)
      if (ofToday !== undefined) return ofToday
      const found = await store.get(before)
      for (const key of before) {
        const text = found.get(key)
        if (text !== undefined) return text
      }
      return null
    },
    ids: async () => (await store.keys(`${name}/`)).map(key => key.slice(key.lastIndexOf('/') + 1)),
    prune: async () => {
      const first = keyOf(today() - days, '')
      const old = (await store.keys(`${name}/`)).filter(key => key < first)
      if (old.length > 0) await store.commit(new Map(old.map(key => [key, null])))
    },
  }
}
