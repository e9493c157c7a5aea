import { createHash } from 'node:crypto'
import type { AnyStateMachine } from 'xstate'

/**
 * Raised whenever charts read history in another way than the release before: a helper of an action changed, a context
 * holds something else or in another form. What the machine's own text shows (its states, transitions, guards and the
 * sources of its actions) changes the hash by itself; `machine-hash.test.ts` notices the rest.
 */
export const CHARTS_VERSION = 1

/** An action that tells the source of the change that it makes (see `factActions`). */
type Told = { readonly source?: string }

const sources = (implementations: object): [string, string][] =>
  Object.entries(implementations)
    .map(([name, made]): [string, string] => [name, (made as Told).source ?? String(made)])
    .sort(([a], [b]) => (a < b ? -1 : 1))

const hashes = new WeakMap<AnyStateMachine, string>()

/**
 * Names the code that a snapshot was made by: the same only while the chart means the same. A snapshot of another
 * machine is not read.
 */
export const machineHash = (chart: AnyStateMachine, version = CHARTS_VERSION): string => {
  const known = hashes.get(chart)
  if (known !== undefined && version === CHARTS_VERSION) return known
  const { actions, guards } = chart.implementations
  const text = JSON.stringify([version, chart.config, sources(actions), sources(guards)])
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  if (version === CHARTS_VERSION) hashes.set(chart, hash)
  return hash
}
