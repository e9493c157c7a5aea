import type { Room } from './rooms.ts'
import type { ServerEvents } from './protocol.ts'

/** One event on its way: to whom, and to whom of those not. */
export type Emission = {
  /** Of the fact from which it comes. */
  readonly position: string
  readonly to: readonly Room[]
  readonly except: readonly Room[]
  readonly event: keyof ServerEvents
  readonly payload: unknown
}

/** What was pushed lately, so that a client which lost its line gets what it missed. */
export type Ring = {
  add(emission: Emission): void
  /** Nothing before this can be told. `null`: nothing at all yet. */
  floor(): string | null
  /** Forgets everything: from here on only. */
  restart(position: string): void
  /** What came after the position for someone in these rooms; `null` when that is too long ago. */
  since(position: string, rooms: ReadonlySet<string>): Emission[] | null
}

/** Some minutes of a busy company, and some 15 MB. */
export const RING_EMISSIONS_MAX = 10_000

export const createRing = (emissionsMax: number = RING_EMISSIONS_MAX): Ring => {
  let kept: Emission[] = []
  let floor: string | null = null
  return {
    add: emission => {
      kept.push(emission)
      // Cut in slices: shifting ten thousand places for each event costs more than keeping a few too many.
      if (kept.length < emissionsMax * 1.25) return
      const cut = kept.length - emissionsMax
      floor = kept[cut - 1]!.position
      kept = kept.slice(cut)
    },
    floor: () => floor,
    restart: position => {
      kept = []
      floor = position
    },
    since: (position, rooms) => {
      if (floor === null || position < floor) return null
      return kept.filter(
        one =>
          one.position > position &&
          one.to.some(room => rooms.has(room)) &&
          !one.except.some(room => rooms.has(room)),
      )
    },
  }
}
