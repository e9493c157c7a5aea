import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './root.mjs'
import { run } from './run.mjs'

const read = path => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))

/**
 * Why `npm ci` is needed, or null. npm leaves a copy of the lock of what it installed; comparing the two is exact, where
 * comparing dates is not (a checkout changes dates, an interrupted install doesn't).
 */
export const whyInstall = () => {
  if (!existsSync(join(ROOT, 'node_modules/.package-lock.json'))) return 'nothing is installed yet'
  const wanted = read('package-lock.json').packages
  const installed = read('node_modules/.package-lock.json').packages
  const stale = Object.entries(wanted).find(
    ([path, { version, optional, link }]) =>
      path !== '' && !optional && !link && installed[path]?.version !== version,
  )
  return stale ? `${stale[0].replace(/^.*node_modules\//, '')} is missing or not the locked version` : null
}

/** Brings node_modules to what package-lock.json says, if it isn't there yet. */
export const ensureInstalled = async () => {
  const reason = whyInstall()
  if (!reason) return
  console.log(`installing packages (${reason}) …`)
  const began = Date.now()
  const code = await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'])
  if (code !== 0) {
    console.error('npm ci failed: see above. Nothing was started.')
    process.exit(code)
  }
  console.log(`installed in ${((Date.now() - began) / 1000).toFixed(1)} s`)
}
