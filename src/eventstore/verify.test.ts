import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDirectory } from '../actors/directory.ts'
import type { CommandTools } from '../commands/tools.ts'
import { commandHandler } from '../commands/handle.ts'
import { signRoot } from '../reactions/sign-roots.ts'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { ordinalOf, rewrite } from '../../test/support/altered-log.ts'
import { chainHash } from './codec.ts'
import { decodeHead, encodeHead } from './embedded-head.ts'
import { decodeRecord, recordPrevious } from './embedded-record.ts'
import { lastOrdinal, openTables, readHead, readRecord, type Tables } from './embedded-tables.ts'
import { openEmbeddedStore, type EmbeddedStore } from './embedded.ts'
import type { NewEvent, StoredEvent } from './port.ts'
import { AUDIT_STREAM, readRoots } from './roots.ts'
import { makeSigningKey, signHash } from './signing.ts'
import { verifyLog, type KnownRoot, type Verified } from './verify.ts'

const KEY = makeSigningKey()
const A = 'ticket-company.a'
const B = 'ticket-company.b'

let folder: string
let store: EmbeddedStore
let known: KnownRoot[]

const open = async (): Promise<void> => void (store = await openEmbeddedStore({ folder }))
const verify = (options: { known?: readonly KnownRoot[]; publicKey?: string } = {}): Promise<Verified> =>
  verifyLog(store, { publicKey: KEY.publicKey, ...options })

/** Appends a chained fact, as actors do. */
const say = async (stream: string, text: string): Promise<void> => {
  let last: StoredEvent | null = null
  for await (const event of store.readStream(stream, { direction: 'backwards', limit: 1 })) last = event
  const event: NewEvent = {
    id: randomUUID(),
    type: 'test.said',
    data: { text },
    metadata: { prev: last ? chainHash(last) : '' },
  }
  await store.append(stream, last ? last.revision : 'none', [event])
}

const sign = async (key = KEY): Promise<number | null> => {
  const directory = createDirectory({
    store,
    keys: { ensure: () => Promise.reject(new Error('nobody')), get: () => Promise.resolve(null) },
    clock: systemClock,
    log: silentLog,
    stop: new AbortController().signal,
    writer: '',
  })
  const door = commandHandler({ directory, clock: systemClock, log: silentLog } as unknown as CommandTools)
  return signRoot({ door, directory, store, signingKey: () => Promise.resolve(key) })
}

/** What somebody with the file and the source code can do: change records, checksums and heads included. */
const attack = async (change: (tables: Tables) => void): Promise<void> => {
  await store.close()
  const tables = openTables(folder)
  change(tables)
  await tables.root.flushed
  await tables.root.close()
  await open()
}
const alter = (tables: Tables, stream: string, revision: number, text: string): void =>
  rewrite(tables, ordinalOf(tables, stream, revision), () => ({ data: { text } }))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-verify-'))
  await open()
  for (const text of ['one', 'two', 'three']) await say(A, text)
  for (const text of ['uno', 'due']) await say(B, text)
  expect(await sign()).toBe(1)
  await say(A, 'four')
  await say(A, 'five')
  expect(await sign()).toBe(2)
  known = (await readRoots(store)).map(({ ordinal, place, hash }) => ({ ordinal, place, hash }))
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

test('a log that nobody touched is what was written, before and after a restart and in a backup', async () => {
  const whole = { ok: true, streams: 3, roots: 2, findings: [], root: { ordinal: 2 } }
  expect(await verify({ known })).toMatchObject(whole)
  await attack(() => undefined)
  expect(await verify({ known })).toMatchObject(whole)
  const copy = join(folder, 'copy')
  await store.backup(copy)
  const restored = await openEmbeddedStore({ folder: copy })
  expect(await verifyLog(restored, { publicKey: KEY.publicKey, known })).toMatchObject(whole)
  await restored.close()
})

test('nothing new, no root; another root after the next fact', async () => {
  expect(await sign()).toBeNull()
  await say(B, 'tre')
  expect(await sign()).toBe(3)
  const roots = await readRoots(store)
  // Only what was touched is read and listed: B, and the record itself.
  expect(roots[2]!.heads.map(([stream]) => stream)).toEqual([AUDIT_STREAM, B])
})

