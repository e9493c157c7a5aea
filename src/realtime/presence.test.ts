import { beforeEach, expect, test } from 'vitest'
import type { Clock } from '../shared/clock.ts'
import type { Peers, PeerWord } from './peers.ts'
import { createPresence, HERE_EVERY_MS, SILENT_MS_MAX } from './presence.ts'

/** A clock that stands until it is moved. */
const handClock = () => {
  let now = 0
  const timers = new Set<{ at: number; task: () => void }>()
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (ms, task) => {
      const timer = { at: now + ms, task }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  const move = (ms: number): void => {
    const until = now + ms
    for (;;) {
      const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (!next) break
      timers.delete(next)
      now = next.at
      next.task()
    }
    now = until
  }
  return { clock, move }
}

let time: ReturnType<typeof handClock>
let said: string[]
type Node = ReturnType<typeof join>
let nodes: Map<string, { hear: (word: PeerWord) => void; cut: boolean }>

beforeEach(() => {
  time = handClock()
  said = []
  nodes = new Map()
})

/** A process of that name, joined to all others. */
const join = (node: string) => {
  const listeners: ((word: PeerWord) => void)[] = []
  const here = { hear: (word: PeerWord) => listeners.forEach(listener => listener(word)), cut: false }
  nodes.set(node, here)
  const peers: Peers = {
    node,
    say: word => {
      if (here.cut) return
      for (const [name, other] of nodes) if (name !== node && !other.cut) other.hear(word)
    },
    onWord: listener => void listeners.push(listener),
  }
  const presence = createPresence({
    peers,
    clock: time.clock,
    onChange: (_, user, online) => void said.push(`${node}: ${user} ${online ? 'came' : 'went'}`),
  })
  return {
    ...presence,
    cut: (cut: boolean) => (here.cut = cut),
    die: () => {
      here.cut = true
      nodes.delete(node)
    },
  }
}
const seen = (...all: Node[]): string[][] => all.map(one => one.online('acme').sort())

test('who is online at one is online at all, and told once everywhere', () => {
  const [one, two] = [join('one'), join('two')]
  one.enter('acme', 'ana')
  time.move(1_000)
  expect(seen(one, two)).toEqual([['ana'], ['ana']])
  expect(two.isOnline('acme', 'ana')).toBe(true)
  expect(two.isOnline('other', 'ana')).toBe(false)
  // A second place is no news, and neither is leaving one of two.
  two.enter('acme', 'ana')
  two.enter('acme', 'ana')
  time.move(1_000)
  one.leave('acme', 'ana')
  two.leave('acme', 'ana')
  time.move(1_000)
  expect(seen(one, two)).toEqual([['ana'], ['ana']])
  expect(said).toEqual(['one: ana came', 'two: ana came'])
  two.leave('acme', 'ana')
  time.move(1_000)
  expect(seen(one, two)).toEqual([[], []])
  expect(said.slice(2).sort()).toEqual(['one: ana went', 'two: ana went'])
})

test('who comes later is told who is there', () => {
  const one = join('one')
  one.enter('acme', 'ana')
  time.move(60_000)
  const two = join('two')
  time.move(1)
  expect(seen(two)).toEqual([['ana']])
})

test('a process that leaves takes its people with it at once, one that dies after a while', () => {
  const [one, two, three] = [join('one'), join('two'), join('three')]
  two.enter('acme', 'bia')
  three.enter('acme', 'caio')
  time.move(1_000)
  two.die()
  three.close()
  expect(seen(one)).toEqual([['bia']])
  time.move(SILENT_MS_MAX - 2_000)
  expect(seen(one)).toEqual([['bia']])
  time.move(HERE_EVERY_MS + 2_000)
  expect(seen(one)).toEqual([[]])
})

test('what was missed while cut off is asked for afterwards', () => {
  const [one, two] = [join('one'), join('two')]
  one.enter('acme', 'ana')
  time.move(1_000)
  two.cut(true)
  one.leave('acme', 'ana')
  one.enter('acme', 'bia')
  time.move(1_000)
  expect(seen(two)).toEqual([['ana']])
  two.cut(false)
  time.move(HERE_EVERY_MS)
  expect(seen(one, two)).toEqual([['bia'], ['bia']])
  // Longer than anybody is waited for: gone meanwhile, and back by itself.
  two.cut(true)
  time.move(SILENT_MS_MAX + HERE_EVERY_MS)
  expect(seen(two)).toEqual([[]])
  two.cut(false)
  time.move(HERE_EVERY_MS)
  expect(seen(two)).toEqual([['bia']])
})
