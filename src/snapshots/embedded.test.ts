import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { snapshotsContract } from './contract.ts'
import { openEmbeddedSnapshots } from './embedded.ts'

snapshotsContract('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-snapshots-'))
  return {
    open: () => openEmbeddedSnapshots({ folder }),
    clear: () => rm(folder, { recursive: true, force: true }),
  }
})

test('a file that was cut is short bytes, and nothing of a removed one is left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-snapshots-'))
  const snapshots = await openEmbeddedSnapshots({ folder })
  const files = async (): Promise<string[]> => {
    const all = (await readdir(folder, { recursive: true })).map(name => join(folder, name))
    const stats = await Promise.all(all.map(file => stat(file)))
    return all.filter((_, i) => stats[i]!.isFile())
  }
  await snapshots.put('ticket-a.b', Buffer.alloc(10_000, 7))
  const [file, ...others] = await files()
  expect(others).toEqual([])
  await truncate(file!, 5_000)
  expect((await snapshots.get('ticket-a.b'))?.length).toBe(5_000)
  await snapshots.remove('ticket-a.b')
  expect(await files()).toEqual([])
  await rm(folder, { recursive: true })
})
