import { requireNode } from './lib/node-version.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { ensureBuilt } from './lib/ensure-built.mjs'
import { NODE_FLAGS } from './lib/node-flags.mjs'
import { run } from './lib/run.mjs'

// `npm start`: from a fresh clone to a running server, doing only what is still to do.
requireNode()
await ensureInstalled()
await ensureBuilt()
process.exit(await run(process.execPath, [...NODE_FLAGS, 'dist/main.js', ...process.argv.slice(2)]))
