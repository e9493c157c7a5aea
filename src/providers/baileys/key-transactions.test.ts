import { expect, test } from 'vitest'
import { memoryDrawer } from '../../../test/support/baileys.ts'
import { openAuthState } from './auth-state.ts'
import { cachedDrawer } from './cached-drawer.ts'
import { keyTransactions } from './key-transactions.ts'

const opened = async () => {
  const drawer = memoryDrawer()
  const commits: string[][] = []
  const lost: unknown[] = []
  let held: Promise<void> = Promise.resolve()
  const store = {
    ...drawer.store,
    commit: async (changes: ReadonlyMap<string, string | null>) => {
      commits.push([...changes.keys()])
      await held
      await drawer.store.commit(changes)
    },
  }
  const auth = await openAuthState(cachedDrawer(store), error => lost.push(error))
  const made = keyTransactions(auth.keys, auth.creds)
  const hold = (): (() => void) => {
    let release = (): void => {}
    held = new Promise(resolve => (release = resolve))
    return release
  }
  const deviceList = async (user: string) => (await made.inside.get('device-list', [user]))[user]
  return { ...made, ...drawer, auth, commits, lost, hold, deviceList }
}
const list = (user: string, devices: string[] | null) => ({ 'device-list': { [user]: devices } })

test('what one transaction changes is one commit, which it sees before and nobody when it throws', async () => {
  const { transaction, inside, outside, commits, values, deviceList } = await opened()
  await transaction(async () => {
    await inside.set(list('a', ['1']))
    await inside.set({ 'identity-key': { a: new Uint8Array([1]) } })
    expect(await deviceList('a')).toEqual(['1'])
    expect((await outside.get('device-list', ['a']))['a']).toBeUndefined()
    await inside.set(list('b', null))
  })
  expect(commits).toEqual([['key/device-list/a', 'key/device-list/b', 'key/identity-key/a']])
  const broken = transaction(async () => {
    await inside.set(list('a', ['2']))
    throw new Error('cannot be opened')
  })
  await expect(broken).rejects.toThrow('cannot be opened')
  expect(await deviceList('a')).toEqual(['1'])
  expect(JSON.parse(values.get('key/device-list/a') ?? '')).toEqual(['1'])
  await expect(inside.set(list('a', ['3']))).rejects.toThrow('outside of a transaction')
})

test('the next goes on from what is not written yet, and is told only when all of it is', async () => {
  const { transaction, inside, hold, deviceList, commits } = await opened()
  const release = hold()
  const told: number[] = []
  const append = (n: number) =>
    transaction(async () => {
      await inside.set(list('a', [...((await deviceList('a')) ?? []), String(n)]))
    }).then(() => told.push(n))
  const all = [1, 2, 3].map(append)
  await new Promise(resolve => setImmediate(resolve))
  expect(await deviceList('a')).toEqual(['1', '2', '3'])
  expect(told).toEqual([])
  release()
  await Promise.all(all)
  expect(told).toEqual([1, 2, 3])
  expect(commits).toHaveLength(2)
})

test('what cannot be written fails whoever built upon it, and is forgotten', async () => {
  const { transaction, change, inside, failNext, hold, lost, deviceList } = await opened()
  failNext(1)
  const release = hold()
  const failing = transaction(async () =>
    change({ ...list('a', ['1']), drawer: { 'in/1': 'came' } } as object),
  )
  let go = (): void => {}
  const gone = new Promise<void>(resolve => (go = resolve))
  const building = transaction(async () => {
    const before = (await deviceList('a')) ?? []
    await gone
    await inside.set(list('a', [...before, '2']))
  })
  const outcomes = Promise.allSettled([failing, building])
  release()
  await expect(failing).rejects.toThrow('the vault is away')
  go()
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(lost.length).toBeGreaterThan(0)
  expect(await deviceList('a')).toBeUndefined()
})

test('two who make one-time keys at once make different ones, whatever each knew before', async () => {
  const { outside, auth } = await opened()
  const pair = { public: new Uint8Array([1]), private: new Uint8Array([2]) }
  const made = async (): Promise<number> => {
    const id = auth.creds.nextPreKeyId
    await outside.set({ 'pre-key': { [id]: pair } })
    return id
  }
  expect(await Promise.all([made(), made(), made()])).toEqual([1, 2, 3])
  expect([auth.creds.nextPreKeyId, auth.creds.firstUnuploadedPreKeyId]).toEqual([4, 4])
})
