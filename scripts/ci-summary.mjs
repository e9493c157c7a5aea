import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnReport } from './lib/columns.mjs'
import { ROOT } from './lib/root.mjs'

// The end of .ci/run: adds up the steps, the checks and the tests. A part that left no report counts as one failure.
// Usage: node scripts/ci-summary.mjs STEPS [folder of the reports]
const reports = process.argv[3] ?? join(ROOT, 'test-output')
const readJson = name => {
  const path = join(reports, name)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
}
const steps = readFileSync(process.argv[2], 'utf8')
  .split('\n')
  .filter(Boolean)
  .map(line => line.split('\t'))
  .map(([name, code, seconds]) => ({ name, ok: code === '0', seconds }))

console.log('\n── summary')
for (const { name, ok, seconds } of steps)
  console.log(`${ok ? 'passed' : 'FAILED'}  ${name.padEnd(14)} ${seconds} s`)

let passed = 0
let failed = 0
const count = ok => (ok ? passed++ : failed++)
const stepOk = wanted => steps.some(({ name, ok }) => name === wanted && ok)

for (const { name, ok } of steps) if (name !== 'check' && name !== 'test') count(ok)

const checks = readJson('check.json')
for (const { ok } of checks ?? []) count(ok)
if (!checks) count(false)

const tests = readJson('vitest.json')
if (tests) {
  const { lines, complete } = columnReport(tests)
  for (const line of lines) console.log(`  ${line}`)
  passed += tests.numPassedTests
  failed += tests.numFailedTests
  if (!complete) {
    console.log('a column was skipped or has no tests: that counts as a failure')
    count(false)
  }
}
// A suite that breaks before its first test has no failed test to count.
if (!stepOk('test') && (!tests || tests.numFailedTests === 0)) count(false)

console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
