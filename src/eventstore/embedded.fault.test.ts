import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { collect, numbered } from './contract.ts'
import { StoreDamaged } from './embedded-check.ts'
import { openEmbeddedStore } from './embedded.ts'
import { StoreUnavailable } from './port.ts'

/** When the embedded store cannot write any more, or must not. */
let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fio-fault-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a second container on the same volume does, whom the lock of the first one's kernel names cannot stop. */
const writeFromElsewhere = (): Promise<unknown> => {
  const script = `
    import { open } from 'lmdb'
    const root = open({ path: process.argv[1], noSubdir: true, maxDbs: 8, overlappingSync: false })
    const log = root.openDB('log', { encoding: 'binary' })
    const [last = 0] = log.getKeys({ reverse: true, limit: 1 })
    await log.put(last + 1, Buffer.from('somebody else'))
    await root.flushed
    await root.close()`
  return promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script, join(folder, 'log.mdb')],
    { cwd: ROOT },
  )
}

test('what another process wrote is noticed before it is overwritten, and nothing is written after it', async () => {
  const store = await openEmbeddedStore({ folder })
  await store.append('ticket-1', 'none', [numbered(0)])
  expect(store.fault?.()).toBeNull()
  await writeFromElsewhere()
  const refused = await store.append('ticket-1', 0, [numbered(1)]).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StoreUnavailable)
  expect(String((refused as Error).cause)).toContain('another process has written to this event log')
  // Whoever asks for readiness is told, appends are refused at once, and reading goes on.
  expect(store.fault?.()).toBe(refused)
  await expect(store.append('ticket-2', 'none', [numbered(0)])).rejects.toBe(refused)
  expect(await collect(store.readStream('ticket-1'))).toHaveLength(1)
  await store.close()
  // An orderly stop makes no whole log of it: the next process looks before it builds on what it finds.
  await expect(openEmbeddedStore({ folder })).rejects.toBeInstanceOf(StoreDamaged)
}, 60_000)

test.each([0, 1, 2, 3, 4])(
  'a process killed while it made a new log, with %i of its tables, is in nobody’s way',
  async tables => {
    // As the store opens it, killed before anything could be appended.
    await writeFile(join(folder, 'store.json'), JSON.stringify({ format: 1, state: 'making' }))
    const script = `
      import { open } from 'lmdb'
      const root = open({ path: process.argv[1], noSubdir: true, maxDbs: 8, overlappingSync: false })
      for (const name of ['log', 'heads', 'ids', 'meta'].slice(0, ${tables})) root.openDB(name, { encoding: 'binary' })
      process.kill(process.pid, 'SIGKILL')`
    const killed = promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, join(folder, 'log.mdb')],
      { cwd: ROOT },
    )
    await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' })
    const store = await openEmbeddedStore({ folder })
    await store.append('ticket-1', 'none', [numbered(0)])
    await store.close()
    const again = await openEmbeddedStore({ folder })
    expect(await collect(again.readAll())).toHaveLength(1)
    await again.close()
  },
  60_000,
)

test('before there is anything of a new log, its folder says that it is being made', async () => {
  // In the way of the very next step.
  await mkdir(join(folder, 'log.mdb-lock'))
  await expect(openEmbeddedStore({ folder })).rejects.toThrow()
  expect(JSON.parse(await readFile(join(folder, 'store.json'), 'utf8'))).toEqual({
    format: 1,
    state: 'making',
  })
  await rm(join(folder, 'log.mdb-lock'), { recursive: true })
  await (await openEmbeddedStore({ folder })).close()
})

const WRITER = join(ROOT, 'test/doubles/embedded-writer.main.ts')
const FILE_KIB_MAX = 2_048

test.skipIf(process.platform === 'win32')(
  'a disk that takes no more ends in a clear error; everything acknowledged is there afterwards',
  async () => {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    // The limit is counted in KiB by bash; ignoring its signal makes the write fail, as on a full disk.
    const limited = `trap '' XFSZ; ulimit -f ${FILE_KIB_MAX}; exec "$@"`
    const child = spawn(
      'bash',
      ['-c', limited, 'bash', process.execPath, '--import', loader, WRITER, folder],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)))
    child.stderr.on('data', (chunk: Buffer) => (err += String(chunk)))
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    expect([code, signal], err).toEqual([1, null])
    expect(err).toContain('the embedded store could not write')
    const acknowledged = out.split('\n').filter(line => /^\S+ \d+ [0-9a-f-]{36}$/.test(line))
    expect(acknowledged.length).toBeGreaterThan(50)
    const store = await openEmbeddedStore({ folder })
    const stored = await collect(store.readAll())
    const places = new Set(stored.map(({ stream, revision, id }) => `${stream} ${revision} ${id}`))
    expect(acknowledged.filter(line => !places.has(line))).toEqual([])
    expect(await store.append('ticket-0', 'any', [numbered(0)])).toBeTruthy()
    await store.close()
  },
  120_000,
)
