import { expect, test } from 'vitest'
import { setup } from 'xstate'
import { createHash } from 'node:crypto'
import type { QueueOpenFact } from '../events/company.ts'
import type { History } from '../../test/support/golden-histories.ts'
import { ALL_KINDS } from '../../test/support/chart-facts.ts'
import { GOLDEN, readJson } from '../../test/support/golden.ts'
import { baseContext, factActions, type BaseContext } from './kind.ts'
import { createLive } from './live.ts'
import { CHARTS_VERSION, machineHash } from './machine-hash.ts'

type Context = BaseContext & { readonly names: number }
const on = factActions<Context, QueueOpenFact>()
const chartOf = (change: {
  readonly target?: 'existing' | 'removed'
  readonly names?: number
  readonly counts?: boolean
  readonly lifecycle?: boolean
  readonly strict?: boolean
}) =>
  setup({
    types: { context: {} as Context, events: {} as QueueOpenFact },
    actions: {
      create: on('queue.created', () => ({}), { lifecycle: change.lifecycle ?? false }),
      change: change.counts
        ? on('queue.changed', context => ({ names: context.names + 1 }))
        : on('queue.changed'),
    },
    guards: { allowed: change.strict ? ({ event }) => event.type === 'queue.changed' : () => true },
  }).createMachine({
    id: 'queue',
    context: { ...baseContext, names: change.names ?? 0 },
    initial: 'absent',
    states: {
      absent: { on: { 'queue.created': { target: change.target ?? 'existing', actions: 'create' } } },
      existing: { on: { 'queue.changed': { guard: 'allowed', actions: 'change' } } },
      removed: {},
    },
  })

test('whatever changes in a chart changes its hash', () => {
  const changes = [
    {},
    { target: 'removed' as const },
    { names: 1 },
    { counts: true },
    { lifecycle: true },
    { strict: true },
  ]
  const hashes = changes.map(change => machineHash(chartOf(change)))
  expect(new Set(hashes).size).toBe(changes.length)
  expect(machineHash(chartOf({}), CHARTS_VERSION + 1)).not.toBe(hashes[0])
})

test('a chart that is the same has the same hash, in every process', () => {
  expect(machineHash(chartOf({ counts: true }))).toBe(machineHash(chartOf({ counts: true })))
  const all = ALL_KINDS.map(({ chart }) => machineHash(chart))
  expect(new Set(all).size).toBe(ALL_KINDS.length)
})

/**
 * How the charts of this version read the oldest histories. When a chart changed in its own text (states, first context,
 * what its actions do), its hash did too: write the new digest down. Otherwise snapshots of the release before would be
 * taken for those of this one: raise `CHARTS_VERSION` as well.
 */
const READ = {
  version: 1,
  digests: {
    alias: '00e58e0fa9e67f53',
    company: '0cbb9257c99c7f1d',
    contact: 'eb9590fc76f6359a',
    conversation: '4ed50cad0e7cd9ea',
    session: '3715ebfe37580f14',
    ticket: 'd196e0b5e7e29968',
  },
} as const

test('a history read in another way than before comes with a new version', async () => {
  const digests: Record<string, string> = {}
  for (const type of Object.keys(READ.digests)) {
    const { events } = await readJson<History>(`${GOLDEN}histories/first-${type}.json`)
    const kind = ALL_KINDS.find(one => one.type === type)!
    const live = createLive(kind, 'golden')
    for (const event of events) live.evolve(event)
    const { value, context } = live.snapshot()
    digests[type] = createHash('sha256')
      .update(JSON.stringify([value, context]))
      .digest('hex')
      .slice(0, 16)
  }
  expect({ version: CHARTS_VERSION, digests }, 'see the comment on READ').toEqual(READ)
})
