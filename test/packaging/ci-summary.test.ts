import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

const SUMMARY = resolve(import.meta.dirname, '../../scripts/ci-summary.mjs')
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

type Status = 'passed' | 'failed' | 'skipped'
type Suites = { readonly [file: string]: readonly Status[] }

const ALL_GREEN: Suites = {
  'src/a.test.ts': ['passed'],
  'test/process/a.process.test.ts': ['passed'],
  'src/a.esdb.test.ts': ['passed', 'skipped'],
  'src/a.pg.test.ts': ['passed'],
  'src/a.redis.test.ts': ['passed'],
  'test/journeys/a.journey.test.ts': ['passed'],
}
const STEPS = { install: 0, check: 0, test: 0, 'fresh-clone': 0 }
const CHECKS = [{ name: 'types', ok: true }]

/** The summary of a run that came to this: the closing line, and whether the run counts as good. */
const summaryOf = (
  suites: Suites | null,
  steps: { readonly [name: string]: number } = STEPS,
  checks = CHECKS,
) => {
  const folder = mkdtempSync(join(tmpdir(), 'fio-summary-'))
  folders.push(folder)
  const rows = Object.entries(steps).map(([name, code]) => `${name}\t${code}\t1\n`)
  writeFileSync(join(folder, 'steps.tsv'), rows.join(''))
  writeFileSync(join(folder, 'check.json'), JSON.stringify(checks))
  if (suites) {
    const all = Object.values(suites).flat()
    const report = {
      numPassedTests: all.filter(status => status === 'passed').length,
      numFailedTests: all.filter(status => status === 'failed').length,
      testResults: Object.entries(suites).map(([name, statuses]) => ({
        name,
        assertionResults: statuses.map(status => ({ status })),
      })),
    }
    writeFileSync(join(folder, 'vitest.json'), JSON.stringify(report))
  }
  const { stdout, status } = spawnSync(process.execPath, [SUMMARY, join(folder, 'steps.tsv'), folder], {
    encoding: 'utf8',
  })
  return { closing: stdout.trimEnd().split('\n').at(-1), status }
}

describe('the closing line of .ci/run', () => {
  test('adds up tests, checks and steps', () => {
    expect(summaryOf(ALL_GREEN)).toEqual({ closing: '9 passed, 0 failed', status: 0 })
  })

  test('counts a failed test once', () => {
    const suites = { ...ALL_GREEN, 'src/b.test.ts': ['failed'] as const }
    expect(summaryOf(suites, { ...STEPS, test: 1 })).toEqual({ closing: '9 passed, 1 failed', status: 1 })
  })

  test.each([
    'src/a.pg.test.ts',
    'src/a.redis.test.ts',
    'src/a.esdb.test.ts',
    'test/process/a.process.test.ts',
    'test/journeys/a.journey.test.ts',
  ])('fails when %s was skipped or is not there', file => {
    const { [file]: gone, ...rest } = ALL_GREEN
    expect(gone).toBeDefined()
    expect(summaryOf({ ...rest, [file]: ['skipped'] }).status).toBe(1)
    expect(summaryOf(rest).status).toBe(1)
  })

  test('fails when one test of a column was left out', () => {
    expect(summaryOf({ ...ALL_GREEN, 'src/b.pg.test.ts': ['skipped'] }).status).toBe(1)
  })

  test('fails when a check, a step or the whole test run fails', () => {
    const failedCheck = [...CHECKS, { name: 'lint', ok: false }]
    expect(summaryOf(ALL_GREEN, { ...STEPS, check: 1 }, failedCheck).closing).toBe('9 passed, 1 failed')
    expect(summaryOf(ALL_GREEN, { ...STEPS, 'fresh-clone': 1 }).closing).toBe('8 passed, 1 failed')
    expect(summaryOf(null, { ...STEPS, test: 1 }).status).toBe(1)
    expect(summaryOf(ALL_GREEN, { ...STEPS, test: 1 }).status).toBe(1)
  })
})
