import type { Clock } from '../../shared/clock.ts'
import type { InboundItem } from '../provider.ts'
import type { Misbehaviour } from './frames.ts'

/**
 * The queue towards one session's link: nothing accepted is ever lost, and one chat keeps its order.
 *
 * Each chat is a lane with at most one delivery on the way; the next leaves when that one was acknowledged. So a
 * delivery that the engine rejected comes again before anything later of its chat, while other chats go on. What waited
 * without a link, or was on the way when it broke, is delivered again as `late`.
 *
 *   phone → lane "5511…" [c, d] ── delivery 7 [a, b] → link → ack 7 → next
 */
export type Entry = {
  readonly lane: string
  readonly item: InboundItem
  late: boolean
  /** Called when the link acknowledged it. */
  readonly acknowledged: () => void
}

type Delivery = { readonly number: number; readonly entries: Entry[]; lost: boolean; cancel: () => void }
type Lane = { waiting: Entry[]; flying: Delivery | null }

export const DELIVERY_ITEMS_MAX = 100
/** After this time without acknowledgement a delivery is pushed again. */
export const ACKNOWLEDGE_WAIT_MS = 30_000
const REDELIVER_MS = 1_000
/** How long a reordered item waits for a neighbour to change places with. */
const REORDER_WAIT_MS = 50

export type Push = (delivery: number, items: InboundItem[]) => void

export const createDeliveries = (options: { clock: Clock; misbehaviour: () => Misbehaviour }) => {
  const { clock, misbehaviour } = options
  const lanes = new Map<string, Lane>()
  const flying = new Map<number, string>()
  const timers = new Set<() => void>()
  let push: Push | null = null
  let lastNumber = 0
  let held: { entry: Entry; release: () => void } | null = null

  const later = (ms: number, task: () => void): (() => void) => {
    const cancel = clock.after(ms, () => {
      timers.delete(stop)
      task()
    })
    const stop = () => {
      timers.delete(stop)
      cancel()
    }
    timers.add(stop)
    return stop
  }

  const enter = (entry: Entry) => {
    if (!push) entry.late = true
    const lane = lanes.get(entry.lane) ?? { waiting: [], flying: null }
    lanes.set(entry.lane, lane)
    lane.waiting.push(entry)
    if (misbehaviour().duplicate) lane.waiting.push({ ...entry, acknowledged: () => {} })
    pump(entry.lane, lane)
  }

  const pump = (name: string, lane: Lane) => {
    if (!push || lane.flying) return
    if (lane.waiting.length === 0) {
      lanes.delete(name)
      return
    }
    lane.flying = {
      number: ++lastNumber,
      entries: lane.waiting.splice(0, DELIVERY_ITEMS_MAX),
      lost: misbehaviour().drop ?? false,
      cancel: () => {},
    }
    flying.set(lane.flying.number, name)
    fly(lane.flying)
  }

  const fly = (delivery: Delivery) => {
    const wait = delivery.lost ? (misbehaviour().redeliverMs ?? REDELIVER_MS) : ACKNOWLEDGE_WAIT_MS
    delivery.cancel = later(wait, () => fly(delivery))
    if (delivery.lost) delivery.lost = false
    else push?.(delivery.number, delivery.entries.map(asItem))
  }

  const find = (number: number): { name: string; lane: Lane; delivery: Delivery } | null => {
    const name = flying.get(number)
    const lane = name === undefined ? undefined : lanes.get(name)
    return name !== undefined && lane?.flying ? { name, lane, delivery: lane.flying } : null
  }

  const shuffled = (entry: Entry) => {
    if (!misbehaviour().reorder) return enter(entry)
    if (held) {
      const first = held
      held = null
      first.release()
      enter(entry)
      return enter(first.entry)
    }
    const release = later(REORDER_WAIT_MS, () => {
      held = null
      enter(entry)
    })
    held = { entry, release }
  }

  return {
    add(entry: Entry) {
      const delay = misbehaviour().delayMs ?? 0
      if (delay > 0) later(delay, () => shuffled(entry))
      else shuffled(entry)
    },
    /** A link is there: everything that waits goes out. */
    opened(to: Push) {
      push = to
      for (const [name, lane] of [...lanes]) pump(name, lane)
    },
    /** The link is gone: what was on the way waits again, in its place. */
    closed() {
      push = null
      for (const lane of lanes.values()) {
        if (lane.flying) {
          lane.flying.cancel()
          lane.waiting.unshift(...lane.flying.entries)
          lane.flying = null
        }
        for (const entry of lane.waiting) entry.late = true
      }
      flying.clear()
    },
    ack(number: number) {
      const found = find(number)
      if (!found) return
      found.delivery.cancel()
      flying.delete(number)
      found.lane.flying = null
      for (const entry of found.delivery.entries) entry.acknowledged()
      pump(found.name, found.lane)
    },
    nack(number: number) {
      const found = find(number)
      if (!found) return
      found.delivery.cancel()
      found.delivery.cancel = later(misbehaviour().redeliverMs ?? REDELIVER_MS, () => fly(found.delivery))
    },
    /** How many items wait or are on the way. */
    size: () =>
      [...lanes.values()].reduce((n, l) => n + l.waiting.length + (l.flying?.entries.length ?? 0), 0),
    stop() {
      for (const stop of [...timers]) stop()
    },
  }
}

const asItem = (entry: Entry): InboundItem =>
  entry.late && entry.item.item === 'message'
    ? { item: 'message', message: { ...entry.item.message, late: true } }
    : entry.item
