import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { requireNode } from './lib/node-version.mjs'
import { ensureBuilt } from './lib/ensure-built.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { NODE_FLAGS } from './lib/node-flags.mjs'
import { ROOT } from './lib/root.mjs'
import { run } from './lib/run.mjs'

// `npm run bench [name …]`: runs bench/*.ts one after the other, each in a process of its own, and lets them print their tables.
requireNode()
await ensureInstalled()
await ensureBuilt()

const wanted = process.argv.slice(2)
const all = readdirSync(join(ROOT, 'bench')).filter(file => file.endsWith('.ts'))
const chosen = wanted.length > 0 ? all.filter(file => wanted.includes(file.replace(/\.ts$/, ''))) : all
if (chosen.length === 0) {
  console.error(
    `no such benchmark; there are: ${all.map(file => file.replace(/\.ts$/, '')).join(', ') || 'none'}`,
  )
  process.exit(1)
}

const failed = []
for (const file of chosen) {
  console.log(`\n── ${file.replace(/\.ts$/, '')}`)
  const code = await run(process.execPath, [...NODE_FLAGS, '--import', 'tsx', join('bench', file)])
  if (code !== 0) failed.push(file)
}
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(', ')}`)
  process.exit(1)
}
