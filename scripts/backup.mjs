import { runBuilt } from './lib/run-built.mjs'

// `npm run backup -- <new folder>`: copies what cannot be rebuilt (log, vault, media) while the server works.
await runBuilt('backup.main.js')
