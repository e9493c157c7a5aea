import type { Kysely } from 'kysely'

/**
 * The read models' database: PGlite (Postgres in a worker thread) or a PostgreSQL server, behind one Kysely, with the
 * same driver (`pg`) and therefore the same types on both: int8 and numeric come as text, timestamptz as Date.
 */
export type Database<Tables> = {
  readonly kind: 'pglite' | 'postgres'
  /**
   * The live door. On PGlite, which is one connection, a single `select` goes before a waiting batch; only a
   * transaction has the connection to itself, so session state (`set`, temporary tables) belongs inside one.
   */
  readonly db: Kysely<Tables>
  /** The same database for work that may wait, such as a rebuild: it gets its turn after `db`'s. */
  readonly background: Kysely<Tables>
  /** Whether the tables are gone: the folder was missing, damaged or not to be trusted, and begins empty. */
  readonly rebuilt: boolean
  /** Milliseconds of a round trip. @throws Error when there was none within `timeoutMs`. */
  ping(timeoutMs: number): Promise<number>
  /**
   * Called once if the embedded database died under us (its worker ended). Every query fails from then on; a restart
   * of the process opens it again or makes it anew. Never called for a server, whose pool reconnects by itself.
   */
  onLost(listener: (why: Error) => void): void
  close(): Promise<void>
}
