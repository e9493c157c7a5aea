import { runBuilt } from './lib/run-built.mjs'

// `npm run restore -- <folder of a backup> [--force]`: puts a backup into DATA_DIR; the server must not run.
await runBuilt('restore.main.js')
