import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createActor, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import { ALL_KINDS, factOf, typesOf } from '../../test/support/chart-facts.ts'
import type { Kind } from './kind.ts'

/** Two ways that a fact may lead are enough for all guards that there are. */
const VARIATIONS = [0, 1]

type Node = { readonly id: string; readonly key: string; readonly states: Record<string, Node> }
/** Every state that has none within, as `existing.live.open`. */
const leaves = (node: Node, path: readonly string[] = []): string[] => {
  const inner = Object.values(node.states)
  return inner.length === 0 ? [path.join('.')] : inner.flatMap(state => leaves(state, [...path, state.key]))
}
const pathOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as object)
        .map(([state, inner]) => `${state}.${pathOf(inner)}`)
        .join(',')

const start = (chart: AnyStateMachine, from?: AnyMachineSnapshot) => {
  const actor = createActor(chart, from ? { snapshot: chart.getPersistedSnapshot(from) } : {})
  actor.subscribe({ error: () => undefined })
  return actor.start()
}

/** Every state that facts lead to, found by trying all of them everywhere. */
const reached = (kind: Kind): Set<string> => {
  const found = new Map<string, AnyMachineSnapshot>()
  const open: AnyMachineSnapshot[] = [start(kind.chart).getSnapshot()]
  for (let from = open.shift(); from; from = open.shift()) {
    const path = pathOf(from.value)
    if (found.has(path)) continue
    found.set(path, from)
    for (const type of typesOf(kind))
      for (const vary of VARIATIONS) {
        const actor = start(kind.chart, from)
        actor.send(factOf(type, vary))
        open.push(actor.getSnapshot())
      }
  }
  return new Set(found.keys())
}

describe.each(ALL_KINDS.map(kind => ({ kind, name: kind.type })))('the chart of $name', ({ kind }) => {
  test('can come into every state that it has, and into no other', () => {
    expect([...reached(kind)].sort()).toEqual(leaves(kind.chart.root as unknown as Node).sort())
  })

  test('takes a fact exactly when it says that it can, and no fact breaks it', () => {
    const step = fc.record({ type: fc.constantFrom(...typesOf(kind)), vary: fc.nat({ max: 30 }) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), steps => {
        const actor = start(kind.chart)
        for (const [revision, { type, vary }] of steps.entries()) {
          const fact = factOf(type, vary, revision)
          const before = actor.getSnapshot()
          const can = before.can(fact)
          actor.send(fact)
          const after = actor.getSnapshot()
          expect(after.status).not.toBe('error')
          // `createLive` rests on this: a fact that is not taken leaves the very same snapshot.
          expect(after === before).toBe(!can)
          if (!can) expect(after.value).toEqual(before.value)
        }
      }),
      { numRuns: 60 },
    )
  })
})
