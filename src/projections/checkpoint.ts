import { sql } from 'kysely'
import { createTables, dropTables, table, VERSIONS, type Db } from './tables.ts'

/**
 * Where in the log a set of read models is. Empty position: at its very start. The generation counts the sets: whoever
 * remembers rows of another one has to forget them. `versions`: what they were made with.
 */
export type Checkpoint = {
  readonly epoch: string
  readonly position: string
  readonly generation: number
  readonly versions: string
}

export const readCheckpoint = async (db: Db): Promise<Checkpoint | null> => {
  const found = await sql<Checkpoint>`select epoch, position, generation, versions
    from ${table('checkpoint')}`.execute(db)
  return found.rows[0] ?? null
}

export const countPoisoned = async (db: Db): Promise<number> => {
  const found = await sql<{ n: number }>`select count(*)::int as n from ${table('poisoned')}`.execute(db)
  return found.rows[0]?.n ?? 0
}

/**
 * For a process that never writes: where the tables are, or `null` while nobody has made those of this very log.
 */
export const findCheckpoint = async (
  db: Db,
  store: { readonly epoch: string },
  headNow: () => Promise<string | null>,
): Promise<{ at: Checkpoint; head: string | null } | null> => {
  const at = await readCheckpoint(db).catch((error: unknown) => {
    if (isUndefinedTable(error)) return null
    throw error
  })
  const head = await headNow()
  return at && at.epoch === store.epoch && at.position <= (head ?? '') ? { at, head } : null
}

/** SQLSTATE: no such table, no such schema. */
const isUndefinedTable = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && /^(42P01|3F000)$/.test(String(error.code))

/**
 * Makes sure that the tables are there and tell of this very log, and answers how far they are. Tables of another
 * log, or ahead of it (it was restored from a backup), are dropped: they are made again from the start. The head is
 * looked up after the tables: while others write, tables that are read later are ahead of a head that was read before.
 */
export const openCheckpoint = async (
  db: Db,
  store: { readonly epoch: string; readonly shared: boolean },
  headNow: () => Promise<string | null>,
): Promise<{ at: Checkpoint; head: string | null }> => {
  await createTables(db, !store.shared)
  const found = await readCheckpoint(db)
  const head = await headNow()
  if (found && (found.epoch !== store.epoch || found.position > (head ?? ''))) {
    await dropTables(db)
    await createTables(db)
  }
  await sql`insert into ${table('checkpoint')} values (1, ${store.epoch}, '', 1, ${VERSIONS}, now())
    on conflict (one) do nothing`.execute(db)
  const at = await readCheckpoint(db)
  if (!at) throw new Error('the read models were dropped while they were opened')
  return { at, head }
}
