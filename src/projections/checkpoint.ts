import { sql } from 'kysely'
import { createTables, dropTables, table, type Db } from './tables.ts'

/** Where in the log the tables are. Empty text: at its very start. */
export const readCheckpoint = async (db: Db): Promise<{ epoch: string; position: string } | null> => {
  const found = await sql<{
    epoch: string
    position: string
  }>`select epoch, position from ${table('checkpoint')}`.execute(db)
  return found.rows[0] ?? null
}

export const countPoisoned = async (db: Db): Promise<number> => {
  const found = await sql<{ n: number }>`select count(*)::int as n from ${table('poisoned')}`.execute(db)
  return found.rows[0]?.n ?? 0
}

/**
 * Makes sure that the tables are there and tell of this very log, and answers how far they are. Tables of another
 * log, or ahead of it (it was restored from a backup), are dropped: they are made again from the start. The head is
 * looked up after the tables: while others write, tables that are read later are ahead of a head that was read before.
 */
export const openCheckpoint = async (
  db: Db,
  epoch: string,
  headNow: () => Promise<string | null>,
): Promise<{ position: string; head: string | null }> => {
  await createTables(db)
  const found = await readCheckpoint(db)
  const head = await headNow()
  if (found && (found.epoch !== epoch || found.position > (head ?? ''))) {
    await dropTables(db)
    await createTables(db)
  }
  await sql`insert into ${table('checkpoint')} values (1, ${epoch}, '', now()) on conflict (one) do nothing`.execute(
    db,
  )
  return { position: (await readCheckpoint(db))?.position ?? '', head }
}
