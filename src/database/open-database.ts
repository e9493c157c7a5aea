import { openPglite, type PgliteOptions } from './pglite.ts'
import type { Database } from './port.ts'
import { openPostgres, type PostgresOptions } from './postgres.ts'

export type DatabaseOptions = PgliteOptions &
  Omit<PostgresOptions, 'url'> & { readonly url?: string | undefined }

/** The read models' database: a PostgreSQL server where `url` is given, Postgres in process under `folder` otherwise. */
export const openDatabase = <Tables>(options: DatabaseOptions): Promise<Database<Tables>> => {
  const { url } = options
  return url ? openPostgres<Tables>({ ...options, url }) : openPglite<Tables>(options)
}
