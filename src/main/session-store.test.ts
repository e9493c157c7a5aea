import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedVault } from '../vault/embedded.ts'
import type { Vault } from '../vault/port.ts'
import { dropSessionStore, openSessionStore } from './session-store.ts'

let folder: string
let vault: Vault
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-session-store-'))
  vault = await openEmbeddedVault({ folder, masterKey: randomBytes(32) })
})
afterEach(async () => {
  await vault.close()
  await rm(folder, { recursive: true })
})

test('a drawer is its session’s own', async () => {
  const one = await openSessionStore(vault, 'c', 'one', 1)
  const other = await openSessionStore(vault, 'c', 'other', 1)
  await one.commit(
    new Map([
      ['a/1', 'x'],
      ['a/2', 'y'],
      ['b', 'z'],
    ]),
  )
  expect(await one.keys('a/')).toEqual(['a/1', 'a/2'])
  expect(Object.fromEntries(await one.get(['a/1', 'b', 'none']))).toEqual({ 'a/1': 'x', b: 'z' })
  expect(await other.keys('')).toEqual([])
  await one.commit(new Map([['a/1', null]]))
  expect(await one.keys('')).toEqual(['a/2', 'b'])
})

test('a later owner shuts the former out, who can neither write nor come back', async () => {
  const former = await openSessionStore(vault, 'c', 's', 3)
  await former.commit(new Map([['k', 'of 3']]))
  const later = await openSessionStore(vault, 'c', 's', 8)
  await expect(former.commit(new Map([['k', 'late']]))).rejects.toThrow('another owner')
  await expect(openSessionStore(vault, 'c', 's', 3)).rejects.toThrow('another owner')
  expect((await later.get(['k'])).get('k')).toBe('of 3')
  await later.commit(new Map([['k', 'of 8']]))
  // The same owner may open it again: its connection is made anew.
  await (await openSessionStore(vault, 'c', 's', 8)).commit(new Map([['k', 'of 8 again']]))
  expect((await later.get(['k'])).get('k')).toBe('of 8 again')
})

test('a dropped drawer is empty, and shut', async () => {
  const store = await openSessionStore(vault, 'c', 's', 1)
  const neighbour = await openSessionStore(vault, 'c', 's2', 1)
  await store.commit(new Map([['k', 'v']]))
  await neighbour.commit(new Map([['k', 'v']]))
  await dropSessionStore(vault, 'c', 's')
  expect(await store.keys('')).toEqual([])
  expect(await neighbour.keys('')).toEqual(['k'])
  await expect(store.commit(new Map([['k', 'v']]))).rejects.toThrow('another owner')
})
