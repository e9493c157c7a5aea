import { checkLog } from './embedded-check.ts'

/** `embedded-check.main <folder> [--full]`, in any order: prints a report, or says what is wrong and exits with 1. */
const words = process.argv.slice(2)
const folder = words.find(word => !word.startsWith('--'))
if (!folder) {
  process.stderr.write('usage: embedded-check.main <folder of the event log> [--full]\n')
  process.exit(2)
}
try {
  process.stdout.write(`${JSON.stringify(await checkLog(folder, words.includes('--full')))}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
