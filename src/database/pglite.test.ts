import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prebuiltPglite, testDatabase } from '../../test/support/database.ts'
import { createLog, silentLog } from '../shared/log.ts'
import { databaseContract } from './contract.ts'
import { openDatabase } from './open-database.ts'
import { startPglite } from './pglite-stream.ts'
import type { Database } from './port.ts'

describe('embedded database', () => databaseContract(onStatement => testDatabase('pglite', { onStatement })))

type Tables = { t: { id: number; name: string } }

describe('embedded database on disk', () => {
  let root: string
  let folder: string
  const open = (): Promise<Database<Tables>> =>
    openDatabase<Tables>({ folder, prebuilt: prebuiltPglite(), log: silentLog })
  const damaged = async () => (await readdir(root)).filter(name => name.includes('.damaged-'))
  const withRows = async (): Promise<void> => {
    const database = await open()
    await sql`create table if not exists t (id int primary key, name text not null)`.execute(database.db)
    await database.db.insertInto('t').values({ id: 1, name: 'one' }).execute()
    await database.close()
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'fio-pglite-'))
    folder = join(root, 'kept')
    await withRows()
    await cp(folder, join(root, 'original'), { recursive: true })
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  const fromOriginal = async (name: string): Promise<void> => {
    folder = join(root, name)
    await cp(join(root, 'original'), folder, { recursive: true })
  }

  test('a folder that was closed is reopened with its rows', async () => {
    const database = await open()
    expect(database.rebuilt).toBe(false)
    expect(await database.db.selectFrom('t').selectAll().execute()).toEqual([{ id: 1, name: 'one' }])
    await database.close()
  })

  test.each([
    ['its control file is cut', (f: string) => truncate(join(f, 'pgdata/global/pg_control'), 10)],
    ['its catalogue is gone', (f: string) => rm(join(f, 'pgdata/base'), { recursive: true })],
    ['it was half made', (f: string) => rm(join(f, 'state.json'))],
    [
      'the machine stopped while it was open',
      async (f: string) => {
        const state = JSON.parse(await readFile(join(f, 'state.json'), 'utf8')) as object
        await writeFile(
          join(f, 'state.json'),
          JSON.stringify({ ...state, clean: false, boot: 'an earlier one' }),
        )
      },
    ],
    [
      'another release made it',
      async (f: string) => {
        const state = JSON.parse(await readFile(join(f, 'state.json'), 'utf8')) as object
        await writeFile(join(f, 'state.json'), JSON.stringify({ ...state, pglite: '0.0.1' }))
      },
    ],
  ])('a folder is put aside and made anew when %s', async (name, damage) => {
    await fromOriginal(name.replaceAll(' ', '-'))
    await damage(folder)
    const database = await open()
    expect(database.rebuilt).toBe(true)
    await expect(sql`select * from t`.execute(database.db)).rejects.toMatchObject({ code: '42P01' })
    expect(await damaged()).toContainEqual(expect.stringContaining(name.replaceAll(' ', '-')))
    await database.close()
  })

  test('opening, working and closing leave no complaint in the log; a dead worker is told', async () => {
    await fromOriginal('quiet')
    const lines: string[] = []
    const destination = { write: (line: string) => void lines.push(line) }
    const log = createLog({ level: 'info', version: '0', environment: 'test', destination })
    const worker = new URL(`file://${join(root, 'worker.mjs')}`)
    await writeFile(worker, dyingWorker)
    const database = await openDatabase<Tables>({ folder, log })
    const query = database.db.selectFrom('t').selectAll().execute()
    expect(await query).toHaveLength(1)
    await database.close()
    expect(lines).toEqual([])

    const dying = await startPglite({ dataDir: '', prebuilt: null }, { timeoutMs: 10_000, worker })
    const lost = new Promise<Error>(resolve => dying.onLost(resolve))
    const client = new Client({ stream: () => dying.stream() })
    client.on('error', () => undefined)
    await expect(client.connect()).rejects.toThrow()
    expect((await lost).message).toContain('ended with 7')
  })

  test('a folder that another process has open is refused', async () => {
    await fromOriginal('shared')
    const holder = spawnHolder(folder)
    await holder.wrote(1)
    await expect(open()).rejects.toThrow(/in use by process/)
    await holder.kill()
  })

  test('after kill -9 in the middle of writing every answered row is there', async () => {
    await fromOriginal('killed')
    for (const round of [1, 2]) {
      const holder = spawnHolder(folder, round * 100_000)
      const last = await holder.wrote(20)
      await holder.kill()
      const database = await open()
      expect(database.rebuilt).toBe(false)
      const rows = await database.db.selectFrom('t').select('id').where('id', '=', last).execute()
      expect(rows).toHaveLength(1)
      await database.close()
    }
  })
})

/** Opens, and dies at the first word. */
const dyingWorker = `
  import { parentPort } from 'node:worker_threads'
  parentPort.on('message', () => process.exit(7))
  parentPort.postMessage({ ready: true })`

/** Another process that opens the folder and writes rows of rising ids for as long as it lives. */
const spawnHolder = (folder: string, from = 100) => {
  const program = `
    const { openDatabase } = await import(${JSON.stringify(new URL('./open-database.ts', import.meta.url).href)})
    const { silentLog } = await import(${JSON.stringify(new URL('../shared/log.ts', import.meta.url).href)})
    const { db } = await openDatabase({ folder: ${JSON.stringify(folder)}, log: silentLog })
    for (let id = ${from}; ; id++) {
      await db.insertInto('t').values({ id, name: 'x'.repeat(2000) }).execute()
      process.stdout.write(id + '\\n')
    }`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let lines: string[] = []
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines = lines.concat(parts)
  })
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return {
    /** The last id that was answered, once there are so many. */
    wrote: async (count: number): Promise<number> => {
      await expect.poll(() => lines.length, { timeout: 25_000 }).toBeGreaterThanOrEqual(count)
      return Number(lines.at(-1))
    },
    kill: async (): Promise<void> => {
      child.kill('SIGKILL')
      await gone
    },
  }
}
