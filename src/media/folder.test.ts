import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId } from '../shared/ids.ts'
import { openFolderMedia } from './folder.ts'
import { MediaTooLarge, type MediaStore } from './port.ts'

const company = newId<string>()
const image = { mime: 'image/jpeg', limit: 10_000_000 }

let folder: string
let media: MediaStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-media-'))
  media = await openFolderMedia({ folder })
})
afterEach(() => rm(folder, { recursive: true }))

async function* inChunks(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const whole = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const files = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter(e => e.isFile()).map(e => e.name)

test('bytes come back as they went in, under their hash, with their type', async () => {
  const bytes = randomBytes(1_000_003)
  const put = await media.put(company, inChunks(bytes), image)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(put).toEqual({ key: `${company}/${sha256}`, sha256, size: bytes.length })
  const got = await media.get(put.key)
  expect(got?.info).toEqual({ size: bytes.length, mime: 'image/jpeg' })
  expect((await whole(got!.bytes)).equals(bytes)).toBe(true)
})

test('an empty file is a file', async () => {
  const { key, size } = await media.put(company, inChunks(Buffer.alloc(0)), image)
  expect(size).toBe(0)
  expect(await whole((await media.get(key))!.bytes)).toHaveLength(0)
})

test('the same file, even twice at once, is kept once, and for each company by itself', async () => {
  const bytes = randomBytes(100_000)
  const puts = await Promise.all([1, 2, 3].map(() => media.put(company, inChunks(bytes), image)))
  expect(new Set(puts.map(put => put.key)).size).toBe(1)
  expect(await files()).toHaveLength(2)
  const other = await media.put(newId(), inChunks(bytes), image)
  await media.remove(puts[0]!.key)
  expect(await media.get(puts[0]!.key)).toBeNull()
  expect(await media.get(other.key)).not.toBeNull()
})

test('over the limit nothing is kept, and no more is read than needed', async () => {
  let given = 0
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      given++
      yield Buffer.alloc(1_000)
    }
  }
  await expect(media.put(company, endless(), { mime: 'a/b', limit: 5_000 })).rejects.toThrow(MediaTooLarge)
  expect(given).toBe(6)
  expect(await files()).toEqual([])
  await media.put(company, inChunks(Buffer.alloc(5_000)), { mime: 'a/b', limit: 5_000 })
})

test('a source that breaks leaves nothing', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(10)
    throw new Error('cut')
  }
  await expect(media.put(company, broken(), image)).rejects.toThrow('cut')
  expect(await files()).toEqual([])
})

test('what a stop in the middle left behind is cleared at the next start', async () => {
  await writeFile(join(folder, 'incoming', 'half'), 'x')
  await openFolderMedia({ folder })
  expect(await files()).toEqual([])
})

test.each([
  '../../etc/passwd',
  `${company}/../${'a'.repeat(64)}`,
  `../${company}/${'a'.repeat(64)}`,
  `${company}/${'a'.repeat(64)}/x`,
  `${company}/${'a'.repeat(64)}.json`,
  `${company}/${'A'.repeat(64)}`,
  `/${company}/${'a'.repeat(64)}`,
  `incoming/${'a'.repeat(64)}`,
  '',
])('a key of another form is nobody’s: %j', async key => {
  expect(await media.get(key)).toBeNull()
  await media.remove(key)
})

test('a company id or a type of another form is refused', async () => {
  await expect(media.put('../x', inChunks(Buffer.of(1)), image)).rejects.toThrow('company')
  await expect(media.put(company, inChunks(Buffer.of(1)), { mime: 'a\nb', limit: 9 })).rejects.toThrow('type')
  await media.put(company, inChunks(Buffer.of(1)), { mime: 'audio/ogg; codecs=opus', limit: 9 })
})
