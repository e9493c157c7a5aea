import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomFrom } from '../../test/support/random.ts'
import { collect, numbered } from './contract.ts'
import { StoreDamaged } from './embedded-check.ts'
import { StoreLocked } from './embedded-lock.ts'
import { openEmbeddedStore } from './embedded.ts'
import type { StoredEvent } from './port.ts'

/** What happens to the embedded store when its process is killed, its folder shared or its file damaged. */

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fio-crash-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const WRITER = fileURLToPath(new URL('../../test/doubles/embedded-writer.main.ts', import.meta.url))

const USER = fileURLToPath(new URL('../../test/doubles/embedded-user.main.ts', import.meta.url))

type Writer = { child: ChildProcess; acknowledged: string[]; reached(count: number): Promise<void> }

const startWriter = async (): Promise<Writer> => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(process.execPath, ['--import', loader, WRITER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  lines.on('line', line => acknowledged.push(line))
  const reached = async (count: number): Promise<void> => {
    while (acknowledged.length < count) await once(lines, 'line')
  }
  return { child, acknowledged, reached }
}

/** Kills a writer after it acknowledged so many events; gives back what it acknowledged. */
const killAfter = async (count: number): Promise<string[]> => {
  const writer = await startWriter()
  await writer.reached(count)
  const closed = once(writer.child, 'close')
  writer.child.kill('SIGKILL')
  await closed
  // The last line may have been cut in the middle by the kill.
  return writer.acknowledged.filter(line => /^\S+ \d+ [0-9a-f-]{36}$/.test(line))
}

const byStream = (events: readonly StoredEvent[]): Map<string, StoredEvent[]> => {
  const streams = new Map<string, StoredEvent[]>()
  for (const event of events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event])
  return streams
}

/** What is wrong with a log that was written by the double: its appends say how many events they have, and chain them. */
const brokenAppends = (events: readonly StoredEvent[]): string[] => {
  const broken: string[] = []
  for (const [stream, own] of byStream(events)) {
    let previous = ''
    for (const [i, event] of own.entries()) {
      const { part, of, append, after } = event.data as {
        part: number
        of: number
        append: string
        after: string
      }
      const where = `${stream}@${event.revision}`
      if (event.revision !== i) broken.push(`${where} stands at ${i}`)
      if (after !== previous) broken.push(`${where} does not follow the event before it`)
      if (part < of && own[i + 1]?.data['append'] !== append)
        broken.push(`${where} lacks the rest of its append`)
      if (part > 1 && own[i - 1]?.data['append'] !== append)
        broken.push(`${where} lacks the start of its append`)
      previous = event.id
    }
  }
  return broken
}

const SEED = Number(process.env['CRASH_SEED'] ?? randomInt(2 ** 31))
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 3)

test(`kill -9 at random moments: acknowledged is there, unacknowledged whole or absent (CRASH_SEED=${SEED})`, async () => {
  const random = randomFrom(SEED)
  const acknowledged: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await killAfter(20 + Math.floor(random() ** 2 * 3000))))
    const store = await openEmbeddedStore({ folder })
    const stored = await collect(store.readAll())
    const places = new Set(stored.map(({ stream, revision, id }) => `${stream} ${revision} ${id}`))
    expect(places.size).toBe(stored.length)
    expect(acknowledged.filter(line => !places.has(line))).toEqual([])
    expect(brokenAppends(stored)).toEqual([])
    await store.close()
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 20)
}, 300_000)

test('a writer that finds an unclean stop checks the log and goes on', async () => {
  const first = await killAfter(100)
  const second = await killAfter(100)
  const store = await openEmbeddedStore({ folder })
  const ids = new Set((await collect(store.readAll())).map(event => event.id))
  expect([...first, ...second].filter(line => !ids.has(line.split(' ')[2]!))).toEqual([])
  await store.close()
}, 60_000)

test('a second process is refused while the first lives, also one in the same process', async () => {
  const writer = await startWriter()
  await expect(openEmbeddedStore({ folder })).rejects.toBeInstanceOf(StoreLocked)
  const closed = once(writer.child, 'close')
  writer.child.kill('SIGKILL')
  await closed
  const store = await openEmbeddedStore({ folder })
  await expect(openEmbeddedStore({ folder })).rejects.toThrow(/in use by another process/)
  await store.close()
  await (await openEmbeddedStore({ folder })).close()
}, 60_000)

