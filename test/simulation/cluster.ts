import type { Chance } from './chance.ts'
import { startNode, type Sabotage, type SimulatedNode } from './node.ts'
import type { Outside } from './outside.ts'
import type { Life } from './scheduler.ts'

/** The nodes, and what may be done to them. A place is where a node runs; each start of it is a life of its own. */
type Place = { readonly index: number; readonly skewMs: number; starts: number; node: SimulatedNode | null }

const SKEW_MS_MAX = 1_500
const RESTART_MS = 500
const STOP_MS_MAX = 15_000

export const createCluster = (outside: Outside, chance: Chance, count: number, sabotage: Sabotage) => {
  const { scheduler } = outside
  const places = Array.from({ length: count }, (_, index): Place => ({
    index,
    // The first keeps the right time: with one node alone there is nobody to disagree with.
    skewMs: index === 0 ? 0 : Math.round(chance.between(-SKEW_MS_MAX, SKEW_MS_MAX)),
    starts: 0,
    node: null,
  }))
  let healed = false

  const start = (place: Place): void => {
    if (place.node && place.node.life.state !== 'over') return
    place.starts++
    const life: Life = { name: `n${place.index}.${place.starts}`, state: 'running', held: [] }
    place.node = startNode(outside, life, chance.fork(), place.skewMs, sabotage)
  }
  const startLater = (place: Place, ms: number): void =>
    void scheduler.after(ms, `n${place.index} starts`, null, () => start(place))

  const kill = (place: Place, restartMs: number): void => {
    if (!place.node || place.node.life.state === 'over') return
    scheduler.end(place.node.life)
    startLater(place, restartMs)
  }
  const alive = (): Place[] => places.filter(({ node }) => node?.life.state === 'running')

  return {
    startAll: (): void => {
      for (const place of places) start(place)
    },
    nodes: (): SimulatedNode[] => alive().map(({ node }) => node!),
    /** Any node that answers. */
    any: (): SimulatedNode | null => {
      const up = alive()
      return up.length > 0 ? chance.pick(up).node : null
    },
    /** Its memory is gone, its unfinished business with it. */
    crash: (restartMs: number): void => {
      const up = alive()
      if (up.length > 0) kill(chance.pick(up), healed ? RESTART_MS : restartMs)
    },
    crashed: (life: Life): void => {
      const place = places.find(({ node }) => node?.life === life)
      if (place) kill(place, RESTART_MS)
    },
    /** Stopped in order, and started again. */
    deploy: (): void => {
      const up = alive()
      if (up.length === 0) return
      const place = chance.pick(up)
      const node = place.node!
      let stopped = false
      const over = (): void => {
        if (stopped) return
        stopped = true
        if (place.node === node) kill(place, RESTART_MS)
      }
      scheduler.after(STOP_MS_MAX, 'killed while it stops', null, over)
      scheduler.after(0, 'is asked to stop', node.life, () => {
        void node.stop().then(() => scheduler.after(0, 'has stopped', null, over))
      })
    },
    /** Stopped in the middle of whatever it does, and goes on later as if nothing had been. */
    pause: (ms: number): void => {
      const up = alive()
      if (up.length === 0) return
      const { life } = chance.pick(up).node!
      scheduler.pause(life)
      scheduler.after(ms, `${life.name} goes on`, null, () => scheduler.resume(life))
    },
    everybodyOut: (): void => {
      for (const place of places) {
        if (place.node?.life.state === 'paused') scheduler.resume(place.node.life)
        kill(place, chance.between(0, 2_000))
      }
    },
    heal: (): void => {
      healed = true
      for (const place of places) {
        if (place.node?.life.state === 'paused') scheduler.resume(place.node.life)
        if (!place.node || place.node.life.state === 'over') startLater(place, RESTART_MS)
      }
    },
  }
}
export type Cluster = ReturnType<typeof createCluster>
