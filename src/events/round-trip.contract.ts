import fc from 'fast-check'
import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { arbitraryOf } from '../../test/support/arbitrary.ts'
import { chainHash, decode, encode } from '../eventstore/codec.ts'
import type { EventStore, StoredEvent } from '../eventstore/port.ts'
import { allEvents, type DomainEvent, type EventType } from './all.ts'
import type { FactDefinition } from './define.ts'

/** Whatever a schema allows comes back from a store as it was said; `ROUND_TRIPS` of each type. */
export const RUNS = Number(process.env['ROUND_TRIPS'] ?? 25)
const COMPANY = '11111111-1111-4111-8111-111111111111'
const SUBJECT = '22222222-2222-4222-8222-222222222222'
const META = {
  companyId: COMPANY,
  actor: { kind: 'system' as const, id: 'test' },
  at: '2026-03-02T12:00:00.000Z',
  commandId: '33333333-3333-4333-8333-333333333333',
  correlationId: 'test',
  subject: SUBJECT,
  prev: '',
}

/** A fact of any type with any data that its schema allows. */
const factOf = (type: EventType): fc.Arbitrary<DomainEvent> => {
  const { open, personal }: FactDefinition = allEvents[type]
  return fc
    .record({ open: arbitraryOf(open), ...(personal ? { personal: arbitraryOf(personal) } : {}) })
    .map(said => {
      const data = { ...(said.open as object), ...('personal' in said ? { personal: said.personal } : {}) }
      return { type, data } as unknown as DomainEvent
    })
}

export const roundTripContract = (name: string, store: () => EventStore, runs: number = RUNS): void => {
  describe(`every fact through ${name}`, () => {
    test.each(Object.keys(allEvents) as EventType[])('%s comes back as it was said', async type => {
      await fc.assert(
        fc.asyncProperty(factOf(type), async fact => {
          const key = randomBytes(32)
          const stream = `roundtrip-${COMPANY}.${randomUUID()}`
          const event = encode(fact, randomUUID(), META, key)
          await store().append(stream, 'none', [event])
          const stored: StoredEvent[] = []
          for await (const one of store().readStream(stream)) stored.push(one)
          expect(stored).toHaveLength(1)
          // Parsed anew: what this process remembers of its own writing must not answer for the store.
          const read = JSON.parse(JSON.stringify(stored[0])) as StoredEvent
          expect(chainHash(read)).toBe(chainHash(event))
          const { data } = await decode(read, { get: () => Promise.resolve(key) })
          expect(data).toEqual(fact.data)
          const erased = await decode(read, { get: () => Promise.resolve(null) })
          expect('personal' in erased.data ? erased.data.personal : null).toBeNull()
        }),
        { numRuns: runs },
      )
    })
  })
}
