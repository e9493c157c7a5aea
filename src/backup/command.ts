import { StoreDamaged } from '../eventstore/embedded-check.ts'
import { StoreLocked } from '../eventstore/embedded-lock.ts'
import { Refused } from './places.ts'

/** The words of a command line: one folder, and flags. */
export type Words = { readonly folder: string; readonly force: boolean }

/** @throws Refused with the usage. */
export const wordsOf = (usage: string, flags: readonly string[]): Words => {
  const words = process.argv.slice(2)
  const [folder, ...more] = words.filter(word => !word.startsWith('--'))
  const unknown = words.find(word => word.startsWith('--') && !flags.includes(word))
  if (!folder || more.length > 0 || unknown) throw new Refused(`usage: ${usage}`)
  return { folder, force: words.includes('--force') }
}

export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Runs a command; what was refused is told in one line and ends with 1. */
export const command = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    const told = error instanceof Refused || error instanceof StoreDamaged || error instanceof StoreLocked
    process.stderr.write(`${told ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = 1
  }
}
