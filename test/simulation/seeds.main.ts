import { parseArgs } from 'node:util'
import { runSeed, type SeedResult } from './run-seed.ts'

/**
 * Runs seeds one after the other and says, a line of JSON each, what came of them. `--from`: the first; `--to`: the last;
 * `--every`: the distance between two, so that several processes share a range. `--trace`: print everything instead.
 */
export type SeedLine = Omit<SeedResult, 'lines'> & { readonly lines?: readonly string[] }

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
})

/** A promise that fails and that nobody looks at would end a server. */
let unheard: unknown = null
process.on('unhandledRejection', error => (unheard ??= error))

const run = async (seed: number): Promise<SeedResult> => {
  unheard = null
  const result = await runSeed(seed, { trace: values.trace })
  const what = unheard instanceof Error ? (unheard.stack ?? unheard.message) : String(unheard)
  return unheard === null || result.broken
    ? result
    : { ...result, broken: { rule: 'no promise fails unheard', what } }
}

for (let seed = Number(values.from); seed <= Number(values.to); seed += Number(values.every)) {
  const { lines, ...result } = await run(seed)
  if (values.trace) process.stdout.write(`${lines.join('\n')}\n`)
  const line: SeedLine = result.broken && !values.trace ? { ...result, lines } : result
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
