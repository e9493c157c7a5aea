import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataKeys, tenantKey } from './data-keys.ts'
import { openEmbeddedVault } from './embedded.ts'
import { ErasedSubject } from '../shared/erased.ts'
import type { Vault } from './port.ts'

let folder: string
let vault: Vault
let reads = 0
let now = 0
const clock = { monotonic: () => now, now: () => now }
const keys = (cacheMax = 10) =>
  dataKeys(
    { ...vault, get: (space, key) => (reads++, vault.get(space, key)) },
    { cacheMax, clock, cacheMs: 1_000 },
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-keys-'))
  vault = await openEmbeddedVault({ folder, masterKey: randomBytes(32) })
})
afterAll(async () => {
  await vault.close()
  await rm(folder, { recursive: true })
})

test('a key is made once, durably, whoever asks at the same time', async () => {
  const [one, other] = [keys(), keys()]
  const made = await Promise.all([one, other, one, other].map(k => k.ensure('c', 'ana')))
  expect(new Set(made.map(key => key.toString('hex'))).size).toBe(1)
  expect(made[0]).toHaveLength(32)
  expect(await vault.get('data-keys', 'c/ana')).toBe(made[0]?.toString('base64'))
})

test('a key is not made by asking for it, and belongs to its company', async () => {
  expect(await keys().get('c', 'nobody')).toBeNull()
  await keys().ensure('c', 'bia')
  expect(await keys().get('d', 'bia')).toBeNull()
})

test('a known key costs no read, until it was pushed out or is too old', async () => {
  const few = keys(2)
  await few.ensure('c', '1')
  await few.ensure('c', '2')
  reads = 0
  await few.get('c', '1')
  await few.get('c', '2')
  expect(reads).toBe(0)
  await few.get('c', '1')
  await few.ensure('c', '3')
  reads = 0
  await few.get('c', '1')
  expect(reads).toBe(0)
  await few.get('c', '2')
  expect(reads).toBe(1)
  now += 1_001
  await few.get('c', '2')
  expect(reads).toBe(2)
})

test('a destroyed key is gone, also for those who were asking', async () => {
  const all = keys()
  await all.ensure('c', 'gone')
  const asking = keys()
  const [, ,] = await Promise.all([
    asking.get('c', 'gone'),
    asking.destroy('c', 'gone'),
    asking.get('c', 'gone'),
  ])
  expect(await asking.get('c', 'gone')).toBeNull()
  expect(await vault.keys('data-keys', 'c/gone')).toEqual([])
  // Nor is there ever another, whoever asks: not even for those who ask while it is destroyed.
  await expect(asking.ensure('c', 'gone')).rejects.toThrow(ErasedSubject)
  await expect(keys().ensure('c', 'gone')).rejects.toThrow(ErasedSubject)
  expect(await vault.keys('data-keys', 'c/gone')).toEqual([])
  expect(await all.erased()).toEqual([{ companyId: 'c', subject: 'gone' }])
})

test('a key that another process destroys is not answered from memory once that is known', async () => {
  const here = keys()
  await here.ensure('c', 'away')
  await keys().destroy('c', 'away')
  expect(await here.get('c', 'away')).not.toBeNull()
  here.uncache('c', 'away')
  expect(await here.get('c', 'away')).toBeNull()
  await expect(here.ensure('c', 'away')).rejects.toThrow(ErasedSubject)
})

test('asked and destroyed at once: no key is left behind', async () => {
  for (let round = 0; round < 20; round++) {
    const id = `round-${round}`
    await Promise.allSettled([
      keys().ensure('c', id),
      keys().destroy('c', id),
      keys().ensure('c', id),
      keys().ensure('c', id),
    ])
    expect(await vault.keys('data-keys', `c/${id}`)).toEqual([])
  }
})

test('a company has one secret', async () => {
  const [a, b] = await Promise.all([tenantKey(vault, 'c'), tenantKey(vault, 'c')])
  expect(a).toHaveLength(32)
  expect(a.equals(b)).toBe(true)
  expect((await tenantKey(vault, 'd')).equals(a)).toBe(false)
})
