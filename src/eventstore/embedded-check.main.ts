import { checkLog } from './embedded-check.ts'

/** `embedded-check.main <folder> [--full]`: prints a report, or says what is wrong and exits with 1. */
const [folder, ...flags] = process.argv.slice(2)
if (!folder) {
  process.stderr.write('usage: embedded-check.main <folder of the event log> [--full]\n')
  process.exit(2)
}
try {
  process.stdout.write(`${JSON.stringify(await checkLog(folder, flags.includes('--full')))}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
