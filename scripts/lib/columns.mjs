/**
 * A test's suffix tells what it needs; a column is all tests of one suffix. This turns vitest's JSON report into one line
 * a column, so that a run names what it did not look at.
 */
const COLUMNS = [
  { name: 'embedded', suffix: /(?<!\.(pg|redis|esdb|process|journey))\.test\.tsx?$/, needs: 'nothing' },
  {
    name: 'EventStoreDB protocol',
    suffix: /\.esdb\.test\.ts$/,
    needs: 'nothing (TEST_EVENTSTORE_URL for a real server)',
    // The protocol server always runs; a real EventStoreDB is held by no package and is asked for by naming it.
    maySkip: true,
  },
  { name: 'PostgreSQL', suffix: /\.pg\.test\.ts$/, needs: 'a PostgreSQL server (TEST_DATABASE_URL)' },
  { name: 'Redis', suffix: /\.redis\.test\.ts$/, needs: 'a Redis server (TEST_REDIS_URL)' },
  {
    name: 'whole servers',
    suffix: /\.process\.test\.ts$/,
    needs: 'PostgreSQL and Redis for its outside half',
  },
  { name: 'browser', suffix: /\.journey\.test\.ts$/, needs: 'Chromium (CHROMIUM_PATH)' },
]

const SKIPPED = new Set(['skipped', 'pending', 'todo', 'disabled'])

const countOf = (report, suffix) => {
  const tests = report.testResults
    .filter(({ name }) => suffix.test(name))
    .flatMap(file => file.assertionResults)
  return {
    passed: tests.filter(test => test.status === 'passed').length,
    failed: tests.filter(test => test.status === 'failed').length,
    skipped: tests.filter(test => SKIPPED.has(test.status)).length,
  }
}

const lineOf = ({ name, needs }, { passed, failed, skipped }) => {
  const counts = [`${passed} passed`]
  if (failed > 0) counts.push(`${failed} failed`)
  if (skipped > 0) counts.push(`${skipped} skipped`)
  const ran = passed + failed > 0
  const remark = ran ? '' : skipped > 0 ? `  SKIPPED: needs ${needs}` : '  NO TESTS'
  return `${name.padEnd(22)} ${counts.join(', ')}${remark}`
}

/** One line a column, and whether every column ran with nothing left out. */
export const columnReport = report => {
  const rows = COLUMNS.map(column => ({ column, count: countOf(report, column.suffix) }))
  return {
    lines: rows.map(({ column, count }) => lineOf(column, count)),
    complete: rows.every(({ column, count }) => count.passed > 0 && (column.maySkip || count.skipped === 0)),
  }
}
