import { runBuilt } from './lib/run-built.mjs'

// `npm run rebuild`: makes the read models again from the log, with progress.
await runBuilt('rebuild.main.js', process.argv.slice(2))
