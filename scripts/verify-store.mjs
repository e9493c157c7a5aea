import { join } from 'node:path'
import { runBuilt } from './lib/run-built.mjs'

// `npm run store:verify [-- <folder of the log>]`: walks all of an embedded log; by default that of DATA_DIR.
const folder = process.argv[2] ?? join(process.env.DATA_DIR || './data', 'events')
await runBuilt('embedded-check.main.js', [folder, '--full'])
