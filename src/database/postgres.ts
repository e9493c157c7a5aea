import { Kysely, PostgresDialect } from 'kysely'
import { Client, Pool, type PoolConfig } from 'pg'
import { hearBrokenConnections } from '../shared/broken-connections.ts'
import type { Log } from '../shared/log.ts'
import { createNames } from './named.ts'
import { ping } from './ping.ts'
import { CopyIn } from './copy-in.ts'
import { loaderOver } from './loader.ts'
import type { Database, Loader } from './port.ts'

export type PostgresOptions = {
  readonly url: string
  /** Connections of the live pool; background work has its own few. Default 10. */
  readonly connectionsMax?: number | undefined
  readonly statementTimeoutMs?: number | undefined
  readonly connectTimeoutMs?: number | undefined
  readonly onStatement?: ((sql: string) => void) | undefined
  readonly log: Log
}

const CONNECTIONS_MAX = 10
const BACKGROUND_CONNECTIONS_MAX = 2
const STATEMENT_SECONDS_MAX = 30
const BACKGROUND_STATEMENT_MINUTES_MAX = 30
const CONNECT_SECONDS_MAX = 5
const POSTGRES_VERSION_MIN = 150_000

/** The address without its password, for people and logs. */
export const withoutPassword = (url: string): string => {
  try {
    const parsed = new URL(url)
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
  } catch {
    return 'an address that is no URL'
  }
}

/** A pool with limits that survives the server going away: its connections' errors are logged, not thrown. */
export const createPool = (config: PoolConfig, log: Log, onStatement?: (sql: string) => void): Pool => {
  const pool = new Pool({
    connectionTimeoutMillis: CONNECT_SECONDS_MAX * 1000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'fio',
    ...config,
  })
  hearBrokenConnections(pool, error => log.warn({ err: error }, 'a database connection broke off'))
  // One set of names for all connections: each prepares a statement when it first meets it.
  const named = createNames()
  pool.on('connect', client => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((...args: unknown[]) => {
      const [first, values] = args
      onStatement?.(typeof first === 'string' ? first : ((first as { text?: string }).text ?? ''))
      if (typeof first === 'string' && Array.isArray(values) && args.length === 2)
        return query(named(first, values))
      return query(...args)
    }) as typeof client.query
  })
  return pool
}

/** @throws Error in plain words when there is no server there, or one that is too old. */
export const checkServer = async (pool: Pool, url: string): Promise<void> => {
  const number = await pool
    .query<{ server_version_num: string }>('show server_version_num')
    .then(({ rows }) => Number(rows[0]?.server_version_num))
    .catch((error: unknown) => {
      const why =
        error instanceof Error
          ? error.message || ((error as NodeJS.ErrnoException).code ?? '')
          : String(error)
      throw new Error(`DATABASE_URL: no PostgreSQL at ${withoutPassword(url)}: ${why}`, { cause: error })
    })
  if (number < POSTGRES_VERSION_MIN)
    throw new Error(
      `DATABASE_URL: PostgreSQL 15 or newer is needed, ${withoutPassword(url)} is ${number / 10_000}`,
    )
}

const openLoader = async (options: PostgresOptions, connectionTimeoutMillis: number): Promise<Loader> => {
  const client = new Client({
    connectionString: options.url,
    connectionTimeoutMillis,
    statement_timeout: BACKGROUND_STATEMENT_MINUTES_MAX * 60_000,
    keepAlive: true,
    application_name: 'fio-loader',
  })
  client.on('error', error => options.log.warn({ err: error }, 'the connection that loads tables broke off'))
  await client.connect()
  return loaderOver({
    query: (sql, parameters) => {
      options.onStatement?.(sql)
      return client.query<Record<string, unknown>>(sql, [...parameters])
    },
    copyIn: async (statement, rows) => {
      options.onStatement?.(statement)
      const copy = new CopyIn(statement, rows)
      client.query(copy)
      await copy.done
    },
    close: () => client.end(),
  })
}

/** Opens a pool on a PostgreSQL server. @throws Error in plain words when it is unreachable or older than 15. */
export const openPostgres = async <Tables>(options: PostgresOptions): Promise<Database<Tables>> => {
  const { url, log, onStatement } = options
  const connectionTimeoutMillis = options.connectTimeoutMs ?? CONNECT_SECONDS_MAX * 1000
  const pool = (max: number, statement_timeout: number): Pool =>
    createPool({ connectionString: url, max, statement_timeout, connectionTimeoutMillis }, log, onStatement)
  const live = pool(
    options.connectionsMax ?? CONNECTIONS_MAX,
    options.statementTimeoutMs ?? STATEMENT_SECONDS_MAX * 1000,
  )
  try {
    await checkServer(live, url)
  } catch (error) {
    await live.end()
    throw error
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: live }) })
  const unhurried = pool(BACKGROUND_CONNECTIONS_MAX, BACKGROUND_STATEMENT_MINUTES_MAX * 60_000)
  const background = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: unhurried }) })
  const close = async (): Promise<void> => {
    await Promise.all([db.destroy(), background.destroy()])
    // Kysely ends only a pool that it has asked something; one with which only the server was checked is ours to end.
    await Promise.all([live, unhurried].filter(one => !one.ending).map(one => one.end()))
  }
  let closing: Promise<void> | null = null
  return {
    kind: 'postgres',
    db,
    background,
    rebuilt: false,
    ping: timeoutMs => ping(db, timeoutMs),
    onLost: () => undefined,
    openLoader: () => openLoader(options, connectionTimeoutMillis),
    close: () => (closing ??= close()),
  }
}
