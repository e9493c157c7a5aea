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
  /** A connection of its own for loading tables in bulk; whoever opens it closes it. */
  openLoader(): Promise<Loader>
  close(): Promise<void>
}

/**
 * One session for bulk work, below everything else in rank. Session state (advisory locks) lives until `close`; on
 * PGlite, which has a single session, it lives on: give locks back.
 */
export type Loader = {
  /** One statement with parameters. @throws Error with `code` = SQLSTATE */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>
  /** `statement`: `copy … from stdin`. `rows`: as the statement's format says. @throws Error with `code` = SQLSTATE */
  copyIn(statement: string, rows: Buffer): Promise<void>
  /** On PGlite nobody else has the session meanwhile: keep it short. Rolled back when `work` throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}
