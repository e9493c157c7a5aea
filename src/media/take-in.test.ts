import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '../shared/ids.ts'
import { openFolderMedia } from './folder.ts'
import { createTakeIn } from './take-in.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-take-in-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function* unknown(): AsyncGenerator<Uint8Array> {
  yield Buffer.from([0, 1, 2, 3, 4, 5, 6, 7])
}

// Whoever sent it chose the words; a file that is called nothing sensible is no reason to lose it.
test.each([
  ['', 'application/octet-stream'],
  ['audio', 'application/octet-stream'],
  ['som/ópera', 'application/octet-stream'],
  ['application/x-own', 'application/x-own'],
])('bytes that say nothing, called %j by who sent them, are kept as %s', async (declared, mime) => {
  const takeIn = createTakeIn({ media: await openFolderMedia({ folder }) })
  const file = { declared, name: null, limit: 100, strict: false }
  expect(await takeIn(newId(), unknown(), file)).toMatchObject({ size: 8, mime })
})
