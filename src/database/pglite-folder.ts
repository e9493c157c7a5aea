import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'

/**
 * What we know of an embedded database's folder. PGlite never fsyncs: after the death of our process the kernel still
 * writes everything out, and the write-ahead log repairs the rest; after the death of the *machine* pages and log may
 * be of different ages without anybody noticing. So the folder remembers under which boot it was last open, and is
 * trusted only if it was closed properly or the machine has not been started again since. What is not trusted is made
 * anew: everything in it can be read from the event log again.
 */
const stateSchema = z.object({
  format: z.literal(1),
  pglite: z.string(),
  clean: z.boolean(),
  boot: z.string(),
  owner: z.object({ pid: z.number(), started: z.string() }).nullable(),
})
type State = z.infer<typeof stateSchema>

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return otherwise
  }
}

/** Changes when the machine starts again. Where the kernel does not tell, an unclean stop is never trusted. */
const bootId = (): string => readOr('/proc/sys/kernel/random/boot_id', `unknown-${process.pid}-${Date.now()}`)

/** When a process started, so that a reused number is not taken for it. Empty: there is no such process. */
const startOf = (pid: number): string => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return ''
  }
  // The name in brackets may hold anything: count fields after it. The start is field 22.
  const stat = readOr(`/proc/${pid}/stat`, '')
  return stat ? (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '') : 'unknown'
}

const stateFile = (folder: string): string => join(folder, 'state.json')
export const dataFolder = (folder: string): string => join(folder, 'pgdata')

const readState = async (folder: string): Promise<State | null> => {
  try {
    return stateSchema.parse(JSON.parse(await readFile(stateFile(folder), 'utf8')))
  } catch {
    return null
  }
}

const writeState = async (folder: string, state: Omit<State, 'format' | 'boot'>): Promise<void> => {
  const file = stateFile(folder)
  await writeFile(`${file}.new`, JSON.stringify({ format: 1, boot: bootId(), ...state }))
  await rename(`${file}.new`, file)
}

const me = (): NonNullable<State['owner']> => ({ pid: process.pid, started: startOf(process.pid) })

export const markOpen = (folder: string, pglite: string): Promise<void> =>
  writeState(folder, { pglite, clean: false, owner: me() })

export const markClosed = (folder: string, pglite: string): Promise<void> =>
  writeState(folder, { pglite, clean: true, owner: null })

/** Why the folder cannot be used as it is; `null` if it can. @throws Error when another live process has it open. */
export const whyUnusable = async (folder: string, pglite: string): Promise<string | null> => {
  const state = await readState(folder)
  if (!state) return 'it was never completed'
  const { owner } = state
  if (owner && owner.pid !== process.pid && startOf(owner.pid) === owner.started)
    throw new Error(`${folder} is in use by process ${owner.pid}`)
  if (state.pglite !== pglite) return `it was made by another release (${state.pglite})`
  if (!state.clean && state.boot !== bootId()) return 'the machine stopped while it was open'
  return null
}

/** Puts a folder aside for whoever wants to look, keeping only the latest such one. Answers where; `null`: nothing there. */
export const moveAside = async (folder: string): Promise<string | null> => {
  const siblings = await readdir(dirname(folder)).catch((): string[] => [])
  if (!siblings.includes(basename(folder))) return null
  for (const old of siblings.filter(name => name.startsWith(`${basename(folder)}.damaged-`)))
    await rm(join(dirname(folder), old), { recursive: true, force: true })
  const aside = `${folder}.damaged-${Date.now()}`
  await rename(folder, aside)
  return aside
}

export const makeFolder = (folder: string): Promise<unknown> =>
  mkdir(folder, { recursive: true, mode: 0o700 })
