import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEventStoreDbProcess } from '../../test/doubles/eventstoredb-process.ts'
import { testPostgres } from '../../test/support/database.ts'
import { startRedis } from '../../test/support/redis.ts'

/**
 * What the measured server stands on. `embedded`: everything in its process. `postgres`: read models and vault on the
 * PostgreSQL of this machine, the log embedded. `outside`: PostgreSQL, Redis and the EventStoreDB protocol double, each
 * in a process of its own on the same cores (the double is no EventStoreDB: its figures are only stated).
 */
export const COLUMNS = ['embedded', 'postgres', 'outside'] as const
export type Column = (typeof COLUMNS)[number]

export type Ground = {
  readonly column: Column
  /** For the server's environment. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** The columns that `BENCH_COLUMNS` names, else those given. */
export const chosenColumns = (usual: readonly Column[]): readonly Column[] => {
  const wanted = process.env['BENCH_COLUMNS']?.split(',')
  if (!wanted) return usual
  const unknown = wanted.filter(name => !(COLUMNS as readonly string[]).includes(name))
  if (unknown.length > 0)
    throw new Error(`BENCH_COLUMNS: ${unknown.join(', ')} is none of ${COLUMNS.join(', ')}`)
  return wanted as Column[]
}

const SECRET = '0123456789abcdef'.repeat(4)

export const openGround = async (column: Column): Promise<Ground> => {
  if (column === 'embedded') return { column, env: {}, close: () => Promise.resolve() }
  const postgres = await testPostgres()
  const common = { DATABASE_URL: postgres.url, SECRET_KEY: SECRET }
  if (column === 'postgres') return { column, env: common, close: postgres.drop }
  const folder = await mkdtemp(join(tmpdir(), 'fio-bench-esdb-'))
  const [redis, store] = await Promise.all([startRedis(), startEventStoreDbProcess({ folder })])
  return {
    column,
    env: { ...common, REDIS_URL: redis.url, EVENTSTORE_URL: store.connectionString },
    close: async () => {
      await Promise.all([redis.stop(), store.stop()])
      await postgres.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
