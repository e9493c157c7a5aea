import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mediaContract } from './contract.ts'
import { openFolderMedia } from './folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-media-'))
})
afterEach(() => rm(folder, { recursive: true }))

const files = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter(e => e.isFile()).map(e => e.name)

mediaContract('in a folder', async () => ({
  media: await openFolderMedia({ folder }),
  // A file's own description is part of it.
  count: async () => (await files()).filter(name => !name.endsWith('.json')).length,
  close: () => Promise.resolve(),
}))

test('what a stop in the middle left behind is cleared at the next start', async () => {
  await openFolderMedia({ folder })
  await writeFile(join(folder, 'incoming', 'half'), 'x')
  await openFolderMedia({ folder })
  expect(await files()).toEqual([])
})
