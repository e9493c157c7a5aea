import { Pool } from 'pg'
import { hearBrokenConnections } from '../shared/broken-connections.ts'
import type { Snapshots } from './port.ts'

const CONNECTIONS_MAX = 2
const CONNECT_MS_MAX = 2_000
const STATEMENT_MS_MAX = 2_000
/** Names the turn at making the table among the advisory locks of the database. */
const MIGRATION_LOCK = 7_061_175_014

/** Unlogged: a server that crashes comes back with an empty table, and no write of a snapshot costs any log. */
const TABLES = `
  create schema if not exists engine;
  create unlogged table if not exists engine.snapshot (
    stream text collate "C" primary key,
    bytes bytea not null
  );
  alter table engine.snapshot alter column bytes set storage external`

const migrate = async (pool: Pool): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    const { rows } = await client.query<{ made: string | null }>(
      `select to_regclass('engine.snapshot') as made`,
    )
    if (rows[0]?.made === null) await client.query(TABLES)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

/** Snapshots in schema `engine` of a PostgreSQL server, shared by all processes. */
export const openPostgresSnapshots = async (options: {
  readonly url: string
  readonly onError?: (error: Error) => void
}): Promise<Snapshots> => {
  const pool = new Pool({
    connectionString: options.url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    query_timeout: STATEMENT_MS_MAX,
    application_name: 'fio snapshots',
  })
  hearBrokenConnections(pool, error => options.onError?.(error))
  try {
    await migrate(pool)
  } catch (error) {
    await pool.end()
    throw error
  }
  return {
    name: 'postgres',
    get: async stream => {
      const { rows } = await pool.query<{ bytes: Buffer }>(
        'select bytes from engine.snapshot where stream = $1',
        [stream],
      )
      return rows[0]?.bytes ?? null
    },
    put: async (stream, bytes) => {
      await pool.query(
        `insert into engine.snapshot values ($1, $2) on conflict (stream) do update set bytes = excluded.bytes`,
        [stream, bytes],
      )
    },
    remove: async stream => {
      await pool.query('delete from engine.snapshot where stream = $1', [stream])
    },
    close: () => pool.end(),
  }
}
