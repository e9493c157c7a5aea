import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../shared/ids.ts'
import { MediaTooLarge, type MediaStore } from './port.ts'

export type OpenedMedia = {
  readonly media: MediaStore
  /** How many things lie in the store, thumbnails and halves included. */
  count(): Promise<number>
  close(): Promise<void>
}

export async function* inChunks(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export const whole = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What every media store does. */
export const mediaContract = (name: string, open: () => Promise<OpenedMedia>): void => {
  describe(`the media store ${name}`, () => {
    const company = newId<string>()
    const image = { mime: 'image/jpeg', limit: 50_000_000 }
    let opened: OpenedMedia
    let media: MediaStore
    beforeEach(async () => {
      opened = await open()
      media = opened.media
    })
    afterEach(() => opened.close())

    test.each([1, 1_000_003, 12_000_007])(
      '%i bytes come back as they went in, under their hash, with their type',
      async size => {
        const bytes = randomBytes(size)
        const put = await media.put(company, inChunks(bytes), image)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        expect(put).toEqual({ key: `${company}/${sha256}`, sha256, size })
        const got = await media.get(put.key)
        expect(got?.info).toEqual({ size, mime: 'image/jpeg', storedAt: expect.any(Number) })
        expect((await whole(got!.bytes)).equals(bytes)).toBe(true)
        expect(await media.head(put.key)).toEqual(got?.info)
        expect(await opened.count()).toBe(1)
      },
    )

    test('an empty file is a file', async () => {
      const { key, size } = await media.put(company, inChunks(Buffer.alloc(0)), image)
      expect(size).toBe(0)
      expect(await whole((await media.get(key))!.bytes)).toHaveLength(0)
    })

    test('a part is read without the rest', async () => {
      const bytes = randomBytes(300_000)
      const { key } = await media.put(company, inChunks(bytes), image)
      for (const [start, end] of [
        [0, 0],
        [100_000, 199_999],
        [299_999, 299_999],
        [0, 299_999],
      ] as const) {
        const got = await media.get(key, { start, end })
        expect(got?.info.size).toBe(bytes.length)
        expect((await whole(got!.bytes)).equals(bytes.subarray(start, end + 1))).toBe(true)
      }
    })

    test('the same file, even twice at once, is kept once, and for each company by itself', async () => {
      const bytes = randomBytes(100_000)
      const puts = await Promise.all([1, 2, 3].map(() => media.put(company, inChunks(bytes), image)))
      expect(new Set(puts.map(put => put.key)).size).toBe(1)
      expect(await opened.count()).toBe(1)
      const other = await media.put(newId(), inChunks(bytes), image)
      await media.remove(puts[0]!.key)
      expect(await media.get(puts[0]!.key)).toBeNull()
      expect(await media.get(other.key)).not.toBeNull()
    })

    test('putting it again makes it new', async () => {
      const bytes = randomBytes(10)
      const { key } = await media.put(company, inChunks(bytes), image)
      const first = (await media.head(key))!.storedAt
      // Stores keep whole seconds.
      while (Math.floor(Date.now() / 1000) <= Math.floor(first / 1000))
        await new Promise(resolve => setTimeout(resolve, 20))
      await media.put(company, inChunks(bytes), image)
      expect((await media.head(key))!.storedAt).toBeGreaterThan(first)
    })

    test('over the limit nothing is kept, and no more is read than needed', async () => {
      let given = 0
      async function* endless(): AsyncGenerator<Buffer> {
        for (;;) {
          given++
          yield Buffer.alloc(1_000)
        }
      }
      await expect(media.put(company, endless(), { mime: 'a/b', limit: 5_000 })).rejects.toThrow(
        MediaTooLarge,
      )
      expect(given).toBe(6)
      expect(await opened.count()).toBe(0)
      await media.put(company, inChunks(Buffer.alloc(5_000)), { mime: 'a/b', limit: 5_000 })
    })

    test.each([10, 13_000_000])('a source that breaks after %i bytes leaves nothing', async size => {
      async function* broken(): AsyncGenerator<Buffer> {
        yield* inChunks(Buffer.alloc(size), 1_000_000)
        throw new Error('cut')
      }
      await expect(media.put(company, broken(), image)).rejects.toThrow('cut')
      expect(await opened.count()).toBe(0)
    })

    test('a thumbnail lies beside its file and goes with it', async () => {
      const { key } = await media.put(company, inChunks(randomBytes(10)), image)
      expect(await media.thumbnail(key)).toBeNull()
      await media.putThumbnail(key, Buffer.from('small'))
      await media.putThumbnail(key, Buffer.from('smaller'))
      expect(Buffer.from((await media.thumbnail(key))!).toString()).toBe('smaller')
      await media.remove(key)
      expect(await media.thumbnail(key)).toBeNull()
      await media.putThumbnail(key, Buffer.from('too late'))
      expect(await opened.count()).toBe(0)
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
      `${company}/${'a'.repeat(64)}`,
      '',
    ])('a key of another form, or that was never given, is nobody’s: %j', async key => {
      expect(await media.get(key)).toBeNull()
      expect(await media.head(key)).toBeNull()
      expect(await media.thumbnail(key)).toBeNull()
      await media.remove(key)
    })

    test('a company id or a type of another form is refused', async () => {
      await expect(media.put('../x', inChunks(Buffer.of(1)), image)).rejects.toThrow('company')
      await expect(media.put(company, inChunks(Buffer.of(1)), { mime: 'a\nb', limit: 9 })).rejects.toThrow(
        'type',
      )
      await media.put(company, inChunks(Buffer.of(1)), { mime: 'audio/ogg; codecs=opus', limit: 9 })
    })
  })
}
