import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { openDatabase } from '../../src/database/open-database.ts'
import type { Database } from '../../src/database/port.ts'
import { silentLog } from '../../src/shared/log.ts'
import { postgresUrl } from '../columns.ts'

export type TestDatabaseOptions = { readonly onStatement?: (sql: string) => void }

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

/** One initialised PGlite per machine, so that a test waits one second for its database and not four. */
export const prebuiltPglite = (): string => {
  const tarball = join(tmpdir(), `fio-test-pglite-${version}-${process.versions.node}.tar.gz`)
  if (!existsSync(tarball)) {
    const script = new URL('../../scripts/prebuild-pglite.mjs', import.meta.url).pathname
    execFileSync(process.execPath, [script, tarball])
  }
  return tarball
}

/** Runs one statement on the server's maintenance database; answers its rows. */
export const onServer = async (statement: string): Promise<readonly unknown[]> => {
  const client = new Client({ connectionString: postgresUrl(), connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

/** A fresh database on the test server: its address, and how to drop it with whoever is still connected. */
export const testPostgres = async (): Promise<{ url: string; drop: () => Promise<void> }> => {
  const name = `fio_test_${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name}`)
  const url = new URL(postgresUrl())
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: async () => void (await onServer(`drop database if exists ${name} with (force)`)),
  }
}

/** A fresh, empty database of that kind; `close` drops it. */
export const testDatabase = async <Tables>(
  column: 'pglite' | 'postgres',
  options: TestDatabaseOptions = {},
): Promise<Database<Tables>> => {
  if (column === 'pglite')
    return openDatabase<Tables>({
      ...options,
      folder: 'memory://',
      prebuilt: prebuiltPglite(),
      log: silentLog,
    })
  const server = await testPostgres()
  const database = await openDatabase<Tables>({ ...options, url: server.url, folder: '', log: silentLog })
  return {
    ...database,
    close: async () => {
      await database.close()
      await server.drop()
    },
  }
}
