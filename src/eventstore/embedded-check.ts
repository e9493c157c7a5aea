import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { decodeHead, skipRevision, type Head } from './embedded-head.ts'
import { recordPrevious, recordRevision, recordStream } from './embedded-record.ts'
import { lastOrdinal, openTables, readHead, readRecord, type Tables } from './embedded-tables.ts'

/**
 * Is this log whole? A cut or overwritten lmdb file does not throw: touching the missing page kills the process
 * (SIGBUS, SIGSEGV). So a child process touches it first, and only if the child lives to say `ok` does the server map
 * the file.
 */

/** Records at the end of the log whose bytes are verified after an unclean stop. */
const TAIL_RECORDS = 10_000
/** Streams, spread over all of them, whose whole way of skips is followed then. */
const HEADS_FOLLOWED = 2_000
/** How long older pages are walked then, newest first; a million events take about as long on two cores. */
const OLDER_PAGES_MS_MAX = 500
const KEYS_BETWEEN_LOOKS = 4_096

/** `verified`: records whose bytes were held against their checksum. `walked`: records whose pages were visited. */
export type CheckReport = {
  readonly events: number
  readonly streams: number
  readonly verified: number
  readonly walked: number
}

/** The folder does not hold a whole log. Nothing was changed. */
export class StoreDamaged extends Error {
  constructor(folder: string, why: string) {
    super(
      `the event log in ${folder} is damaged: ${why}. It was not opened and nothing was changed. ` +
        `To bring back a backup: npm run restore -- <folder of the backup> --force ` +
        `(without npm: node dist/restore.main.js <folder of the backup> --force). ` +
        `To see what is wrong: npm run store:verify -- ${folder}`,
    )
    this.name = 'StoreDamaged'
  }
}

const wrong = (what: string): never => {
  throw new Error(what)
}

const checkHead = (tables: Tables, stream: string, head: Head, end: number): void => {
  let revision = head.revision
  for (const ordinal of head.way) {
    if (ordinal < 1 || ordinal > end) wrong(`the head of ${stream} points past the log`)
    const record = readRecord(tables, ordinal)
    if (recordStream(record) !== stream || recordRevision(record) !== revision)
      wrong(
        `the head of ${stream} points to ${recordStream(record)}@${recordRevision(record)}, not to ${revision}`,
      )
    revision = skipRevision(revision)
  }
}

const checkRecord = (tables: Tables, ordinal: number): void => {
  const record = readRecord(tables, ordinal)
  const stream = recordStream(record)
  const revision = recordRevision(record)
  const head = readHead(tables, stream) ?? wrong(`${stream} has no head`)
  if (revision > head.revision) wrong(`${stream}@${revision} is past its head`)
  if (revision === head.revision && head.way[0] !== ordinal) wrong(`${stream}@${revision} is there twice`)
  if (revision === 0) return
  const previous = readRecord(tables, recordPrevious(record))
  if (recordStream(previous) !== stream || recordRevision(previous) !== revision - 1)
    wrong(`${stream}@${revision} does not follow ${stream}@${revision - 1}`)
}

/** Every stream counts its own events: together they are the log. Follows the ways of some, or of all. */
const checkHeads = (tables: Tables, events: number, all: boolean): number => {
  const { entryCount } = tables.heads.getStats() as { entryCount: number }
  const every = all ? 1 : Math.max(1, Math.ceil(entryCount / HEADS_FOLLOWED))
  let streams = 0
  let counted = 0
  for (const { key, value } of tables.heads.getRange()) {
    const head = decodeHead(value)
    counted += head.revision + 1
    if (streams++ % every === 0) checkHead(tables, key, head, events)
  }
  if (counted !== events) wrong(`the streams have ${counted} events together, the log ${events}`)
  return streams
}

/** The table of ids has no other proof than that its pages can be read, in order, as many as it says. */
const walkIds = (tables: Tables, all: boolean): void => {
  const { entryCount } = tables.ids.getStats() as { entryCount: number }
  const until = performance.now() + OLDER_PAGES_MS_MAX
  let walked = 0
  for (const _ of tables.ids.getKeys())
    if (++walked % KEYS_BETWEEN_LOOKS === 0 && !all && performance.now() > until) return
  if (walked !== entryCount) wrong(`${walked} ids of ${entryCount}`)
}

/** Visits the pages of records before an ordinal, newest first, for as long as there is time. */
const walkOlder = (tables: Tables, before: number): number => {
  const until = performance.now() + OLDER_PAGES_MS_MAX
  let expected = before
  for (const ordinal of tables.log.getKeys({ start: before - 1, reverse: true })) {
    if (ordinal !== --expected) wrong(`event ${expected} is missing`)
    if (ordinal % KEYS_BETWEEN_LOOKS === 0 && performance.now() > until) break
  }
  return before - expected
}

/**
 * Runs in the child. `full` verifies every record and every stream. Otherwise what an unclean stop can have touched: the
 * counts of all streams, the newest records, and older pages for half a second, however long the log is. @throws Error
 */
export const checkLog = async (folder: string, full: boolean): Promise<CheckReport> => {
  const tables = openTables(folder, { readOnly: true })
  try {
    const events = lastOrdinal(tables)
    if (events > 0 && !tables.meta.get('epoch')) wrong('the log has no epoch')
    const stats = tables.log.getStats() as { entryCount: number }
    if (stats.entryCount !== events) wrong(`${stats.entryCount} records, but the newest is number ${events}`)
    const streams = checkHeads(tables, events, full)
    walkIds(tables, full)
    const from = full ? 1 : Math.max(1, events - TAIL_RECORDS + 1)
    for (let ordinal = from; ordinal <= events; ordinal++) checkRecord(tables, ordinal)
    const verified = events - from + 1
    const older = from > 1 ? walkOlder(tables, from) : 0
    return { events, streams, verified, walked: verified + older }
  } finally {
    await tables.root.close()
  }
}

const ENTRY = 'embedded-check.main'

/** From the sources the child needs the TypeScript loader; a bundle has the entry beside itself as plain JavaScript. */
const childArguments = (): string[] => {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL(`./${ENTRY}.js`, import.meta.url))]
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return ['--import', loader, fileURLToPath(new URL(`./${ENTRY}.ts`, import.meta.url))]
}

/** Has a child process check the log. @throws StoreDamaged when it finds something, or does not survive finding it. */
export const checkInChild = (folder: string, secondsMax: number, full = false): Promise<CheckReport> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...childArguments(), folder, ...(full ? ['--full'] : [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: secondsMax * 1000,
      killSignal: 'SIGKILL',
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err = (err + chunk.toString()).slice(-4000)))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(JSON.parse(out) as CheckReport)
      if (signal === 'SIGKILL')
        return reject(new Error(`the check of ${folder} took more than ${secondsMax} s`))
      const why = signal ? `reading it ends in ${signal}` : err.trim().split('\n')[0] || `exit code ${code}`
      reject(new StoreDamaged(folder, why))
    })
  })
