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

export type CheckReport = { readonly events: number; readonly streams: number; readonly verified: number }

/** The folder does not hold a whole log. Nothing was changed. */
export class StoreDamaged extends Error {
  constructor(folder: string, why: string) {
    super(
      `the event log in ${folder} is damaged: ${why}. It was not opened. ` +
        `Walk through all of it: npm run store:verify -- ${folder} --full. ` +
        `Bring it back: stop the server and replace the files of ${folder} by those of a backup.`,
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

/** Runs in the child. `full` walks every record; otherwise every head and the newest records. @throws Error */
export const checkLog = async (folder: string, full: boolean): Promise<CheckReport> => {
  const tables = openTables(folder, { readOnly: true })
  try {
    const events = lastOrdinal(tables)
    if (events > 0 && !tables.meta.get('epoch')) wrong('the log has no epoch')
    const stats = tables.log.getStats() as { entryCount: number }
    if (stats.entryCount !== events) wrong(`${stats.entryCount} records, but the newest is number ${events}`)
    let streams = 0
    for (const { key, value } of tables.heads.getRange()) {
      streams++
      checkHead(tables, key, decodeHead(value), events)
    }
    const from = full ? 1 : Math.max(1, events - TAIL_RECORDS + 1)
    for (let ordinal = from; ordinal <= events; ordinal++) checkRecord(tables, ordinal)
    return { events, streams, verified: events - from + 1 }
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
export const checkInChild = (folder: string, secondsMax: number): Promise<CheckReport> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...childArguments(), folder], {
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
