import { Pool } from 'pg'
import { hearBrokenConnections } from '../shared/broken-connections.ts'
import type { Vault, VaultSpace } from './port.ts'
import {
  checkedKey,
  checkMasterKey,
  createSealing,
  placed,
  type PlacedWrite,
  type Sealing,
} from './sealing.ts'
import { failPoint } from '../shared/fail-point.ts'
import { guardedWrites } from './guarded-writes.ts'
import { createSerially } from './serially.ts'

export type PostgresVaultOptions = { readonly masterKey: Buffer } & (
  | { readonly url: string; readonly onError?: (error: Error) => void }
  /** A pool of somebody else's: `close` leaves it open. */
  | { readonly pool: Pool }
)

const CONNECTIONS_MAX = 5
const CONNECT_SECONDS_MAX = 5
const STATEMENT_SECONDS_MAX = 10
const DEADLOCKS_MAX = 5
/** Names the vault's turn at making its tables among the advisory locks of the database. */
const MIGRATION_LOCK = 7_061_175_001

/** What cannot be rebuilt is changed in place: each step once, in order, by whichever process comes first. */
const MIGRATIONS = [
  `create table vault.entry (
    space text not null,
    key text collate "C" not null,
    value bytea not null,
    primary key (space, key)
  )`,
]

const migrate = async (pool: Pool): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query('create schema if not exists vault')
    await client.query('create table if not exists vault.migration (step int primary key)')
    const { rows } = await client.query<{ done: number }>('select count(*)::int as done from vault.migration')
    const done = rows[0]?.done ?? 0
    if (done > MIGRATIONS.length) throw new Error('the vault was made by a newer release')
    for (const [step, statement] of MIGRATIONS.entries()) {
      if (step < done) continue
      await client.query(statement)
      await client.query('insert into vault.migration values ($1)', [step])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

const GET = { name: 'fio_vault_get', text: 'select value from vault.entry where space = $1 and key = $2' }
const GET_MANY = {
  name: 'fio_vault_get_many',
  text: 'select key, value from vault.entry where space = $1 and key = any($2::text[])',
}
const CREATE = 'insert into vault.entry values ($1, $2, $3) on conflict do nothing'
const REPLACE = 'update vault.entry set value = $3 where space = $1 and key = $2 and value = $4'
const REMOVE = 'delete from vault.entry where space = $1 and key = $2 and value = $3'
const KEYS = `select key from vault.entry
  where space = $1 and key collate "C" >= $2 and starts_with(key, $2) order by key collate "C"`
/** One statement: all or nothing without a transaction's round trips. */
const WRITE = `with gone as (
    delete from vault.entry e using unnest($1::text[], $2::text[]) as d(space, key)
    where e.space = d.space and e.key = d.key
  )
  insert into vault.entry
  select * from unnest($3::text[], $4::text[], $5::bytea[])
  on conflict (space, key) do update set value = excluded.value`

const columnsOf = (writes: readonly PlacedWrite[]): unknown[] => {
  const gone = writes.filter(write => !write.sealed)
  const put = writes.filter(write => write.sealed)
  return [
    gone.map(write => write.space),
    gone.map(write => write.key),
    put.map(write => write.space),
    put.map(write => write.key),
    put.map(write => write.sealed),
  ]
}

const undeadlocked = async <T>(write: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      failPoint('vault.before-write')
      const done = await write()
      failPoint('vault.written')
      return done
    } catch (error) {
      const deadlock = (error as { code?: string }).code === '40P01'
      if (!deadlock || attempt === DEADLOCKS_MAX) throw error
    }
  }
}

type Read = { readonly raw: Buffer | null; readonly value: string | null }

const vaultOn = (pool: Pool, sealing: Sealing, close: () => Promise<void>): Vault => {
  const serially = createSerially()
  const guarded = guardedWrites(pool, undeadlocked)
  /** As they were read last, one for each session of this process; a statement says itself whether it still is so. */
  const guards = new Map<string, Read>()
  const changed = async (statement: string, values: readonly unknown[]): Promise<boolean> => {
    failPoint('vault.before-write')
    const { rowCount } = await pool.query(statement, [...values])
    failPoint('vault.written')
    return rowCount === 1
  }
  const read = async (space: VaultSpace, key: string): Promise<Read> => {
    const { rows } = await pool.query<{ value: Buffer }>({ ...GET, values: [space, checkedKey(key)] })
    const raw = rows[0]?.value ?? null
    return { raw, value: raw ? sealing.open(space, key, raw) : null }
  }
  const swap = (space: VaultSpace, key: string, from: Buffer | null, to: Buffer | null): Promise<boolean> => {
    if (!from) return to ? changed(CREATE, [space, key, to]) : Promise.resolve(true)
    return to ? changed(REPLACE, [space, key, to, from]) : changed(REMOVE, [space, key, from])
  }
  return {
    name: 'postgres',
    get: async (space, key) => (await read(space, key)).value,
    getMany: async (space, keys) => {
      if (keys.length === 0) return new Map()
      const { rows } = await pool.query<{ key: string; value: Buffer }>({
        ...GET_MANY,
        values: [space, keys.map(checkedKey)],
      })
      return new Map(rows.map(({ key, value }) => [key, sealing.open(space, key, value)]))
    },
    create: async (space, key, value) =>
      changed(CREATE, [space, checkedKey(key), sealing.seal(space, key, value)]),
    write: async writes => {
      const columns = columnsOf(placed(writes, sealing))
      await undeadlocked(() => pool.query(WRITE, columns))
    },
    writeIf: async ([space, key, value], writes) => {
      const all = placed(writes, sealing)
      const place = `${space}\0${key}`
      for (;;) {
        const known = guards.get(place)
        const guard = known?.value === value ? known : await read(space, key)
        if (guard.raw === null || guard.value !== value) return false
        guards.set(place, guard)
        if (await guarded({ space, key, raw: guard.raw }, all)) return true
        // Not held although the value was right: another, or sealed anew meanwhile, and looked at again.
        guards.delete(place)
      }
    },
    update: (space, key, change) =>
      // Within this process one after the other; between processes whoever swaps first wins and the rest read again.
      serially(`${space}\0${key}`, async () => {
        for (;;) {
          const { raw, value } = await read(space, key)
          const wanted = change(value)
          if (wanted === undefined || wanted === value) return value
          const to = wanted === null ? null : sealing.seal(space, key, wanted)
          if (await swap(space, key, raw, to)) return wanted
        }
      }),
    keys: async (space, prefix) =>
      (await pool.query<{ key: string }>(KEYS, [space, prefix])).rows.map(({ key }) => key),
    close,
  }
}

const ownPool = (url: string, onError?: (error: Error) => void): Pool => {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_SECONDS_MAX * 1000,
    statement_timeout: STATEMENT_SECONDS_MAX * 1000,
    application_name: 'fio vault',
  })
  hearBrokenConnections(pool, error => onError?.(error))
  return pool
}

/** Opens the vault in schema `vault` of a PostgreSQL server. @throws Error when `masterKey` is another than before. */
export const openPostgresVault = async (options: PostgresVaultOptions): Promise<Vault> => {
  const sealing = createSealing(options.masterKey)
  const pool = 'pool' in options ? options.pool : ownPool(options.url, options.onError)
  const vault = vaultOn(pool, sealing, async () => ('pool' in options ? undefined : pool.end()))
  try {
    await migrate(pool)
    await checkMasterKey(vault, 'DATABASE_URL')
  } catch (error) {
    await vault.close()
    throw error
  }
  return vault
}
