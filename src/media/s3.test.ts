import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startS3Server, type S3Server } from '../../test/doubles/s3/server.ts'
import { until } from '../../test/support/until.ts'
import { newId } from '../shared/ids.ts'
import { silentLog } from '../shared/log.ts'
import { inChunks, mediaContract, whole } from './contract.ts'
import type { MediaStore } from './port.ts'
import { openS3Media, PART_BYTES } from './s3.ts'
import type { S3Timeouts } from './s3-client.ts'

const MIB = 1024 * 1024
const company = newId<string>()
const film = { mime: 'video/mp4', limit: 100 * MIB }

let s3: S3Server
beforeEach(async () => {
  s3 = await startS3Server()
})
afterEach(() => s3.close())

const open = (about: Partial<S3Server['address']> = {}, timeouts?: S3Timeouts): Promise<MediaStore> =>
  openS3Media({ address: { ...s3.address, ...about }, log: silentLog, ...(timeouts ? { timeouts } : {}) })
const kept = (): number => s3.objects.size + s3.uploads.size

for (const prefix of ['', 'desk/media/'])
  mediaContract(`in a bucket${prefix && ' under a prefix'}`, async () => ({
    media: await open({ prefix }),
    count: () => Promise.resolve(kept()),
    close: () => {
      expect([...s3.objects.keys()].every(key => key.startsWith(prefix))).toBe(true)
      return Promise.resolve()
    },
  }))

describe('of a file', () => {
  test('no more is held than a part and what came last', async () => {
    const media = await open()
    const chunk = 256 * 1024
    let given = 0
    let held = 0
    async function* long(): AsyncGenerator<Buffer> {
      for (; given < 14 * MIB; given += chunk) {
        yield randomBytes(chunk)
        held = Math.max(held, given + chunk - s3.partBytes())
      }
    }
    const { size } = await media.put(company, long(), film)
    expect(size).toBe(14 * MIB)
    expect(held).toBeGreaterThan(0)
    expect(held).toBeLessThanOrEqual(PART_BYTES + chunk)
  })

  test.each([
    [PART_BYTES, ['HeadObject', 'PutObject']],
    [
      PART_BYTES + 1,
      [
        'CreateMultipartUpload',
        'UploadPart',
        'HeadObject',
        'UploadPart',
        'CompleteMultipartUpload',
        'CopyObject',
        'DeleteObject',
      ],
    ],
  ] as const)('%i bytes take as many requests as needed', async (size, requests) => {
    const media = await open()
    s3.asked.length = 0
    const { key } = await media.put(company, inChunks(randomBytes(size)), film)
    expect(s3.asked).toEqual(requests)
    expect(await media.head(key)).toMatchObject({ size, mime: 'video/mp4' })
  })

  test('what is put again under another type stays what it was', async () => {
    const media = await open()
    const bytes = randomBytes(PART_BYTES + 10)
    const { key } = await media.put(company, inChunks(bytes), film)
    await media.put(company, inChunks(bytes), { ...film, mime: 'audio/mp4' })
    expect((await media.head(key))?.mime).toBe('video/mp4')
    expect(kept()).toBe(1)
  })
})

