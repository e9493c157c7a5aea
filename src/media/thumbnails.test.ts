import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Jimp } from 'jimp'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../shared/clock.ts'
import { newId } from '../shared/ids.ts'
import { silentLog } from '../shared/log.ts'
import { inChunks } from './contract.ts'
import { openFolderMedia } from './folder.ts'
import { imageSize } from './image-size.ts'
import type { MediaStore } from './port.ts'
import { createShrinkPicture, type ShrinkPicture } from './shrink-picture.ts'
import { createThumbnails, type Thumbnails } from './thumbnails.ts'

const company = newId<string>()
const LONG = { timeout: 20_000 }
let folder: string
let media: MediaStore
let shrunk: number
let pictures: ShrinkPicture
let thumbnails: Thumbnails
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-thumbnails-'))
  media = await openFolderMedia({ folder })
  shrunk = 0
  pictures = createShrinkPicture({ clock: systemClock })
  const counted: ShrinkPicture = {
    shrink: bytes => {
      shrunk++
      return pictures.shrink(bytes)
    },
    close: () => pictures.close(),
  }
  thumbnails = createThumbnails({ media, pictures: counted, log: silentLog })
})
afterEach(async () => {
  await thumbnails.close()
  await rm(folder, { recursive: true, force: true })
})

const put = async (bytes: Buffer, mime: string): Promise<string> =>
  (await media.put(company, inChunks(bytes), { mime, limit: 50_000_000 })).key
const painted = new Jimp({ width: 480, height: 300, color: 0xcc3300ff })

test.each(['image/jpeg', 'image/png', 'image/gif'] as const)(
  'of a picture (%s) a small JPEG is made once, kept, and goes with it',
  async mime => {
    const key = await put(await painted.getBuffer(mime), mime)
    const [one, two] = await Promise.all([thumbnails.of(key), thumbnails.of(key)])
    expect(imageSize(Buffer.from(one!))).toEqual({ width: 320, height: 200 })
    expect(Buffer.from(two!).equals(one!)).toBe(true)
    const small = await Jimp.fromBuffer(Buffer.from(one!))
    const [red = 0, green = 0, blue = 0] = small.bitmap.data
    expect([red > 190, green < 70, blue < 30]).toEqual([true, true, true])
    expect(Buffer.from((await thumbnails.of(key))!).equals(one!)).toBe(true)
    expect(shrunk).toBe(1)
    await media.remove(key)
    expect(await thumbnails.of(key)).toBeNull()
  },
)

test('what shows through is white', async () => {
  const clear = new Jimp({ width: 400, height: 400, color: 0x00000000 })
  const key = await put(await clear.getBuffer('image/png'), 'image/png')
  const small = await Jimp.fromBuffer(Buffer.from((await thumbnails.of(key))!))
  expect([...small.bitmap.data.subarray(0, 3)].every(value => value > 250)).toBe(true)
})

/** A PNG that says it is so large, whatever its data hold. */
const claiming = (png: Buffer, width: number, height: number): Buffer => {
  const copy = Buffer.from(png)
  copy.writeUInt32BE(width, 16)
  copy.writeUInt32BE(height, 20)
  return copy
}

test('what claims to be too large is never decoded, wherever it says so', async () => {
  const png = await painted.getBuffer('image/png')
  const gif = await painted.getBuffer('image/gif')
  const twice = Buffer.concat([
    png.subarray(0, 33),
    claiming(png, 60_000, 60_000).subarray(8, 33),
    png.subarray(33),
  ])
  const frame = gif.lastIndexOf(Buffer.from([0x2c, 0, 0, 0, 0]))
  const largeFrame = Buffer.from(gif)
  largeFrame.writeUInt16LE(65_000, frame + 5)
  largeFrame.writeUInt16LE(65_000, frame + 7)
  for (const bytes of [claiming(png, 30_000, 30_000), twice, largeFrame])
    expect(await thumbnails.of(await put(bytes, 'image/png'))).toBeNull()
  expect(shrunk).toBe(0)
})

test('what cannot be decoded has none, is tried once, and stops no other', async () => {
  const jpeg = await painted.getBuffer('image/jpeg')
  const damaged = await put(Buffer.concat([jpeg.subarray(0, 400), Buffer.alloc(300)]), 'image/jpeg')
  const text = await put(Buffer.from('no picture'), 'image/png')
  const fine = await put(jpeg, 'image/jpeg')
  const all = await Promise.all([damaged, text, fine].map(key => thumbnails.of(key)))
  expect(all.map(jpeg => jpeg !== null)).toEqual([false, false, true])
  expect(await thumbnails.of(damaged)).toBeNull()
  expect(shrunk).toBe(2)
})

test('a file that is removed while its thumbnail is made leaves nothing', async () => {
  const key = await put(await painted.getBuffer('image/png'), 'image/png')
  const racing = createThumbnails({
    media: {
      ...media,
      putThumbnail: async (of, jpeg) => {
        await media.putThumbnail(of, jpeg)
        for (const suffix of ['', '.json'])
          await rm(join(folder, company, key.slice(37, 39), key.slice(37) + suffix))
      },
    },
    pictures,
    log: silentLog,
  })
  expect(await racing.of(key)).not.toBeNull()
  expect(await media.thumbnail(key)).toBeNull()
})

test('too many at once: none for the rest, for now', async () => {
  let release = (): void => undefined
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  let started = false
  const slow = createThumbnails({
    media,
    pictures: {
      shrink: async () => {
        started = true
        await held
        return Buffer.from('small')
      },
      close: () => Promise.resolve(),
    },
    log: silentLog,
    waitingMax: 1,
  })
  const png = await painted.getBuffer('image/png')
  const one = await put(png, 'image/png')
  const other = await put(await painted.getBuffer('image/jpeg'), 'image/jpeg')
  const first = slow.of(one)
  await vi.waitUntil(() => started, LONG)
  expect(await slow.of(other)).toBeNull()
  release()
  expect(await first).not.toBeNull()
  expect(await slow.of(other)).not.toBeNull()
})

const bytes = (): Uint8Array<ArrayBuffer> => new Uint8Array([1])
const answering = new URL(
  `data:text/javascript,import { parentPort, threadId } from 'node:worker_threads';
   parentPort.on('message', () => parentPort.postMessage({ jpeg: new Uint8Array([threadId & 255]) }))`,
)

test('a decoder that hangs is ended, and the next picture starts anew', async () => {
  const stuck = createShrinkPicture({
    clock: systemClock,
    msMax: 50,
    program: new URL('data:text/javascript,setInterval(() => {}, 1000)'),
  })
  await expect(stuck.shrink(bytes())).rejects.toThrow('not within 50 ms')
  await expect(stuck.shrink(bytes())).rejects.toThrow('not within 50 ms')
  const dying = createShrinkPicture({
    clock: systemClock,
    program: new URL('data:text/javascript,process.exit(3)'),
  })
  await expect(dying.shrink(bytes())).rejects.toThrow('the thread ended')
})

test('the thread lives while there is work, and ends when there is none', async () => {
  const busy = createShrinkPicture({ clock: systemClock, idleMs: 60_000, program: answering })
  const first = await busy.shrink(bytes())
  expect(await busy.shrink(bytes())).toEqual(first)
  await busy.close()
  const idle = createShrinkPicture({ clock: systemClock, idleMs: 1, program: answering })
  const before = await idle.shrink(bytes())
  await vi.waitUntil(async () => (await idle.shrink(bytes()))[0] !== before[0], { ...LONG, interval: 30 })
  await idle.close()
})
