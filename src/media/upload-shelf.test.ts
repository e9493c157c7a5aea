import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '../shared/ids.ts'
import { openFolderMedia } from './folder.ts'
import type { MediaStore } from './port.ts'
import { createTakeIn } from './take-in.ts'
import { createUploadShelf, type UploadShelf } from './upload-shelf.ts'

const HOUR_MS = 3_600_000
const acme = newId<string>()
const globex = newId<string>()

let folder: string
let media: MediaStore
let ahead: number
/** The shelves of two nodes over one drawer. */
let here: UploadShelf
let there: UploadShelf
let named: Set<string>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-uploads-'))
  media = await openFolderMedia({ folder })
  ahead = 0
  named = new Set()
  const lying = new Map<string, string>()
  const drawer = {
    get: async (key: string) => lying.get(key) ?? null,
    update: async (key: string, change: (current: string | null) => string | null | undefined) => {
      const next = change(lying.get(key) ?? null)
      if (next === null) lying.delete(key)
      else if (next !== undefined) lying.set(key, next)
      return lying.get(key) ?? null
    },
    keys: async (prefix: string) => [...lying.keys()].filter(key => key.startsWith(prefix)),
  }
  const clock = { now: () => Date.now() + ahead, monotonic: () => 0, after: () => () => undefined }
  const shelf = () => createUploadShelf({ drawer, media, takeIn: createTakeIn({ media }), clock })
  here = shelf()
  there = shelf()
})
afterEach(() => rm(folder, { recursive: true }))

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
const keep = async (text = 'hello', companyId = acme) =>
  (await here.keep(companyId, bytes(text), { id: newId(), name: 'a.txt', declared: '', limit: 100 }))!
const sweep = (): Promise<number> => there.sweep(async (_, key) => named.has(key))

test('another node finds it, another company does not', async () => {
  const { id, key } = await keep()
  expect(await there.take(acme, id)).toMatchObject({ key, kind: 'document', size: 5 })
  expect(await there.take(acme, id)).toMatchObject({ key })
  expect(await there.take(globex, id)).toBeNull()
  expect(await there.take(acme, newId())).toBeNull()
})

test('what nobody sends is gone after a day, bytes and all', async () => {
  const { id, key } = await keep()
  ahead = 23 * HOUR_MS
  expect(await sweep()).toBe(0)
  ahead = 25 * HOUR_MS
  expect(await there.take(acme, id)).toBeNull()
  expect(await sweep()).toBe(1)
  expect(await media.head(key)).toBeNull()
})

test('asked for in the last minute, it lives until its message is written', async () => {
  const { id, key } = await keep()
  ahead = 24 * HOUR_MS - 60_000
  expect(await there.take(acme, id)).not.toBeNull()
  ahead = 25 * HOUR_MS
  expect(await sweep()).toBe(0)
  expect(await media.head(key)).not.toBeNull()
})

test('the bytes of what was sent stay', async () => {
  const { key } = await keep()
  named.add(key)
  ahead = 25 * HOUR_MS
  expect(await sweep()).toBe(1)
  expect(await media.head(key)).not.toBeNull()
})

test('bytes that somebody else put later are not this upload’s to remove', async () => {
  await keep()
  ahead = 20 * HOUR_MS
  // The same file once more, the store's clock being where ours is.
  const again = await keep()
  const { utimes } = await import('node:fs/promises')
  const [companyId, sha256] = again.key.split('/') as [string, string]
  const at = new Date(Date.now() + ahead)
  await utimes(join(folder, companyId, sha256.slice(0, 2), sha256), at, at)
  ahead = 25 * HOUR_MS
  expect(await sweep()).toBe(1)
  expect(await media.head(again.key)).not.toBeNull()
  ahead = 45 * HOUR_MS
  expect(await sweep()).toBe(1)
  expect(await media.head(again.key)).toBeNull()
})
