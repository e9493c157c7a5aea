import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createCodec, UndecodableEvent } from '../eventstore/codec.ts'
import type { NewEvent, StoredEvent } from '../eventstore/port.ts'
import { allEvents } from './all.ts'
import { personalFact, revised, writtenVersion, type FactDefinition, type Vocabulary } from './define.ts'
import { readJson, GOLDEN } from '../../test/support/golden.ts'

/** Three releases of one fact: the second reads what the third writes, and still writes what the first reads. */
const first = personalFact({ to: z.string() }, { words: z.string() })
const second: FactDefinition = {
  ...revised(personalFact({ to: z.string(), loud: z.boolean() }, { words: z.array(z.string()) }), 2, {
    1: data => ({ ...data, loud: false }),
  }),
  personalUpcasts: { 1: ({ words }) => ({ words: String(words).split(' ') }) },
  writes: {
    version: 1,
    as: ({ to, personal }) => ({
      to,
      personal: { words: (personal as { words: string[] }).words.join(' ') },
    }),
  },
}
const { writes: _, ...third } = second
const release = (definition: FactDefinition) => createCodec({ 'test.said': definition } as Vocabulary)
const releases = { first: release(first), second: release(second), third: release(third as FactDefinition) }

const KEY = randomBytes(32)
const keys = { get: () => Promise.resolve(KEY) }
const id = '11111111-1111-4111-8111-111111111111'
const meta = {
  companyId: id,
  actor: { kind: 'system' as const, id: 'test' },
  at: '2026-03-02T12:00:00.000Z',
  commandId: id,
  correlationId: 'test',
  subject: id,
  prev: '',
}
const old = { to: 'all', personal: { words: 'hello there' } }
const fresh = { to: 'all', loud: true, personal: { words: ['hello', 'there'] } }
const write = (by: keyof typeof releases, data: object): StoredEvent => {
  const event: NewEvent = releases[by].encode({ type: 'test.said', data }, id, meta, KEY)
  // Parsed anew, as another process reads it.
  return { ...(JSON.parse(JSON.stringify(event)) as StoredEvent), stream: 'test', revision: 0 }
}

describe('a fact gets a second version', () => {
  test('the release in between writes what the one before it reads', async () => {
    const event = write('second', fresh)
    expect(event.metadata['schema']).toBe(1)
    expect((await releases.first.decode(event, keys)).data).toEqual(old)
    expect((await releases.second.decode(event, keys)).data).toEqual({ ...fresh, loud: false })
  })

  test('and reads what the one after it writes', async () => {
    const event = write('third', fresh)
    expect(event.metadata['schema']).toBe(2)
    expect((await releases.second.decode(event, keys)).data).toEqual(fresh)
  })

  test('what the first wrote is brought up to date, open and sealed part alike', async () => {
    const event = write('first', old)
    for (const by of ['second', 'third'] as const)
      expect((await releases[by].decode(event, keys)).data).toEqual({ ...fresh, loud: false })
    const erased = await releases.third.decode(event, { get: () => Promise.resolve(null) })
    expect(erased.data).toEqual({ to: 'all', loud: false, personal: null })
  })

  test('what makes no sense of what was stored says so of that event, in the open part and in the sealed one', async () => {
    const broken = (what: Partial<FactDefinition>) => release({ ...(third as FactDefinition), ...what })
    const missing = () => {
      throw new TypeError("Cannot read properties of undefined (reading 'connectedAt')")
    }
    const event = write('first', old)
    for (const reader of [
      broken({ upcasts: { 1: missing } }),
      broken({ personalUpcasts: { 1: missing } }),
      broken({ personal: z.object({ words: z.enum(['closed', 'timeout']) }) }),
    ]) {
      await expect(reader.decode(event, keys)).rejects.toThrow(UndecodableEvent)
      await expect(reader.decode(event, keys)).rejects.toMatchObject({ newer: false })
    }
  })

  test('a release that skipped the one in between says that it is too old', () => {
    const decide = (): unknown => releases.first.decodeOpen(write('third', fresh))
    expect(decide).toThrow(UndecodableEvent)
    expect(decide).toThrow(expect.objectContaining({ newer: true }))
  })
})

/** What each release that was shipped reads, oldest first: `{release, reads: {type: version}}`. */
type Shipped = { readonly release: string; readonly reads: Readonly<Record<string, number>> }
/** A release may write only what the one before it reads: both run side by side during an upgrade. */
const tooNew = (vocabulary: Vocabulary, before: Shipped | undefined): string[] =>
  Object.entries(vocabulary).flatMap(([type, definition]) =>
    before && writtenVersion(definition) > (before.reads[type] ?? 0) ? [type] : [],
  )

test('nothing is written that the release before cannot read, and nothing is forgotten', async () => {
  const shipped = await readJson<readonly Shipped[]>(`${GOLDEN}releases.json`)
  expect(tooNew(allEvents, shipped.at(-1))).toEqual([])
  for (const { reads } of shipped)
    for (const [type, version] of Object.entries(reads))
      expect((allEvents as Vocabulary)[type]?.version ?? 0, type).toBeGreaterThanOrEqual(version)
  const before = { release: '1', reads: { 'test.said': 1 } }
  expect(tooNew({ 'test.said': second }, before)).toEqual([])
  expect(tooNew({ 'test.said': third as FactDefinition }, before)).toEqual(['test.said'])
})
