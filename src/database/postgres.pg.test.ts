import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { sql } from 'kysely'
import { describeColumn } from '../../test/columns.ts'
import { onServer, testDatabase, testPostgres } from '../../test/support/database.ts'
import { silentLog } from '../shared/log.ts'
import { databaseContract } from './contract.ts'
import { openDatabase } from './open-database.ts'

await describeColumn('pg', 'PostgreSQL', () => {
  databaseContract(onStatement => testDatabase('postgres', { onStatement }))

  test('it survives the server cutting every connection', async () => {
    const server = await testPostgres()
    const database = await openDatabase({ url: server.url, folder: '', log: silentLog })
    await database.ping(5_000)
    const name = new URL(server.url).pathname.slice(1)
    await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    await expect
      .poll(() =>
        database.ping(5_000).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    await database.close()
    await server.drop()
  })

  test('a statement over its time is stopped', async () => {
    const server = await testPostgres()
    const database = await openDatabase({
      url: server.url,
      folder: '',
      log: silentLog,
      statementTimeoutMs: 50,
    })
    await expect(sql`select pg_sleep(20)`.execute(database.db)).rejects.toMatchObject({ code: '57014' })
    await database.close()
    await server.drop()
  })
})

test('a server that is not there is said in plain words, without the password', async () => {
  const opened = openDatabase({ url: 'postgres://fio:hush@127.0.0.1:9/fio', folder: '', log: silentLog })
  await expect(opened).rejects.toThrow('DATABASE_URL: no PostgreSQL at postgres://127.0.0.1:9/fio')
  await expect(opened).rejects.not.toThrow('hush')
})

test('a server that accepts and says nothing is given up', async () => {
  const mute = createServer(socket => socket.on('error', () => undefined))
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as { port: number }
  const url = `postgres://fio@127.0.0.1:${port}/fio`
  await expect(openDatabase({ url, folder: '', log: silentLog, connectTimeoutMs: 100 })).rejects.toThrow(
    /no PostgreSQL at/,
  )
  mute.close()
})
