import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { requireNode } from './lib/node-version.mjs'
import { bin } from './lib/bin.mjs'
import { columnReport } from './lib/columns.mjs'
import { ensureBuilt } from './lib/ensure-built.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { ROOT } from './lib/root.mjs'
import { run } from './lib/run.mjs'

// `npm test`: installs and builds what is missing, runs every suite, and says which columns were skipped and why.
// With arguments (`npm test -- src/vault`) it hands them to vitest and skips the build.
requireNode()
await ensureInstalled()
const filters = process.argv.slice(2)
if (filters.length === 0) await ensureBuilt()

const output = join(ROOT, 'test-output')
const report = join(output, 'vitest.json')
mkdirSync(output, { recursive: true })
rmSync(report, { force: true })

const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters]
const code = await run(process.execPath, [bin('vitest'), ...args])
if (filters.length > 0) process.exit(code)

if (!existsSync(report)) {
  console.error('vitest left no report: it ended before the tests did.')
  process.exit(code || 1)
}
const { lines, complete } = columnReport(JSON.parse(readFileSync(report, 'utf8')))
console.log(`\nColumns\n${lines.map(line => `  ${line}`).join('\n')}`)
const mustBeComplete = process.env.REQUIRE_COLUMNS === 'all'
if (mustBeComplete && !complete)
  console.error('\nREQUIRE_COLUMNS=all: a column was not exercised, so this run does not count.')
process.exit(code || (mustBeComplete && !complete ? 1 : 0))