describe('when the service is in trouble', () => {
  test('a connection lost in the middle of an upload, again and again, leaves nothing', async () => {
    const media = await open()
    s3.fault({ kind: 'cut' }, 'UploadPart', { after: 1, times: 9 })
    await expect(media.put(company, inChunks(randomBytes(12 * MIB)), film)).rejects.toThrow(
      'UploadPart lost its connection',
    )
    expect(s3.asked.filter(one => one === 'UploadPart')).toHaveLength(4)
    expect(kept()).toBe(0)
  })

  test.each(['CompleteMultipartUpload', 'CopyObject'] as const)('%s that fails leaves nothing', async on => {
    const media = await open()
    s3.fault({ kind: 'error', status: 500, code: 'InternalError', in200: true }, on, { times: 9 })
    await expect(media.put(company, inChunks(randomBytes(6 * MIB)), film)).rejects.toThrow('InternalError')
    expect(kept()).toBe(0)
  })

  test('an upload whose end was not answered leaves nothing', async () => {
    const media = await open()
    s3.fault({ kind: 'lost-answer' }, 'CompleteMultipartUpload')
    await expect(media.put(company, inChunks(randomBytes(6 * MIB)), film)).rejects.toThrow(
      'lost its connection',
    )
    expect(kept()).toBe(0)
  })

  test('what may be repeated is repeated, and what makes something is not', async () => {
    const media = await open()
    s3.fault({ kind: 'error', status: 503, code: 'SlowDown' }, 'PutObject')
    s3.fault({ kind: 'lost-answer' }, 'PutObject')
    const bytes = randomBytes(1_000)
    const { key } = await media.put(company, inChunks(bytes), film)
    s3.fault({ kind: 'cut' }, 'GetObject')
    expect((await whole((await media.get(key))!.bytes)).equals(bytes)).toBe(true)
    s3.fault({ kind: 'error', status: 503, code: 'SlowDown' }, 'CreateMultipartUpload')
    await expect(media.put(company, inChunks(randomBytes(6 * MIB)), film)).rejects.toThrow('SlowDown')
    expect(kept()).toBe(1)
  })

  test.each(['cut', 'silence'] as const)(
    'a file whose rest does not come (%s) is not taken for whole',
    async rest => {
      const media = await open({}, { answerMs: 500, transferMs: 20_000 })
      const { key } = await media.put(company, inChunks(randomBytes(100_000)), film)
      s3.fault({ kind: 'half', rest }, 'GetObject')
      await expect(whole((await media.get(key))!.bytes)).rejects.toThrow(
        rest === 'cut' ? 'GetObject lost its connection' : 'GetObject had no answer within 0.5 s',
      )
    },
  )

  test('a service that says nothing is given up', async () => {
    const media = await open({}, { answerMs: 300, transferMs: 400 })
    s3.fault({ kind: 'silence' }, 'HeadObject')
    await expect(media.head(`${company}/${'a'.repeat(64)}`)).rejects.toThrow('no answer within 0.3 s')
    s3.fault({ kind: 'silence' }, 'PutObject')
    await expect(media.put(company, inChunks(randomBytes(10)), film)).rejects.toThrow(
      'no answer within 0.4 s',
    )
    s3.fault({ kind: 'silence' }, 'ListObjectsV2')
    await expect(media.check()).rejects.toThrow('no answer within')
    await media.check()
  })

  test('who stops reading lets the connection go', async () => {
    const media = await open()
    const { key } = await media.put(company, inChunks(randomBytes(MIB)), film)
    s3.fault({ kind: 'half', rest: 'silence' }, 'GetObject')
    for await (const chunk of (await media.get(key))!.bytes) {
      expect(chunk.byteLength).toBeLessThan(MIB)
      break
    }
    await until('the connection to end', () => s3.connections() === 0)
  })
})

describe('at the start', () => {
  test.each([
    [{ secretAccessKey: 'wrong-one' }, 'the secret in MEDIA_URL is wrong'],
    [{ accessKeyId: 'stranger' }, 'the key in MEDIA_URL is unknown there'],
    [{ bucket: 'nowhere' }, 'there is no bucket of the name in MEDIA_URL'],
    [{ region: 'eu-north-1' }, 'the region in MEDIA_URL is wrong'],
  ])('%o is told in plain words, without the secret', async (about, words) => {
    const error: unknown = await open(about).catch((error: unknown) => error)
    expect(String(error)).toContain(words)
    expect(JSON.stringify([String(error), error])).not.toMatch(/wrong-one|with\+marks/)
  })

  test('nobody there is told', async () => {
    const gone = await startS3Server()
    await gone.close()
    await expect(open({ endpoint: gone.address.endpoint })).rejects.toThrow(
      'lost its connection: ECONNREFUSED',
    )
  })

  test('what the dead left is cleared after a day, and nothing else', async () => {
    const old = Date.now() - 25 * 3_600_000
    const name = (letter: string) => `incoming/${letter.repeat(32)}`
    const object = { bytes: Buffer.of(1), type: 'a/b' }
    s3.objects.set(name('a'), { ...object, at: old })
    s3.objects.set(name('b'), { ...object, at: Date.now() })
    s3.objects.set('incoming/of-somebody-else', { ...object, at: old })
    s3.uploads.set('1', { key: name('c'), type: 'a/b', at: old, parts: new Map() })
    s3.uploads.set('2', { key: name('d'), type: 'a/b', at: Date.now(), parts: new Map() })
    await open()
    expect([...s3.objects.keys()]).toEqual([name('b'), 'incoming/of-somebody-else'])
    expect([...s3.uploads.keys()]).toEqual(['2'])
  })
})
