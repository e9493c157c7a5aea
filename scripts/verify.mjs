import { runBuilt } from './lib/run-built.mjs'

// `npm run verify [-- --export-roots FILE | --against FILE | --public-key KEY]`: is the log what was written?
await runBuilt('verify.main.js', process.argv.slice(2))
