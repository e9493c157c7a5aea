import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { APPENDS_WAITING_MAX, BYTES_WAITING_MAX } from './append-check.ts'
import { collect, eventStoreContract, numbered } from './contract.ts'
import { openEmbeddedStore, type EmbeddedStore } from './embedded.ts'
import { APPEND_BYTES_MAX, FACT_BYTES_MAX, StoreUnavailable } from './port.ts'

eventStoreContract('the embedded store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-store-'))
  let store = await openEmbeddedStore({ folder })
  return {
    store,
    reopen: async () => {
      await store.close()
      return (store = await openEmbeddedStore({ folder }))
    },
    dispose: async () => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})

test('others have their turn while a long stream is read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-store-'))
  const store = await openEmbeddedStore({ folder })
  const events = 2_000
  await store.append(
    'ticket-1',
    'none',
    Array.from({ length: events }, (_, n) => numbered(n)),
  )
  for (const direction of ['forwards', 'backwards'] as const) {
    let turns = 0
    let reading = true
    const others = (): void => void (reading && (turns++, setImmediate(others)))
    setImmediate(others)
    expect(await collect(store.readStream('ticket-1', { direction }))).toHaveLength(events)
    reading = false
    expect(turns).toBeGreaterThan(5)
  }
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

describe('more than can be written at the time', () => {
  let folder: string
  let store: EmbeddedStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fio-store-'))
    store = await openEmbeddedStore({ folder })
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** All asked for within one turn: how many were taken. Who was refused was told that it may be asked again. */
  const taken = async (appends: readonly Promise<unknown>[]): Promise<number> => {
    const answers = await Promise.allSettled(appends)
    const refused = answers.filter(answer => answer.status === 'rejected')
    for (const { reason } of refused) expect(reason).toBeInstanceOf(StoreUnavailable)
    return answers.length - refused.length
  }

  test('waits up to a number of appends; the rest is refused and nothing of it written', async () => {
    const asked = Array.from({ length: APPENDS_WAITING_MAX + 10 }, (_, n) => n)
    expect(await taken(asked.map(n => store.append('ticket-1', 'any', [numbered(n)])))).toBe(
      APPENDS_WAITING_MAX,
    )
    expect(await collect(store.readStream('ticket-1', { from: APPENDS_WAITING_MAX - 1 }))).toHaveLength(1)
    await store.append('ticket-1', APPENDS_WAITING_MAX - 1, [numbered(0)])
  })

  test('waits up to a number of bytes, however few the appends', async () => {
    const max = BYTES_WAITING_MAX / APPEND_BYTES_MAX
    const body = 'x'.repeat(FACT_BYTES_MAX - 200)
    const large = () => Array.from({ length: 4 }, (_, n) => ({ ...numbered(n), data: { n, body } }))
    for (let round = 0; round < 2; round++) {
      expect(
        await taken(Array.from({ length: max + 5 }, () => store.append('ticket-1', 'any', large()))),
      ).toBe(max)
    }
  })
})
