import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Names at the end of a run the columns that were skipped. In vitest.config.ts:
 * `test: { globalSetup: ['./test/columns-reporter.ts'] }`.
 */
export const setup = (): void => {
  process.env['FIO_SKIPPED_COLUMNS'] = join(tmpdir(), `fio-skipped-columns-${process.pid}`)
  rmSync(process.env['FIO_SKIPPED_COLUMNS'], { force: true })
}

export const teardown = (): void => {
  const file = process.env['FIO_SKIPPED_COLUMNS']
  if (!file || !existsSync(file)) {
    console.log('columns skipped: none')
    return
  }
  const columns = new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))
  rmSync(file, { force: true })
  console.log(`columns skipped: ${[...columns].sort().join(', ')} (REQUIRE_COLUMNS=all makes this a failure)`)
}
