import { GOOD_MOOD, type Channel, type Mood } from './channel.ts'
import type { Chance } from './chance.ts'
import type { Cluster } from './cluster.ts'
import type { JobServer } from './job-server.ts'
import { CALM, type Weather } from './line.ts'
import type { Outside } from './outside.ts'
import type { Scheduler } from './scheduler.ts'

/** What goes wrong: each kind of trouble is either part of a run or not, so that single causes are seen alone too. */
export type Trouble =
  | 'crash'
  | 'deploy'
  | 'pause'
  | 'store-out'
  | 'store-slow'
  | 'store-flaky'
  | 'vault-slow'
  | 'jobs'
  | 'flush'
  | 'leases'
  | 'hang-up'
  | 'channel'
  | 'night'

export const TROUBLES: readonly Trouble[] = [
  'crash',
  'deploy',
  'pause',
  'store-out',
  'store-slow',
  'store-flaky',
  'vault-slow',
  'jobs',
  'flush',
  'leases',
  'hang-up',
  'channel',
  'night',
]

const FLAKY: Weather = { cut: 0.04, lost: 0.04, late: 0.03, wayMs: 20 }
const SLOW: Weather = { cut: 0, lost: 0, late: 0, wayMs: 400 }
const OUT: Weather = { cut: 0.5, lost: 0.3, late: 0.2, wayMs: 20 }
const BAD_MOOD: Mood = {
  ackLost: 0.1,
  again: 0.15,
  refused: 0.15,
  rejected: 0.03,
  silent: 0.1,
  swallowed: 0.05,
  wayMs: 60,
}
const DAY_MS = 86_400_000

export const createMischief = (parts: {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly weather: Outside['weather']
  readonly mood: Mood
  readonly cluster: Cluster
  readonly channel: Channel
  readonly jobs: JobServer
  readonly troubles: ReadonlySet<Trouble>
}) => {
  const { scheduler, chance, weather, mood, cluster, channel, jobs, troubles } = parts
  const kinds = [...troubles]

  const spell = (which: keyof Outside['weather'], bad: Weather, msMax: number): void => {
    Object.assign(weather[which], bad)
    scheduler.after(chance.between(200, msMax), `${which} is well again`, null, () =>
      Object.assign(weather[which], CALM),
    )
  }

  const acts: { readonly [T in Trouble]: (sessionIds: readonly string[]) => void } = {
    crash: () => cluster.crash(chance.between(10, 20_000)),
    deploy: () => cluster.deploy(),
    pause: () =>
      cluster.pause(chance.happens(0.5) ? chance.between(50, 3_000) : chance.between(3_000, 50_000)),
    'store-out': () => spell('store', OUT, 8_000),
    'store-slow': () => spell('store', SLOW, 8_000),
    'store-flaky': () => spell('store', FLAKY, 30_000),
    'vault-slow': () => spell('vault', SLOW, 8_000),
    jobs: () => spell('jobs', OUT, 15_000),
    flush: () => jobs.flush(),
    leases: () => spell('leases', OUT, 25_000),
    'hang-up': sessionIds => channel.hangUp(chance.pick(sessionIds)),
    channel: () => void Object.assign(mood, BAD_MOOD),
    night: () => {
      cluster.everybodyOut()
      scheduler.leap(chance.between(0.2, 3) * DAY_MS)
    },
  }

  return {
    actSome: (sessionIds: readonly string[]): void => {
      if (kinds.length === 0) return
      const kind = chance.pick(kinds)
      scheduler.after(0, `trouble: ${kind}`, null, () => acts[kind](sessionIds))
    },
    heal: (): void => {
      for (const one of Object.values(weather)) Object.assign(one, CALM)
      Object.assign(mood, GOOD_MOOD)
      cluster.heal()
    },
  }
}
