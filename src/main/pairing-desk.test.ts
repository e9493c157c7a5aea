import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pairingCodeJob } from '../reactions/session-jobs.ts'
import { openEmbeddedVault } from '../vault/embedded.ts'
import type { Vault } from '../vault/port.ts'
import { pairingDesk } from './pairing-desk.ts'

const PHONE = '5511987654321'
let folder: string
let vault: Vault
let desk: ReturnType<typeof pairingDesk>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-pairing-desk-'))
  vault = await openEmbeddedVault({ folder, masterKey: randomBytes(32) })
  desk = pairingDesk(vault, randomBytes(32))
})
afterEach(async () => {
  await vault.close()
  await rm(folder, { recursive: true, force: true })
})

test('no queue learns the number for which a code is asked', async () => {
  const job = pairingCodeJob(await desk.leave('s', PHONE))
  expect(JSON.stringify(job)).not.toContain(PHONE)
  expect(await desk.take('s', String(job.data['request']))).toBe(PHONE)
})

test('the same asked twice is one request, which is taken once', async () => {
  const request = await desk.leave('s', PHONE)
  expect(await desk.leave('s', PHONE)).toBe(request)
  expect(await desk.take('s', request)).toBe(PHONE)
  expect(await desk.take('s', request)).toBeNull()
})

test('who asks for another number has the first forgotten', async () => {
  const first = await desk.leave('s', PHONE)
  const second = await desk.leave('s', '5511900000000')
  expect(await desk.take('s', first)).toBeNull()
  expect(await desk.take('s', second)).toBe('5511900000000')
})
