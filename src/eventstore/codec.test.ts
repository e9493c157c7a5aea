import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DomainEvent } from '../events/all.ts'
import type { FactMeta } from '../events/define.ts'
import { chainHash, decode, decodeAccepted, decodeOpen, encode, UndecodableEvent } from './codec.ts'
import type { NewEvent, Position, StoredEvent } from './port.ts'

const uuid = fc.uuid({ version: 4 })
const SUBJECT = randomUUID()

const meta = (prev = ''): Omit<FactMeta, 'schema'> => ({
  companyId: randomUUID(),
  actor: { kind: 'user', id: randomUUID() },
  at: '2026-01-02T03:04:05.678Z',
  commandId: randomUUID(),
  correlationId: 'c',
  subject: SUBJECT,
  prev,
})

const stored = (event: NewEvent): StoredEvent => ({
  ...event,
  stream: `contact-${randomUUID()}.${randomUUID()}`,
  revision: 3,
  position: '0'.repeat(40) as Position,
  created: 1,
})

const keysOf = (key: Buffer | null) => ({ get: async () => key })

const renamed = fc.record({
  type: fc.constant('contact.renamed' as const),
  data: fc.record({
    nameHash: fc.string(),
    source: fc.constantFrom('channel' as const, 'user' as const),
    personal: fc.record({ name: fc.string({ unit: 'binary' }) }),
  }),
})
const accepted = fc.record({
  type: fc.constant('ticket.accepted' as const),
  data: fc.record({ userId: uuid, waitedMs: fc.nat() }),
})
const facts: fc.Arbitrary<DomainEvent> = fc.oneof(renamed, accepted)

const keyFor = (fact: DomainEvent, key: Buffer): Buffer | null => ('personal' in fact.data ? key : null)

test('a fact comes back from its stored form as it was', async () => {
  await fc.assert(
    fc.asyncProperty(facts, uuid, async (fact, id) => {
      const key = randomBytes(32)
      const event = encode(fact, id, meta(), keyFor(fact, key))
      const back = await decode(stored(event), keysOf(key))
      expect(back).toMatchObject({ id, type: fact.type, data: fact.data, revision: 3 })
    }),
  )
})

test('what was checked before it was stored reads the same without being checked again', async () => {
  await fc.assert(
    fc.asyncProperty(facts, uuid, fc.boolean(), async (fact, id, isErased) => {
      const key = randomBytes(32)
      // As another process finds it: the codec knows the objects that it made itself.
      const event = structuredClone(stored(encode(fact, id, meta(), keyFor(fact, key))))
      const keys = keysOf(isErased ? null : key)
      expect(await decodeAccepted(event, keys)).toEqual(await decode(event, keys))
    }),
  )
})

test('what this release cannot read stays unreadable, however it is read', async () => {
  const accepted: DomainEvent = { type: 'ticket.accepted', data: { userId: randomUUID(), waitedMs: 1 } }
  const event = structuredClone(stored(encode(accepted, randomUUID(), meta(), null)))
  const keys = keysOf(null)
  await expect(decodeAccepted({ ...event, type: 'ticket.unheardOf' }, keys)).rejects.toThrow(UndecodableEvent)
  const newer = { ...event, metadata: { ...event.metadata, schema: 99 } }
  await expect(decodeAccepted(newer, keys)).rejects.toThrow(/newer/)
  await expect(decodeAccepted({ ...event, metadata: {} }, keys)).rejects.toThrow(/metadata/)
})

test('the chain hash is the same before and after the store', () => {
  fc.assert(
    fc.property(facts, uuid, (fact, id) => {
      const event = encode(fact, id, meta(), keyFor(fact, randomBytes(32)))
      const kept = JSON.parse(JSON.stringify(stored(event))) as StoredEvent
      expect(chainHash(kept)).toBe(chainHash(event))
    }),
  )
})

test('the chain hash of a known event is fixed: streams that exist are chained with it', () => {
  const event: NewEvent = {
    id: '00000000-0000-8000-8000-000000000001',
    type: 'ticket.accepted',
    data: { userId: '00000000-0000-8000-8000-000000000002', waitedMs: 5 },
    metadata: { schema: 1 },
  }
  expect(chainHash(event)).toBe('u7wE9jc3ahE6qTteB4SnNYG5i2g52T_AUU1xgvLtM-4')
  for (const other of [{ id: randomUUID() }, { type: 'x' }, { data: {} }, { metadata: {} }]) {
    expect(chainHash({ ...event, ...other })).not.toBe(chainHash(event))
  }
})

test('what is personal is unreadable without its key, and cannot be moved to another event', async () => {
  const key = randomBytes(32)
  const fact: DomainEvent = {
    type: 'contact.renamed',
    data: { nameHash: 'h', source: 'user', personal: { name: 'Maria da Silva' } },
  }
  const event = encode(fact, randomUUID(), meta(), key)
  expect(JSON.stringify(event)).not.toContain('Maria')
  expect((await decode(stored(event), keysOf(null))).data).toMatchObject({ nameHash: 'h', personal: null })
  for (const read of [decode, decodeAccepted]) {
    await expect(read(stored(event), keysOf(randomBytes(32)))).rejects.toThrow(UndecodableEvent)
    await expect(read(stored({ ...event, id: randomUUID() }), keysOf(key))).rejects.toThrow(UndecodableEvent)
  }
  expect(decodeOpen(stored(event)).data).toEqual({ nameHash: 'h', source: 'user' })
})

test('a fact that breaks its schema is caught before it is written, and after it was read', () => {
  const bad = { type: 'ticket.accepted', data: { userId: 'nobody', waitedMs: -1 } } as DomainEvent
  expect(() => encode(bad, randomUUID(), meta(), null)).toThrow()
  const noKey: DomainEvent = {
    type: 'contact.renamed',
    data: { nameHash: 'h', source: 'user', personal: { name: 'x' } },
  }
  expect(() => encode(noKey, randomUUID(), meta(), null)).toThrow(/no subject/)
  const good = stored(
    encode(
      { type: 'ticket.accepted', data: { userId: randomUUID(), waitedMs: 1 } },
      randomUUID(),
      meta(),
      null,
    ),
  )
  expect(() => decodeOpen({ ...good, type: 'ticket.unheardOf' })).toThrow(UndecodableEvent)
  expect(() => decodeOpen({ ...good, data: {} })).toThrow(UndecodableEvent)
  expect(() => decodeOpen({ ...good, metadata: { ...good.metadata, schema: 99 } })).toThrow(/newer/)
  expect(() => decodeOpen({ ...good, metadata: {} })).toThrow(/metadata/)
})

test('keys that cannot be had say nothing about the event', async () => {
  const down = new Error('the vault is away')
  const fact: DomainEvent = {
    type: 'contact.renamed',
    data: { nameHash: 'h', source: 'user', personal: { name: 'Maria' } },
  }
  const event = stored(encode(fact, randomUUID(), meta(), randomBytes(32)))
  await expect(decode(event, { get: () => Promise.reject(down) })).rejects.toBe(down)
})
