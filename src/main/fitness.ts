import type { Leases } from '../jobs/lease.ts'
import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

/**
 * A process that still reaches Redis, but no longer the log or the database, would go on renewing its leases and do nothing with
 * them: nobody's read models would move, and its sessions would take no message. So every process looks whether it
 * can do its work; one that cannot stands aside as soon as another says that it can. Where everything is away for
 * everybody, nobody lets go: there would be nobody to go on.
 */
const LOOK_EVERY_MS = 2_000
const LOOK_MS_MAX = 3_000
/** Shorter outages are sat out: moving costs more. */
export const UNFIT_AFTER_MS = 5_000

export const fitnessService = (tools: {
  readonly leases: Pick<Leases, 'sayWell' | 'othersWell' | 'standAside'>
  /** Rejects when something without which this process is useless does not answer. */
  look(): Promise<unknown>
  readonly clock: Clock
  readonly log: Log
}): Service => {
  const { leases, look, clock, log } = tools
  let fitAt = clock.monotonic()
  let aside = false

  const inTime = async (): Promise<void> => {
    let cancel = (): void => undefined
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(LOOK_MS_MAX, () => reject(new Error(`no answer within ${LOOK_MS_MAX} ms`)))
    })
    await Promise.race([look(), late]).finally(() => cancel())
  }
  const fit = async (): Promise<void> => {
    fitAt = clock.monotonic()
    await leases.sayWell()
    if (!aside) return
    await leases.standAside(false)
    aside = false
    log.info({ room: 'fitness' }, 'this process can do its work again')
  }
  const unfit = async (why: unknown): Promise<void> => {
    if (aside || clock.monotonic() - fitAt < UNFIT_AFTER_MS || !(await leases.othersWell())) return
    aside = true
    log.warn({ room: 'fitness', err: why }, 'this process cannot do its work and leaves it to others')
    await leases.standAside(true)
  }
  return {
    name: 'fitness',
    run: async stop => {
      while (!stop.aborted) {
        try {
          await inTime().then(fit, unfit)
        } catch (error) {
          // Without Redis the leases are lost by themselves.
          log.debug({ room: 'fitness', err: error }, 'could not tell the others how this process is')
        }
        await pause(clock, LOOK_EVERY_MS, stop)
      }
    },
  }
}
