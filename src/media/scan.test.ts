import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EICAR, startClamd } from '../../test/doubles/clamd.ts'
import { newId } from '../shared/ids.ts'
import { silentLog } from '../shared/log.ts'
import { ScanUnavailable } from './clamd.ts'
import { inChunks, whole } from './contract.ts'
import { openFolderMedia } from './folder.ts'
import { MalwareFound, type MediaStore } from './port.ts'
import { createScanMedia } from './scan.ts'
import { createTakeIn } from './take-in.ts'

const company = newId<string>()
const timeouts = { connectMs: 20_000, pieceMs: 20_000, verdictMs: 20_000 }
const file = { declared: '', name: 'a.txt', limit: 50_000_000, strict: true }
let clamd: Awaited<ReturnType<typeof startClamd>>
let folder: string
let media: MediaStore
beforeEach(async () => {
  clamd = await startClamd()
  folder = await mkdtemp(join(tmpdir(), 'fio-scan-'))
  media = await openFolderMedia({ folder })
})
afterEach(async () => {
  await clamd.close()
  await rm(folder, { recursive: true, force: true })
})

const taking = (failOpen = false, change: Partial<typeof timeouts> = {}) => {
  const scan = createScanMedia({
    address: clamd.address,
    failOpen,
    log: silentLog,
    timeouts: { ...timeouts, ...change },
  })
  const takeIn = createTakeIn({ media, scan })
  return (bytes: Buffer) => takeIn(company, inChunks(bytes), file)
}

test.each([0, 1, 70_000, 3_000_001])(
  'a clean file of %i bytes is scanned whole, and kept as it is',
  async size => {
    const bytes = Buffer.alloc(size, 'a')
    const { key } = await taking()(bytes)
    expect((await whole((await media.get(key))!.bytes)).equals(bytes)).toBe(true)
    expect(clamd.sizes).toEqual([size])
    await vi.waitUntil(() => clamd.lines() === 0, { timeout: 10_000 })
  },
)

test('malware is refused by its name, and nothing of it is kept', async () => {
  const bytes = Buffer.concat([Buffer.alloc(200_000, 'a'), Buffer.from(EICAR), Buffer.alloc(200_000, 'b')])
  const put = vi.spyOn(media, 'put')
  const refused = await taking()(bytes).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(MalwareFound)
  expect((refused as MalwareFound).found).toBe('Eicar-Test-Signature')
  await expect(put.mock.results[0]?.value).rejects.toThrow(MalwareFound)
})

const troubles = [
  ['silent', 'took more than'],
  ['hangs-up', 'the malware scanner'],
  ['over-its-limit', 'the malware scanner'],
] as const
test.each(troubles)(
  'a scanner that is %s: no file is taken, or each unseen, as it is set',
  async (how, why) => {
    clamd.behave(how)
    const bytes = Buffer.concat([Buffer.from('text '), randomBytes(600_000).toString('hex')].map(Buffer.from))
    await expect(taking(false, { verdictMs: 50 })(bytes)).rejects.toThrow(ScanUnavailable)
    await expect(taking(false, { verdictMs: 50 })(bytes)).rejects.toThrow(why)
    const { key } = await taking(true, { verdictMs: 50 })(bytes)
    expect((await media.head(key))?.size).toBe(bytes.length)
  },
)

test('a scanner that is not there', async () => {
  await clamd.close()
  await expect(taking()(Buffer.from('hello'))).rejects.toThrow(ScanUnavailable)
  expect((await taking(true)(Buffer.from('hello'))).size).toBe(5)
  clamd = await startClamd()
})

test('a file that breaks off lets the scanner go', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('hello')
    throw new Error('cut')
  }
  const scan = createScanMedia({ address: clamd.address, failOpen: false, log: silentLog, timeouts })
  await expect(whole(scan(broken()))).rejects.toThrow('cut')
  await vi.waitUntil(() => clamd.lines() === 0, { timeout: 10_000 })
})