describe('what was done to the log is named', () => {
  const first = async (options = {}) => (await verify(options)).findings[0]

  test('a byte of the data of a fact that another follows', async () => {
    await attack(tables => alter(tables, A, 1, 'twO'))
    expect(await first()).toMatchObject({ what: 'altered', stream: A, revision: 1 })
  })

  test('a byte of the metadata', async () => {
    await attack(tables =>
      rewrite(tables, ordinalOf(tables, A, 2), ({ metadata }) => ({
        metadata: { ...metadata, actor: 'eve' },
      })),
    )
    expect(await first()).toMatchObject({ what: 'altered', stream: A, revision: 2 })
  })

  test('a byte of the last fact of a stream', async () => {
    await attack(tables => alter(tables, B, 1, 'duE'))
    const found = await first()
    expect(found).toMatchObject({ stream: B })
    expect(found!.revision).toBeLessThanOrEqual(1)
  })

  test("two facts of a stream in each other's place", async () => {
    await attack(tables => {
      alter(tables, A, 1, 'three')
      alter(tables, A, 2, 'two')
    })
    expect(await first()).toMatchObject({ what: 'altered', stream: A, revision: 1 })
  })

  test('the end of a stream cut off', async () => {
    await attack(tables => {
      // Its last fact becomes one of another stream, which nobody signed either.
      const other = { stream: 'ticket-company.c', revision: 0, metadata: { prev: '' } }
      const [first, last] = [ordinalOf(tables, B, 0), ordinalOf(tables, B, 1)]
      rewrite(tables, last, () => other)
      void tables.heads.put(B, encodeHead({ revision: 0, way: [first] }))
      void tables.heads.put(other.stream, encodeHead({ revision: 0, way: [last] }))
    })
    const { findings } = await verify()
    expect(findings).toContainEqual(expect.objectContaining({ what: 'missing', stream: B, revision: 1 }))
    expect(findings).toContainEqual(expect.objectContaining({ stream: 'ticket-company.c' }))
  })

  test('the end of the log cut off, roots and all, if a root was kept elsewhere', async () => {
    await attack(tables => {
      const head = readHead(tables, AUDIT_STREAM)!
      const last = lastOrdinal(tables)
      const before = recordPrevious(readRecord(tables, last))
      void tables.log.remove(last)
      const way = [before, ...decodeHead(encodeHead(head)).way.slice(2)]
      void tables.heads.put(AUDIT_STREAM, encodeHead({ revision: head.revision - 1, way } as typeof head))
    })
    expect(await verify()).toMatchObject({ ok: true, roots: 1 })
    expect(await first({ known })).toMatchObject({
      what: 'root-missing',
      detail: expect.stringContaining('root 2'),
    })
  })

  test('a stream written anew with hashes that fit', async () => {
    await attack(tables => {
      let prev = ''
      for (let revision = 0; revision < 5; revision++)
        rewrite(tables, ordinalOf(tables, A, revision), event => {
          const forged = { ...event, data: { text: `forged ${revision}` }, metadata: { prev } }
          prev = chainHash(forged)
          return forged
        })
    })
    expect(await first()).toMatchObject({ what: 'rewritten', stream: A, revision: 0 })
  })

  test('only the part of a stream that the last root covers', async () => {
    await attack(tables => {
      let prev = chainHash(decodeRecord('00000000', 1, readRecord(tables, ordinalOf(tables, A, 2))))
      for (const revision of [3, 4])
        rewrite(tables, ordinalOf(tables, A, revision), event => {
          const forged = { ...event, data: { text: `forged ${revision}` }, metadata: { prev } }
          prev = chainHash(forged)
          return forged
        })
    })
    expect(await first()).toMatchObject({ what: 'rewritten', stream: A, revision: 3 })
  })

  test('a root that was changed, and one that somebody else signed', async () => {
    const forge = (key: typeof KEY) => (tables: Tables) =>
      rewrite(tables, lastOrdinal(tables), ({ data }) => {
        const hash = 'forged'
        return { data: { ...data, hash, signature: signHash(key, hash), publicKey: key.publicKey } }
      })
    await attack(forge(makeSigningKey()))
    const { findings } = await verify()
    expect(findings.map(({ what }) => what)).toEqual(expect.arrayContaining(['root-forged', 'unsigned']))
    expect(findings[0]).toMatchObject({ stream: AUDIT_STREAM, detail: expect.stringContaining('root 2') })
    // Even with the installation's own key it is not the hash of what it lists, nor the one that was kept elsewhere.
    await attack(forge(KEY))
    expect((await verify({ known })).findings.map(({ what }) => what)).toEqual(['root-forged', 'root-forged'])
  })

  test('a log that was signed with another key', async () => {
    expect(await first({ publicKey: makeSigningKey().publicKey })).toMatchObject({ what: 'unsigned' })
  })
})
