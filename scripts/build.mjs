import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { requireNode } from './lib/node-version.mjs'
import { ROOT } from './lib/root.mjs'
import { run } from './lib/run.mjs'
import { buildServer } from './lib/build-server.mjs'
import { buildUi } from './lib/build-ui.mjs'
import { copyApiReference } from './lib/copy-api-reference.mjs'
import { sourceStamp, writeStamp } from './lib/stamp.mjs'

// dist/            what production needs beside node_modules
//   main.js        the server; every worker it starts lies beside it
//   ui/            the browser's part
//   swagger-ui/    the API reference's page assets
//   pglite.tar.gz  a prepared database folder, so that the first start need not make one
requireNode()
const stamp = sourceStamp()
const began = Date.now()
const seconds = since => `${((Date.now() - since) / 1000).toFixed(1)} s`

const step = async (name, work) => {
  const started = Date.now()
  await work()
  console.log(`  ${name.padEnd(14)} ${seconds(started)}`)
}

const prepareDatabase = async () => {
  const code = await run(process.execPath, ['scripts/prebuild-pglite.mjs'])
  if (code !== 0) throw new Error('scripts/prebuild-pglite.mjs failed')
}

console.log('building …')
rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
mkdirSync(join(ROOT, 'dist'), { recursive: true })
const steps = [step('server', buildServer), step('ui', buildUi), step('api reference', copyApiReference)]
if (existsSync(join(ROOT, 'scripts/prebuild-pglite.mjs'))) steps.push(step('database', prepareDatabase))
const results = await Promise.allSettled(steps)
const failures = results.filter(result => result.status === 'rejected')
for (const { reason } of failures)
  console.error(reason instanceof Error ? (reason.stack ?? reason.message) : reason)
if (failures.length > 0) {
  console.error(`build failed (${failures.length} of ${steps.length} steps)`)
  process.exit(1)
}
writeStamp(stamp)
console.log(`built in ${seconds(began)}`)
