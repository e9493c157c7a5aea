import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { whole } from '../contract.ts'
import { sniff } from '../sniff.ts'
import { oggPage, SEGMENTS_MAX, segmentsOf } from './ogg-page.ts'
import { OPUS_RATE, packetSamples } from './opus-packet.ts'
import { isSpeech, webmToOgg } from './remux.ts'
import { pagesIn } from './testing/pages-in.ts'
import { webmOf } from './testing/webm-of.ts'
import { NotWebm } from './webm.ts'

/** Three seconds that Chromium's MediaRecorder made of its own test sound. */
const recording = await readFile(new URL('./testing/chromium.webm', import.meta.url))

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const remuxed = async (webm: Buffer, piece = 1_000) => {
  const { bytes, seconds } = webmToOgg(inPieces(webm, piece))
  const ogg = await whole(bytes)
  return { ogg, pages: pagesIn(ogg), seconds: seconds() }
}

describe('pages', () => {
  test('hold packets of any length, laced and checked, and say where they stand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 1_300 }), { maxLength: 30 }),
        fc.bigInt({ min: 0n, max: 2n ** 62n }),
        fc.nat(),
        (packets, granule, sequence) => {
          fc.pre(packets.reduce((sum, packet) => sum + segmentsOf(packet), 0) <= SEGMENTS_MAX)
          const [page, ...more] = pagesIn(oggPage({ granule, serial: 7, sequence, packets }))
          expect(more).toEqual([])
          expect(page).toMatchObject({ granule, serial: 7, sequence, first: false, last: false })
          expect(page!.packets.map(packet => [...packet])).toEqual(packets.map(packet => [...packet]))
        },
      ),
    )
  })

  test('of more segments than fit are refused', () => {
    expect(() =>
      oggPage({ granule: 0n, serial: 1, sequence: 0, packets: [new Uint8Array(255 * 255)] }),
    ).toThrow(RangeError)
  })
})

test.each([
  ['20 ms, one frame', [0x78], 960],
  ['20 ms of wide speech', [0x08], 960],
  ['10 ms, hybrid', [0x60], 480],
  ['2.5 ms', [0x80], 120],
  ['two frames of 20 ms', [0x79], 1_920],
  ['three frames of 20 ms', [0x7b, 0x03], 2_880],
  ['60 ms', [0x18], 2_880],
  ['nothing', [], 0],
])('a packet of %s', (_, bytes, samples) => {
  expect(packetSamples(Uint8Array.from(bytes))).toBe(samples)
})

const packet = (length: number, fill: number): Buffer => {
  const bytes = Buffer.alloc(length, fill)
  bytes[0] = 0x78
  return bytes
}
const lengths = fc.array(fc.integer({ min: 1, max: 1_275 }), { minLength: 1, maxLength: 400 })

describe('a recording', () => {
  test('keeps every packet, in order, in pages of a second, whatever pieces it comes in', async () => {
    await fc.assert(
      fc.asyncProperty(
        lengths,
        fc.integer({ min: 1, max: 5_000 }),
        fc.boolean(),
        async (sizes, piece, open) => {
          const packets = sizes.map((size, index) => packet(size, index % 251))
          const { pages, seconds } = await remuxed(webmOf({ packets, open }), piece)
          const [head, tags, ...sound] = pages
          expect(head!.first && head!.packets[0]!.toString('latin1', 0, 8)).toBe('OpusHead')
          expect(tags!.packets[0]!.toString('latin1', 0, 8)).toBe('OpusTags')
          expect(Buffer.concat(sound.flatMap(page => page.packets)).equals(Buffer.concat(packets))).toBe(true)
          expect(pages.map(page => page.sequence)).toEqual(pages.map((_, index) => index))
          expect(pages.map(page => page.last)).toEqual(pages.map((_, i) => i === pages.length - 1))
          let played = 0n
          for (const page of sound) {
            for (const one of page.packets) played += BigInt(packetSamples(one))
            expect(page.granule).toBe(played)
            expect(page.packets.length).toBeLessThanOrEqual(50)
          }
          expect(seconds).toBeCloseTo(Number(played) / OPUS_RATE)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('made by a browser is as long as it was, the same each time, and known as voice', async () => {
    const one = await remuxed(recording)
    expect(one.seconds).toBeGreaterThan(2.5)
    expect(one.seconds).toBeLessThan(3.5)
    expect((await remuxed(recording, 77)).ogg.equals(one.ogg)).toBe(true)
    expect(await sniff(one.ogg, { declared: '', name: null })).toEqual({
      mime: 'audio/ogg; codecs=opus',
      verdict: 'fine',
    })
    const sizes = one.pages.slice(2).map(page => page.packets.length)
    expect(sizes.every(size => size > 0)).toBe(true)
  })

  test('is cut where its last packet says so', async () => {
    const packets = [packet(9, 1), packet(9, 2)]
    const { pages, seconds } = await remuxed(webmOf({ packets, paddingNanoseconds: 10_000_000 }))
    expect(pages.at(-1)!.granule).toBe(960n + 480n)
    expect(seconds).toBeCloseTo(0.03)
  })

  test('that breaks off plays until there', async () => {
    const packets = Array.from({ length: 100 }, (_, index) => packet(50, index))
    const webm = webmOf({ packets })
    const { pages, seconds } = await remuxed(webm.subarray(0, webm.length - 2_000))
    expect(seconds).toBeGreaterThan(1)
    expect(seconds).toBeLessThan(2)
    expect(pages.at(-1)!.last).toBe(true)
  })

  test('leaves other tracks out', async () => {
    const { pages } = await remuxed(webmOf({ packets: [packet(5, 1)], others: [packet(6, 2)] }))
    expect(pages.slice(2).flatMap(page => page.packets)).toHaveLength(1)
  })
})

test('speech is sound of Opus without a picture', async () => {
  expect(await isSpeech(recording.subarray(0, 2_000))).toBe(true)
  expect(await isSpeech(webmOf({ packets: [] }))).toBe(true)
  expect(await isSpeech(webmOf({ packets: [], codec: 'A_VORBIS' }))).toBe(false)
  expect(await isSpeech(webmOf({ packets: [], video: true }))).toBe(false)
  expect(await isSpeech(Buffer.from('no film at all'))).toBe(false)
})

test.each([
  ['no WebM', Buffer.from('OggS and more of it')],
  ['nothing', Buffer.alloc(0)],
  ['one without Opus', webmOf({ packets: [], codec: 'A_VORBIS' })],
])('%s is refused', async (_, webm) => {
  await expect(remuxed(webm)).rejects.toThrow(NotWebm)
})

test('whatever bytes come, it ends, with a file or with a refusal', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: recording.length - 1 }),
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      async (at, junk) => {
        const damaged = Buffer.from(recording)
        damaged.set(junk.subarray(0, damaged.length - at), at)
        await remuxed(damaged).catch((error: unknown) => {
          if (!(error instanceof NotWebm)) throw error
        })
      },
    ),
    { numRuns: 150 },
  )
})
