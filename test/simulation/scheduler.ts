import type { Chance } from './chance.ts'

/**
 * The only source of time and of answers. Whatever would come from outside (a timer, an answer of the store, a delivery)
 * is something to happen at a moment of virtual time; between two of them all microtasks run to their end, so nothing
 * depends on the machine. What belongs to a node that has died never happens; what belongs to one that was stopped
 * happens when it goes on.
 */

/** One run of one node, from its start to its crash. */
export type Life = {
  readonly name: string
  state: 'running' | 'paused' | 'over'
  readonly held: Happening[]
}

type Happening = {
  readonly at: number
  readonly order: number
  readonly label: string
  readonly life: Life | null
  readonly run: () => void
  cancelled: boolean
}

export type Scheduler = {
  /** Milliseconds since the run began. */
  now(): number
  /** Lets something happen after so many milliseconds; the returned function takes it back. */
  after(ms: number, label: string, life: Life | null, run: () => void): () => void
  /** The next thing happens. `false`: there is nothing left. */
  step(): Promise<boolean>
  steps(): number
  pause(life: Life): void
  resume(life: Life): void
  end(life: Life): void
  /** Everybody is away for so long: nothing happens meanwhile. */
  leap(ms: number): void
}

const before = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap: the smallest is taken in logarithmic time. */
const createHeap = () => {
  const items: Happening[] = []
  const swap = (a: number, b: number): void => {
    const kept = items[a]!
    items[a] = items[b]!
    items[b] = kept
  }
  return {
    push: (item: Happening): void => {
      items.push(item)
      for (let at = items.length - 1; at > 0;) {
        const parent = (at - 1) >> 1
        if (!before(items[at]!, items[parent]!)) return
        swap(at, parent)
        at = parent
      }
    },
    pop: (): Happening | undefined => {
      const first = items[0]
      const last = items.pop()
      if (items.length === 0 || !last) return first
      items[0] = last
      for (let at = 0; ;) {
        const [left, right] = [2 * at + 1, 2 * at + 2]
        let least = at
        if (left < items.length && before(items[left]!, items[least]!)) least = left
        if (right < items.length && before(items[right]!, items[least]!)) least = right
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}

const microtasks = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
/** Timers are never this exact: a little chance lets those of the same moment change places. */
const JITTER_MS = 0.5

export const createScheduler = (chance: Chance, trace: (now: number, label: string) => void): Scheduler => {
  const heap = createHeap()
  let now = 0
  let order = 0
  let steps = 0

  const put = (happening: Happening): void => heap.push(happening)
  const held = (happening: Happening): boolean => {
    const { life } = happening
    if (life?.state !== 'paused') return false
    life.held.push(happening)
    return true
  }
  const next = (): Happening | undefined => {
    for (let found = heap.pop(); found; found = heap.pop())
      if (!found.cancelled && found.life?.state !== 'over' && !held(found)) return found
    return undefined
  }

  return {
    now: () => now,
    steps: () => steps,
    after: (ms, label, life, run) => {
      const at = now + Math.max(0, ms) + chance.float() * JITTER_MS
      const happening: Happening = { at, order: order++, label, life, run, cancelled: false }
      put(happening)
      return () => void (happening.cancelled = true)
    },
    step: async () => {
      const happening = next()
      if (!happening) return false
      now = Math.max(now, happening.at)
      steps++
      trace(now, happening.life ? `${happening.life.name} ${happening.label}` : happening.label)
      happening.run()
      await microtasks()
      return true
    },
    pause: life => void (life.state = life.state === 'running' ? 'paused' : life.state),
    resume: life => {
      if (life.state !== 'paused') return
      life.state = 'running'
      for (const happening of life.held.splice(0)) put(happening)
    },
    end: life => {
      life.state = 'over'
      life.held.length = 0
    },
    leap: ms => void (now += ms),
  }
}
