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
import { withOrientation } from './testing/with-orientation.ts'
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
    shrink: (bytes, mime) => {
      shrunk++
      return pictures.shrink(bytes, mime)
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
/** The same in the form that cannot be written here. */
const WEBP = Buffer.from('UklGRigAAABXRUJQVlA4TBwAAAAv38FKAAfQmTJH/wMCkqT//8OI/mf85z//+b8U', 'base64')
const paintedAs = (mime: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp'): Promise<Buffer> =>
  mime === 'image/webp' ? Promise.resolve(WEBP) : painted.getBuffer(mime)

test.each(['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const)(
  'of a picture (%s) a small JPEG is made once, kept, and goes with it',
  async mime => {
    const key = await put(await paintedAs(mime), mime)
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

/** 480 × 300 pixels of nothing, and 400 × 16 painted ones as photographs are kept. */
const CLEAR_WEBP = Buffer.from('UklGRigAAABXRUJQVlA4TBsAAAAv38FKEAfQmTJHBAQkSf//hxH9z/jPf/7zfykA', 'base64')
const LOSSY_WEBP = Buffer.from(
  'UklGRmgAAABXRUJQVlA4IFwAAABwBACdASqQARAAPtFosFKoJiSioUgBABoJaQDIToAACfGjRo0aNGjRo0Z+AAD+5s7f3RfaiqD//xDnQ50OajQEOYzlIkPl4pv1nMZykSHy8U36zmM5SJD5eIAAAAA=',
  'base64',
)

test('what shows through is white', async () => {
  const clear = new Jimp({ width: 400, height: 400, color: 0x00000000 })
  for (const bytes of [await clear.getBuffer('image/png'), CLEAR_WEBP]) {
    const small = await Jimp.fromBuffer(Buffer.from((await thumbnails.of(await put(bytes, 'image/png')))!))
    expect([...small.bitmap.data.subarray(0, 3)].every(value => value > 250)).toBe(true)
  }
})

test('a photograph in WebP has one, and one that moves has none', async () => {
  const jpeg = await thumbnails.of(await put(LOSSY_WEBP, 'image/webp'))
  expect(imageSize(Buffer.from(jpeg!))).toEqual({ width: 320, height: 13 })
  const moving = Buffer.from('RIFF....WEBPVP8X........................', 'latin1')
  moving.writeUIntBE(0x02, 20, 1)
  expect(await thumbnails.of(await put(moving, 'image/webp'))).toBeNull()
  expect(shrunk).toBe(1)
})

test('a photograph is turned as the camera was held, and one as large as telephones take them has a thumbnail', async () => {
  const half = new Jimp({ width: 480, height: 300, color: 0x0000ffff }).composite(
    new Jimp({ width: 240, height: 300, color: 0xff0000ff }),
  )
  const turned = withOrientation(await half.getBuffer('image/jpeg'), 6)
  const upright = await Jimp.fromBuffer(Buffer.from((await thumbnails.of(await put(turned, 'image/jpeg')))!))
  expect([upright.bitmap.width, upright.bitmap.height]).toEqual([200, 320])
  const [top = 0, bottom = 0] = [upright.bitmap.data[0], upright.bitmap.data[upright.bitmap.data.length - 4]]
  expect([top > 200, bottom < 50]).toEqual([true, true])
  const large = new Jimp({ width: 4000, height: 2500, color: 0x336699ff })
  const jpeg = await thumbnails.of(await put(await large.getBuffer('image/png'), 'image/png'))
  expect(imageSize(Buffer.from(jpeg!))).toEqual({ width: 320, height: 200 })
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

test('a decoder that wants more memory than any picture needs is refused it, and the next picture starts anew', async () => {
  const jpeg = await painted.getBuffer('image/jpeg')
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  const bomb = Buffer.from(jpeg)
  bomb.writeUInt16BE(16_000, frame + 5)
  bomb.writeUInt16BE(16_000, frame + 7)
  await expect(pictures.shrink(new Uint8Array(bomb).buffer, 'image/jpeg')).rejects.toThrow()
  expect(imageSize(Buffer.from(await pictures.shrink(new Uint8Array(jpeg).buffer, 'image/jpeg')))).toEqual({
    width: 320,
    height: 200,
  })
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

const anything = (pictures: ShrinkPicture): Promise<Uint8Array> =>
  pictures.shrink(new ArrayBuffer(1), 'image/jpeg')
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
  await expect(anything(stuck)).rejects.toThrow('not within 50 ms')
  await expect(anything(stuck)).rejects.toThrow('not within 50 ms')
  // What decoders are: a loop in WebAssembly, which nothing in its own thread could end.
  const loop = 'AGFzbQEAAAABBAFgAAADAgEABwUBAWYAAAoJAQcAA0AMAAsL'
  const looping = createShrinkPicture({
    clock: systemClock,
    msMax: 50,
    program: new URL(
      `data:text/javascript,new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('${loop}', 'base64'))).exports.f()`,
    ),
  })
  await expect(anything(looping)).rejects.toThrow('not within 50 ms')
  const dying = createShrinkPicture({
    clock: systemClock,
    program: new URL('data:text/javascript,process.exit(3)'),
  })
  await expect(anything(dying)).rejects.toThrow('the thread ended')
})

test('the thread lives while there is work, and ends when there is none', async () => {
  const busy = createShrinkPicture({ clock: systemClock, idleMs: 60_000, program: answering })
  const first = await anything(busy)
  expect(await anything(busy)).toEqual(first)
  await busy.close()
  const idle = createShrinkPicture({ clock: systemClock, idleMs: 1, program: answering })
  const before = await anything(idle)
  await vi.waitUntil(async () => (await anything(idle))[0] !== before[0], { ...LONG, interval: 30 })
  await idle.close()
})
