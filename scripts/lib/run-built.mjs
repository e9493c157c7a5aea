import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './ensure-built.mjs'
import { ensureInstalled } from './install.mjs'
import { requireNode } from './node-version.mjs'
import { ROOT } from './root.mjs'
import { run } from './run.mjs'

/**
 * Runs a program of dist. One that is there is taken as it is, whatever the sources say by now: a backup must not wait for
 * a build.
 */
export const runBuilt = async (program, args = process.argv.slice(2)) => {
  requireNode()
  const file = join(ROOT, 'dist', program)
  if (!existsSync(file)) {
    await ensureInstalled()
    await ensureBuilt()
  }
  process.exit(await run(process.execPath, ['--enable-source-maps', file, ...args]))
}
