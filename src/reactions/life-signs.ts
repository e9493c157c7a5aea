import { isoNow, pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'

/**
 * A server that dies says nothing of it. So it says now and then, for all of its connected sessions in one write, that they
 * are: whoever takes one over tells by the last such word since when nothing came in, to within the time between two.
 */
export type LifeSigns = {
  /** Resolves when durable. `at`: ISO 8601. */
  note(sessions: readonly Served[], at: string): Promise<void>
  /** The last word of the session; by which owner, its fence says. */
  last(companyId: string, sessionId: string): Promise<LifeSign | null>
}
export type LifeSign = {
  readonly fence: number
  readonly at: string
  /** When messages left in the minute before, for the pace of whoever is next. Milliseconds. */
  readonly sent?: readonly number[]
}
export type Served = Omit<LifeSign, 'at'> & { readonly companyId: string; readonly sessionId: string }

export const LIFE_SIGN_EVERY_MS = 10_000

/** Never rejects: a word that could not be written makes the gap of a death longer, and nothing else. */
export const giveSign = async (
  signs: LifeSigns,
  served: readonly Served[],
  { clock, log }: { clock: Clock; log: Log },
): Promise<void> => {
  if (served.length === 0) return
  try {
    await signs.note(served, isoNow(clock))
  } catch (error) {
    log.warn({ room: 'sessions', err: error }, 'that sessions are connected could not be noted')
  }
}

/** Until `stop`; one word at a time, however long it takes. */
export const giveSigns = async (
  signs: LifeSigns,
  served: () => readonly Served[],
  tools: { clock: Clock; log: Log },
  stop: AbortSignal,
): Promise<void> => {
  while (!stop.aborted) {
    await giveSign(signs, served(), tools)
    await pause(tools.clock, LIFE_SIGN_EVERY_MS, stop)
  }
}
