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

  test('a connection that is cut between two statements of a transaction fails the transaction only', async () => {
    const server = await testPostgres()
    const database = await openDatabase({ url: server.url, folder: '', log: silentLog })
    const name = new URL(server.url).pathname.slice(1)
    const transaction = database.db.transaction().execute(async tx => {
      await sql`select 1`.execute(tx)
      await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
      // Long enough for the end of the connection to be heard while no statement waits for an answer.
      const open = `select 1 from pg_stat_activity where datname = '${name}'`
      await expect.poll(() => onServer(open)).toEqual([])
      await new Promise(resolve => setImmediate(resolve))
      await sql`select 2`.execute(tx)
    })
    await expect(transaction).rejects.toThrow()
    await database.ping(5_000)
    await database.close()
    await server.drop()
  })

  test('closed without ever having been asked, it leaves no connection behind', async () => {
    const server = await testPostgres()
    const database = await openDatabase({ url: server.url, folder: '', log: silentLog })
    await database.close()
    const asking = await openDatabase({ url: server.url, folder: '', log: silentLog })
    const others = sql<{ pid: number }>`select pid from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`
    // The server takes a moment to say good-bye; a connection that was forgotten stays for half a minute.
    await expect.poll(async () => (await others.execute(asking.db)).rows, { timeout: 10_000 }).toEqual([])
    await asking.close()
    await server.drop()
  })

  test('statements that were planned before a set of tables was swapped read and write the set in its place', async () => {
    const server = await testPostgres()
    const { db, close } = await openDatabase({ url: server.url, folder: '', log: silentLog })
    const make = async (name: string, generation: number): Promise<void> => {
      await sql.raw(`create schema ${name}`).execute(db)
      await sql.raw(`create table ${name}.at (one int primary key, generation int, n int)`).execute(db)
      await sql.raw(`create table ${name}.said (id uuid primary key, generation int)`).execute(db)
      await sql.raw(`insert into ${name}.at values (1, ${generation}, 0)`).execute(db)
    }
    await make('live', 1)
    const written = new Map<number, number>()
    let over = false
    const write = async (): Promise<void> => {
      while (!over) {
        const at = await sql<{ generation: number }>`select generation from live.at where one = ${1}`.execute(
          db,
        )
        const generation = at.rows[0]!.generation
        const done = await sql<{ n: number }>`with moved as (
            update live.at set n = n + 1 where one = ${1} and generation = ${generation} returning 1
          ), part as (
            insert into live.said select gen_random_uuid(), ${generation}::int where exists (select 1 from moved)
          ) select count(*)::int as n from moved`.execute(db)
        written.set(generation, (written.get(generation) ?? 0) + done.rows[0]!.n)
      }
    }
    const read = async (): Promise<void> => {
      while (!over)
        await sql`select s.*, a.* from live.said s join live.at a on a.one = ${1} limit 3`.execute(db)
    }
    const working = Promise.all([write(), write(), write(), read(), read()])
    const kept = new Map<number, { n: number; said: number }>()
    const keep = async (name: string, generation: number): Promise<void> => {
      const found = await sql<{ n: number; said: number }>`select n, (select count(*)::int
        from ${sql.table(`${name}.said`)} where generation = ${generation}) as said
        from ${sql.table(`${name}.at`)}`.execute(db)
      kept.set(generation, found.rows[0]!)
    }
    for (let generation = 1; generation <= 6; generation++) {
      await make('next', generation + 1)
      await expect.poll(() => written.get(generation) ?? 0, { timeout: 30_000 }).toBeGreaterThan(20)
      await db.transaction().execute(async tx => {
        await sql`lock table live.at in access exclusive mode`.execute(tx)
        await sql`alter schema live rename to old`.execute(tx)
        await sql`alter schema next rename to live`.execute(tx)
      })
      await expect.poll(() => written.get(generation + 1) ?? 0, { timeout: 30_000 }).toBeGreaterThan(3)
      await keep('old', generation)
      await sql`drop schema old cascade`.execute(db)
    }
    over = true
    await working
    await keep('live', 7)
    expect(Object.fromEntries(kept)).toEqual(
      Object.fromEntries([...written].map(([generation, n]) => [generation, { n, said: n }])),
    )
    await close()
    await server.drop()
  })

  test('a statement by name that fails within a transaction goes on being one afterwards', async () => {
    const server = await testPostgres()
    const { db, close } = await openDatabase({
      url: server.url,
      folder: '',
      log: silentLog,
      connectionsMax: 1,
    })
    const ask = (value: string, on = db) => sql<{ n: number }>`select ${value}::int as n`.execute(on)
    for (let i = 0; i < 2; i++) await ask('1')
    for (let i = 0; i < 3; i++) {
      const failed = db.transaction().execute(async tx => {
        await ask('no number', tx)
      })
      await expect(failed).rejects.toMatchObject({ code: '22P02' })
      expect((await ask('7')).rows).toEqual([{ n: 7 }])
    }
    await close()
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
