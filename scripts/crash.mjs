import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bin } from './lib/bin.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { requireNode } from './lib/node-version.mjs'
import { ROOT } from './lib/root.mjs'
import { run } from './lib/run.mjs'

// `npm run crash -- --deaths 50 [--seed N] [--column embedded|outside]`: kill -9 at random moments under load, on both
// columns, judged by the test's own process from its ledger on disk. Prints the verdict and writes bench/results/crash.json.
requireNode()
await ensureInstalled()
const { values } = parseArgs({
  options: {
    deaths: { type: 'string', default: '50' },
    seed: { type: 'string' },
    column: { type: 'string' },
  },
})
const columns = values.column ? [values.column] : ['embedded', 'outside']
const verdicts = mkdtempSync(join(tmpdir(), 'fio-crash-'))
const env = {
  ...process.env,
  REQUIRE_COLUMNS: 'all',
  CRASH_DEATHS: values.deaths,
  CRASH_VERDICTS: verdicts,
  ...(values.seed ? { CRASH_SEED: values.seed } : {}),
}
const args = ['run', '--project', 'process', 'test/process/crash.process.test.ts', '-t', columns.join('|')]
const code = await run(process.execPath, [bin('vitest'), ...args], { env })

const found = readdirSync(verdicts)
  .sort()
  .map(file => JSON.parse(readFileSync(join(verdicts, file), 'utf8')))
rmSync(verdicts, { recursive: true })

const row = ({ column, deaths, accepted, found, lost, twice, outOfOrder, invented, replies }) => ({
  column,
  deaths,
  accepted,
  found,
  lost: lost.length,
  twice: twice.length,
  'out of order': outOfOrder.length,
  invented: invented.length,
  replies: replies.queued,
  'replies lost': replies.lost.length,
  'replies twice': replies.twice.length,
  'replies out of order': replies.outOfOrder.length,
  'replies wrongly shown': replies.wronglyShown.length,
  'replies unknown': replies.owned,
})
console.table(found.map(row))
const complete = found.length === columns.length
if (complete) {
  const file = join(ROOT, 'bench', 'results', 'crash.json')
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).columns : []
  const fresh = found.map(one => ({
    ...row(one),
    servers: one.servers,
    seed: one.seed,
    at: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
  }))
  // A run of one column leaves what the other came to.
  const others = kept.filter(({ column }) => !columns.includes(column))
  const all = [...others, ...fresh].sort((a, b) => a.column.localeCompare(b.column))
  mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ name: 'crash', columns: all }, null, 2)}\n`)
}
if (!complete) console.error('A column came to no verdict: see above.')
process.exit(code || (complete ? 0 : 1))