const damages: [string, (file: string, bytes: number) => Promise<void>][] = [
  ['cut in half', (file, bytes) => truncate(file, Math.floor(bytes / 2 / 4096) * 4096)],
  ['cut to nothing', file => truncate(file, 0)],
  ['taken away', file => rm(file)],
  [
    'overwritten',
    async (file, bytes) => {
      const handle = await open(file, 'r+')
      await handle.write(Buffer.alloc(bytes - 8192, 0xa5), 0, bytes - 8192, 8192)
      await handle.close()
    },
  ],
]

test.each(damages)(
  'a log that was %s is refused with what to do, and this process lives',
  async (_, damage) => {
    await killAfter(500)
    const file = join(folder, 'log.mdb')
    await damage(file, (await stat(file)).size)
    const refused = await openEmbeddedStore({ folder }).then(
      () => null,
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(StoreDamaged)
    expect(String(refused)).toContain('npm run restore -- <folder of the backup> --force')
    expect(String(refused)).toContain(`npm run store:verify -- ${folder}`)
  },
  60_000,
)

type Ending = { code: number | null; signal: NodeJS.Signals | null; output: string }

/** Opens the folder in a process of its own, reads everything, writes something: a crash there is seen here. */
const useInChild = async (): Promise<Ending> => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(process.execPath, ['--import', loader, USER, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, output }
}

const PAGE_BYTES = 4096
const DAMAGE_ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 3)

test.each(['killed', 'stopped'] as const)(
  `pages overwritten at random under a %s store never crash who opens it (CRASH_SEED=${SEED})`,
  async ended => {
    const random = randomFrom(SEED + 1)
    await killAfter(1500)
    if (ended === 'stopped') await (await openEmbeddedStore({ folder })).close()
    const file = join(folder, 'log.mdb')
    const [whole, state] = await Promise.all([readFile(file), readFile(join(folder, 'store.json'))])
    const pages = whole.length / PAGE_BYTES
    for (let round = 0; round < DAMAGE_ROUNDS; round++) {
      const damaged = Buffer.from(whole)
      for (let n = 0; n < 1 + random() * 10; n++) {
        const at = Math.floor(random() * pages) * PAGE_BYTES
        const bytes = Buffer.from(Array.from({ length: PAGE_BYTES }, () => Math.floor(random() * 256)))
        bytes.copy(damaged, at)
      }
      await writeFile(file, damaged)
      await writeFile(join(folder, 'store.json'), state)
      const ending = await useInChild()
      expect(ending.signal, ending.output).toBeNull()
      // A page that nothing points to may be overwritten without harm.
      if (ending.code === 0) expect(ending.output).toContain('read and written')
      else expect(ending.output).toContain('npm run restore -- <folder of the backup> --force')
    }
  },
  300_000,
)

test('a log that lost its end after an orderly stop is noticed too', async () => {
  const store = await openEmbeddedStore({ folder })
  for (let n = 0; n < 200; n++) await store.append('ticket-1', 'any', [numbered(n)])
  await store.close()
  const file = join(folder, 'log.mdb')
  await truncate(file, (await stat(file)).size - 40_960)
  await expect(openEmbeddedStore({ folder })).rejects.toBeInstanceOf(StoreDamaged)
}, 60_000)

test('a copy made while the store works opens as a store with an epoch of its own', async () => {
  const copy = join(folder, 'copy')
  const original = join(folder, 'original')
  const store = await openEmbeddedStore({ folder: original })
  await store.append('ticket-1', 'none', [numbered(0), numbered(1)])
  const { position } = await store.append('ticket-2', 'none', [numbered(2)])
  const writing = store.append('ticket-3', 'none', [numbered(3)])
  await store.backup(copy)
  await writing
  const restored = await openEmbeddedStore({ folder: copy })
  const events = await collect(restored.readAll())
  expect(events.slice(0, 3).map(event => event.data['n'])).toEqual([0, 1, 2])
  expect(restored.epoch).not.toBe(store.epoch)
  await expect(collect(restored.readAll({ after: position }))).rejects.toThrow(/epoch/)
  await restored.close()
  await store.close()
  // Opened once, the copy keeps the epoch that it was given.
  const again = await openEmbeddedStore({ folder: copy })
  expect(again.epoch).toBe(restored.epoch)
  await again.close()
}, 60_000)

test('a bare copy of the log is checked before it is opened, and keeps its epoch', async () => {
  const store = await openEmbeddedStore({ folder })
  await store.append('ticket-1', 'none', [numbered(0)])
  await store.close()
  const bare = join(folder, 'bare')
  await mkdir(bare)
  await copyFile(join(folder, 'log.mdb'), join(bare, 'log.mdb'))
  const copied = await openEmbeddedStore({ folder: bare })
  expect(copied.epoch).toBe(store.epoch)
  expect(await collect(copied.readStream('ticket-1'))).toHaveLength(1)
  await copied.close()
}, 60_000)
