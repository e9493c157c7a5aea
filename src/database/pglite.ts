import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Kysely, PostgresDialect } from 'kysely'
import { Client } from 'pg'
import type { Log } from '../shared/log.ts'
import { dataFolder, makeFolder, markClosed, markOpen, moveAside, whyUnusable } from './pglite-folder.ts'
import { loaderOver } from './loader.ts'
import { createPglitePool, type PglitePool } from './pglite-pool.ts'
import { startPglite, type PgliteProcess } from './pglite-stream.ts'
import { ping } from './ping.ts'
import type { Database, Loader } from './port.ts'

export type PgliteOptions = {
  /** The folder, made if missing. `memory://` keeps everything in memory (tests). */
  readonly folder: string
  /** A tarball made by `scripts/prebuild-pglite.mjs`: the first start then takes a second instead of four. */
  readonly prebuilt?: string | undefined
  /** The worker's program, if it does not lie beside this file. Also by `FIO_PGLITE_WORKER`. */
  readonly worker?: string | URL | undefined
  readonly onStatement?: ((sql: string) => void) | undefined
  readonly log: Log
}

const OPEN_SECONDS_MAX = 120
const MEMORY = 'memory://'

const require = createRequire(import.meta.url)
const pgliteVersion = (): string => {
  // The package does not export its package.json: its release is the folder above the entry's.
  const entry = require.resolve('@electric-sql/pglite')
  return (require(entry.replace(/dist[\\/][^\\/]+$/, 'package.json')) as { version: string }).version
}

type Session = { process: PgliteProcess; client: Client }

const openSession = async (
  dataDir: string,
  prebuilt: string | null,
  options: PgliteOptions,
): Promise<Session> => {
  const process = await startPglite(
    { dataDir, prebuilt },
    { timeoutMs: OPEN_SECONDS_MAX * 1000, worker: options.worker },
  )
  try {
    const client = new Client({
      stream: () => process.stream(),
      user: 'postgres',
      database: 'postgres',
      ssl: false,
    })
    client.on('error', error => options.log.error({ err: error }, 'the embedded database broke off'))
    await client.connect()
    await client.query(`set jit = off`)
    // The catalogue answers: the folder holds a database and not just files.
    await client.query('select count(*) from pg_class c join pg_attribute a on a.attrelid = c.oid')
    return { process, client }
  } catch (error) {
    await process.kill()
    throw error
  }
}

const usablePrebuilt = (options: PgliteOptions): string | null => {
  if (!options.prebuilt || existsSync(options.prebuilt)) return options.prebuilt ?? null
  options.log.warn({ prebuilt: options.prebuilt }, 'no prebuilt database there: the first start takes longer')
  return null
}

const openFresh = async (folder: string, version: string, options: PgliteOptions): Promise<Session> => {
  await makeFolder(folder)
  const session = await openSession(dataFolder(folder), usablePrebuilt(options), options)
  await markOpen(folder, version)
  return session
}

const openExisting = async (
  folder: string,
  version: string,
  options: PgliteOptions,
): Promise<Session | string> => {
  const why = await whyUnusable(folder, version)
  if (why) return why
  await markOpen(folder, version)
  try {
    return await openSession(dataFolder(folder), null, options)
  } catch (error) {
    return `it does not open: ${error instanceof Error ? error.message : String(error)}`
  }
}

const openFolder = async (
  options: PgliteOptions,
  version: string,
): Promise<{ session: Session; rebuilt: boolean }> => {
  const { folder, log } = options
  if (folder === MEMORY)
    return { session: await openSession(MEMORY, usablePrebuilt(options), options), rebuilt: true }
  const existing = existsSync(folder) ? await openExisting(folder, version, options) : 'missing'
  if (typeof existing !== 'string') return { session: existing, rebuilt: false }
  const aside = await moveAside(folder)
  if (aside)
    log.warn({ folder, aside, why: existing }, 'the embedded database was moved aside and is made anew')
  return { session: await openFresh(folder, version, options), rebuilt: true }
}

const openLoader = (pool: PglitePool): Loader => {
  const client = pool.loader()
  return loaderOver({
    query: (sql, parameters) => client.query<unknown>(sql, parameters),
    copyIn: (statement, rows) => client.copyIn(statement, rows),
    close: async () => client.release(),
  })
}

/** Opens PGlite in a worker; a folder that is missing, damaged or not to be trusted begins empty (`rebuilt`). */
export const openPglite = async <Tables>(options: PgliteOptions): Promise<Database<Tables>> => {
  const version = pgliteVersion()
  const { session, rebuilt } = await openFolder(options, version)
  const pool = createPglitePool(session.client, options.onStatement)
  const kysely = (rank: 'write' | 'background'): Kysely<Tables> =>
    new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool.at(rank) }) })
  const db = kysely('write')
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    await pool.end()
    await session.client.end()
    await session.process.close()
    if (options.folder !== MEMORY) await markClosed(options.folder, version)
  }
  return {
    kind: 'pglite',
    db,
    background: kysely('background'),
    rebuilt,
    ping: timeoutMs => ping(db, timeoutMs),
    onLost: listener => session.process.onLost(listener),
    openLoader: async () => openLoader(pool),
    close: () => (closing ??= close()),
  }
}
