import { sql, type Generated } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from './port.ts'

type Tables = {
  thing: { id: Generated<number>; name: string; at: Date; doc: unknown; big: string; list: string[] }
  counter: { id: number; value: number }
}

/** What both kinds of database do alike: the same values in and out, transactions, errors with their codes. */
export const databaseContract = (
  open: (onStatement: (sql: string) => void) => Promise<Database<Tables>>,
): void => {
  let database: Database<Tables>
  const statements: string[] = []
  beforeAll(async () => {
    database = await open(statement => statements.push(statement))
    await sql`create table thing (id serial primary key, name text not null unique, at timestamptz not null,
      doc jsonb not null, big int8 not null, list text[] not null)`.execute(database.db)
    await sql`create table counter (id int primary key, value int not null)`.execute(database.db)
  })
  afterAll(() => database.close())

  test('values come back as they were given', async () => {
    const thing = {
      name: "O'Brien 😀 \\ \n",
      at: new Date('2026-01-02T03:04:05.678Z'),
      doc: { a: [1, 'two', null], b: { c: true } },
      big: '9007199254740993',
      list: ['a,b', '"q"', 'x'],
    }
    await database.db.insertInto('thing').values(thing).execute()
    const row = await database.db.selectFrom('thing').selectAll().executeTakeFirstOrThrow()
    expect(row).toEqual({ id: 1, ...thing })
  })

  test('an error carries its SQLSTATE, and the connection serves on', async () => {
    const thing = { name: 'twice', at: new Date(), doc: {}, big: '1', list: [] }
    await database.db.insertInto('thing').values(thing).execute()
    await expect(database.db.insertInto('thing').values(thing).execute()).rejects.toMatchObject({
      code: '23505',
    })
    await expect(sql`selct 1`.execute(database.db)).rejects.toMatchObject({ code: '42601' })
    expect(await database.ping(5_000)).toBeGreaterThan(0)
  })

  test('a transaction that throws leaves nothing', async () => {
    const lost = database.db.transaction().execute(async tx => {
      await tx.insertInto('counter').values({ id: 1, value: 1 }).execute()
      throw new Error('no')
    })
    await expect(lost).rejects.toThrow('no')
    expect(await database.db.selectFrom('counter').selectAll().execute()).toEqual([])
  })

  test('transactions, single statements and background work at once do not mix', async () => {
    await database.db.insertInto('counter').values({ id: 7, value: 0 }).execute()
    const bump = (db: Database<Tables>['db']) =>
      db.transaction().execute(async tx => {
        const { value } = await tx
          .selectFrom('counter')
          .select('value')
          .where('id', '=', 7)
          .forUpdate()
          .executeTakeFirstOrThrow()
        await tx
          .updateTable('counter')
          .set({ value: value + 1 })
          .where('id', '=', 7)
          .execute()
      })
    const read = () => database.db.selectFrom('counter').select('value').where('id', '=', 7).execute()
    const work = Array.from({ length: 30 }, (_, i) => [
      bump(i % 3 ? database.db : database.background),
      read().then(() => undefined),
    ])
    await Promise.all(work.flat())
    expect(await read()).toEqual([{ value: 30 }])
  })

  test('a thousand rows go in by one statement and come back', async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => ({
      name: `row ${i} ${'x'.repeat(500)}`,
      at: new Date(i),
      doc: { i },
      big: String(i),
      list: [],
    }))
    const before = statements.length
    await database.db.insertInto('thing').values(rows).execute()
    expect(statements.length - before).toBe(1)
    const back = await database.db.selectFrom('thing').select('name').where('name', 'like', 'row %').execute()
    expect(back).toHaveLength(1_000)
  })

  test('a loader copies rows in, and a refused copy leaves the session usable', async () => {
    const loader = await database.openLoader()
    const copy = 'copy counter (id, value) from stdin'
    await loader.copyIn(copy, Buffer.from('100\t1\n101\t2\n'))
    await expect(loader.copyIn(copy, Buffer.from('102\t3\n100\t9\n'))).rejects.toMatchObject({
      code: '23505',
    })
    await expect(loader.copyIn('copy nothing from stdin', Buffer.from('1\n'))).rejects.toMatchObject({
      code: '42P01',
    })
    const lost = loader.transaction(async () => {
      await loader.copyIn(copy, Buffer.from('103\t4\n'))
      throw new Error('no')
    })
    await expect(lost).rejects.toThrow('no')
    expect(await loader.query('select id, value from counter where id >= $1 order by id', [100])).toEqual([
      { id: 100, value: 1 },
      { id: 101, value: 2 },
    ])
    await loader.close()
    expect(
      await database.db.selectFrom('counter').select('id').where('id', '>=', 100).execute(),
    ).toHaveLength(2)
  })

  test('every statement is counted, transactions included', async () => {
    const before = statements.length
    await database.db.transaction().execute(tx => tx.selectFrom('counter').selectAll().execute())
    expect(statements.slice(before)).toEqual(['begin', 'select * from "counter"', 'commit'])
  })
}
