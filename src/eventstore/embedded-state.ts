import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { LOG_FILE } from './embedded-tables.ts'

/**
 * What the folder says about itself before anybody maps the log: `store.json` is `making` until a new log can be served,
 * `open`, with the log's inode, while a process serves the folder and `closed`, with the log's length and time, after an
 * orderly stop. Anything else is an unclean stop, or another file than the one that was left here.
 */

const STATE_FILE = 'store.json'

const stateSchema = z.discriminatedUnion('state', [
  z.object({ format: z.literal(1), state: z.literal('making') }),
  z.object({ format: z.literal(1), state: z.literal('open'), logInode: z.string() }),
  z.object({ format: z.literal(1), state: z.literal('backup') }),
  z.object({
    format: z.literal(1),
    state: z.literal('closed'),
    logBytes: z.number().int(),
    logChanged: z.string(),
  }),
])
type State = z.infer<typeof stateSchema>

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

const unlessMissing = async <T>(read: Promise<T>): Promise<T | null> =>
  read.catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })

const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const write = async (folder: string, state: State): Promise<void> => {
  const fresh = join(folder, `${STATE_FILE}.new`)
  const handle = await open(fresh, 'w')
  try {
    await handle.writeFile(`${JSON.stringify(state)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, join(folder, STATE_FILE))
  await syncFolder(folder)
}

/** `changed`: nanoseconds since the Unix epoch. Both it and the inode are too many for a number. */
type LogFile = { readonly bytes: number; readonly changed: string; readonly inode: string }

const logFile = async (folder: string): Promise<LogFile | null> => {
  const found = await unlessMissing(stat(join(folder, LOG_FILE), { bigint: true }))
  return found && { bytes: Number(found.size), changed: String(found.mtimeNs), inode: String(found.ino) }
}

const readState = async (folder: string): Promise<State | null> => {
  const text = await unlessMissing(readFile(join(folder, STATE_FILE), 'utf8'))
  if (text === null) return null
  try {
    return stateSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    // Not JSON: a torn or foreign file says nothing, and saying nothing means that the log is checked.
    return null
  }
}

/**
 * `new`: nothing here yet, or half of a log that nobody was ever served from. `clean`: stopped in order. `unclean`: to be checked. `foreign`: not as it was left, by copying
 * or by somebody's hand; to be checked whole. `backup`: a copy, to be checked and given an epoch of its own. `lost`: there
 * was a log, it is gone.
 */
export type Found = 'new' | 'clean' | 'unclean' | 'foreign' | 'backup' | 'lost'

export const findStore = async (folder: string): Promise<Found> => {
  const [state, log] = await Promise.all([readState(folder), logFile(folder)])
  if (state?.state === 'making') return 'new'
  // The state is written after the log was made, so a state without a log means that the log was taken away.
  if (!log?.bytes) return state ? 'lost' : 'new'
  if (state?.state === 'backup') return 'backup'
  if (state?.state === 'open') return state.logInode === log.inode ? 'unclean' : 'foreign'
  return state?.logBytes === log.bytes && state.logChanged === log.changed ? 'clean' : 'foreign'
}

/**
 * Before the first byte of a new log: what a process that dies meanwhile leaves behind holds nothing. It is put aside, not
 * thrown away, in case that somebody laid a log of theirs in its place.
 */
export const beginAnew = async (folder: string): Promise<void> => {
  await write(folder, { format: 1, state: 'making' })
  await unlessMissing(rename(join(folder, LOG_FILE), join(folder, `${LOG_FILE}.unfinished`)))
  await rm(join(folder, `${LOG_FILE}-lock`), { force: true })
}

export const markOpen = async (folder: string): Promise<void> =>
  write(folder, { format: 1, state: 'open', logInode: (await logFile(folder))?.inode ?? '' })

export const markBackup = (folder: string): Promise<void> => write(folder, { format: 1, state: 'backup' })

export const markClosed = async (folder: string): Promise<void> => {
  const log = await logFile(folder)
  await write(folder, {
    format: 1,
    state: 'closed',
    logBytes: log?.bytes ?? 0,
    logChanged: log?.changed ?? '0',
  })
}
