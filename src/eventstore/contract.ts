import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AppendTooLarge,
  APPEND_BYTES_MAX,
  FACT_BYTES_MAX,
  WrongExpectedRevision,
  type EventStore,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type StoredEvent,
  type SubscriptionItem,
  type SubscriptionOptions,
} from './port.ts'

/** What the suite needs of an implementation. The store may hold other events already: a shared server does. */
export type ContractSubject = {
  readonly store: EventStore
  /** Closes the store and opens the same one again. */
  reopen(): Promise<EventStore>
  dispose(): Promise<void>
}

/** An event of which only the number matters. */
export const numbered = (n: number, id: string = randomUUID()): NewEvent => ({
  id,
  type: 'test.happened',
  data: { n },
  metadata: { by: 'contract' },
})

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Items of a subscription until one satisfies `enough`. */
export const collectUntil = async (
  store: EventStore,
  options: SubscriptionOptions,
  enough: (item: SubscriptionItem, all: SubscriptionItem[]) => boolean,
): Promise<SubscriptionItem[]> => {
  const stop = new AbortController()
  const all: SubscriptionItem[] = []
  for await (const item of store.subscribe(options, stop.signal)) {
    all.push(item)
    if (enough(item, all)) stop.abort()
  }
  return all
}

export const eventsOf = (items: SubscriptionItem[]): StoredEvent[] =>
  items.flatMap(item => (item.kind === 'event' ? [item.event] : []))

const numbers = (events: readonly StoredEvent[]): unknown[] => events.map(event => event.data['n'])
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
const refusal = async (append: Promise<unknown>): Promise<unknown> =>
  append.then(
    () => null,
    (error: unknown) => error,
  )

/** The one suite that every implementation of the port passes. */
export const eventStoreContract = (name: string, open: () => Promise<ContractSubject>): void => {
  describe(`${name} keeps the contract of the event store`, () => {
    let subject: ContractSubject
    let store: EventStore
    let prefix = ''
    const stream = (label: string): string => `${prefix}${label}-${randomUUID()}`

    beforeAll(async () => {
      subject = await open()
      store = subject.store
      prefix = `contract${randomUUID().slice(0, 8)}-`
    })
    afterAll(() => subject.dispose())

    const appendEach = async (to: string, ns: readonly number[]): Promise<Position[]> => {
      const positions: Position[] = []
      for (const n of ns) positions.push((await store.append(to, 'any', [numbered(n)])).position)
      return positions
    }
    const readAllOf = async (label: string, options: ReadAllOptions = {}): Promise<StoredEvent[]> =>
      collect(store.readAll({ ...options, streamPrefixes: [label] }))

    describe('append', () => {
      test('a stream begins with none and goes on from the revision that it gave', async () => {
        const ticket = stream('ticket')
        expect((await store.append(ticket, 'none', [numbered(0)])).revision).toBe(0)
        expect((await store.append(ticket, 0, [numbered(1), numbered(2)])).revision).toBe(2)
        expect((await store.append(ticket, 2, [numbered(3)])).revision).toBe(3)
        const events = await collect(store.readStream(ticket))
        expect(events.map(event => event.revision)).toEqual([0, 1, 2, 3])
        expect(numbers(events)).toEqual([0, 1, 2, 3])
      })

      test('a wrong expectation of either kind is refused with the actual revision, and nothing is written', async () => {
        const ticket = stream('ticket')
        const early = await refusal(store.append(ticket, 0, [numbered(0)]))
        expect(early).toBeInstanceOf(WrongExpectedRevision)
        expect(early).toMatchObject({ stream: ticket, expected: 0, actual: -1 })
        await store.append(ticket, 'none', [numbered(0), numbered(1)])
        expect(await refusal(store.append(ticket, 'none', [numbered(9)]))).toMatchObject({
          expected: 'none',
          actual: 1,
        })
        expect(await refusal(store.append(ticket, 0, [numbered(9)]))).toMatchObject({
          expected: 0,
          actual: 1,
        })
        expect(await refusal(store.append(ticket, 5, [numbered(9)]))).toMatchObject({
          expected: 5,
          actual: 1,
        })
        expect(numbers(await collect(store.readStream(ticket)))).toEqual([0, 1])
      })

      test('any has no expectation, whether the stream exists or not', async () => {
        const ticket = stream('ticket')
        expect((await store.append(ticket, 'any', [numbered(0)])).revision).toBe(0)
        expect((await store.append(ticket, 'any', [numbered(1)])).revision).toBe(1)
      })

      test.each([['none'] as const, [0] as const])('of twenty at once with %s one wins', async expected => {
        const ticket = stream('ticket')
        if (expected === 0) await store.append(ticket, 'none', [numbered(0)])
        const before = expected === 0 ? 1 : 0
        const results = await Promise.all(
          range(0, 20).map(n =>
            refusal(store.append(ticket, expected, [numbered(100 + n), numbered(200 + n)])),
          ),
        )
        expect(results.filter(result => result === null)).toHaveLength(1)
        expect(results.filter(result => result instanceof WrongExpectedRevision)).toHaveLength(19)
        const [first, second] = numbers(await collect(store.readStream(ticket))).slice(before) as [
          number,
          number,
        ]
        expect(second).toBe(first + 100)
      })

      test('twenty writers without expectation interleave without a gap', async () => {
        const ticket = stream('ticket')
        const answers = await Promise.all(range(0, 20).map(n => store.append(ticket, 'any', [numbered(n)])))
        expect(answers.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual(range(0, 20))
        const events = await collect(store.readStream(ticket))
        for (const [n, { revision, position }] of answers.entries()) {
          expect(events[revision]).toMatchObject({ data: { n }, position })
        }
      })

      test.each([['none'], [1], ['any']] as const)(
        'the identical append with %s gives the first answer',
        async expected => {
          const ticket = stream('ticket')
          if (expected === 1) await store.append(ticket, 'none', [numbered(-2), numbered(-1)])
          const events = [numbered(0), numbered(1), numbered(2)]
          const first = await store.append(ticket, expected, events)
          expect(await store.append(ticket, expected, events)).toEqual(first)
          await store.append(ticket, first.revision, [numbered(3)])
          expect(await store.append(ticket, expected, events)).toEqual(first)
          expect(numbers(await collect(store.readStream(ticket))).slice(-4)).toEqual([0, 1, 2, 3])
        },
      )

      test('identical appends at the same moment are one', async () => {
        const ticket = stream('ticket')
        const events = [numbered(0), numbered(1)]
        const answers = await Promise.all(range(0, 5).map(() => store.append(ticket, 'none', events)))
        expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
        expect(await collect(store.readStream(ticket))).toHaveLength(2)
      })

      test('an append that only begins like an earlier one is refused', async () => {
        const ticket = stream('ticket')
        const shared = numbered(0)
        await store.append(ticket, 'none', [shared, numbered(1)])
        const other = await refusal(store.append(ticket, 'none', [shared, numbered(2)]))
        expect(other).toBeInstanceOf(WrongExpectedRevision)
      })

      test('ids that are known elsewhere, or only in part, make no repetition', async () => {
        const [ticket, other] = [stream('ticket'), stream('ticket')]
        const [a, b, c] = [numbered(0), numbered(1), numbered(2)]
        await store.append(ticket, 'any', [a, b])
        // The same facts of another stream are other facts.
        expect(await store.append(other, 'none', [a, b])).toMatchObject({ revision: 1 })
        // It begins with a known one and goes on otherwise, or has more of them: neither first answer fits.
        for (const [expected, events] of [
          ['any', [b, c]],
          ['any', [a, c]],
          ['none', [a, b, c]],
          [0, [b, c]],
          [0, [c]],
        ] as const)
          expect(await refusal(store.append(ticket, expected, events))).toMatchObject({ expected, actual: 1 })
        expect(numbers(await collect(store.readStream(ticket)))).toEqual([0, 1])
        expect(numbers(await collect(store.readStream(other)))).toEqual([0, 1])
        // A part of what stands there, with the expectation under which it stands, was appended before.
        expect(await store.append(ticket, 0, [b])).toMatchObject({ revision: 1 })
      })

      test('a fact of 256 KiB fits, a larger one does not, nor an append over 1 MiB', async () => {
        const ticket = stream('ticket')
        const sized = (bytes: number): NewEvent => {
          const bare = { ...numbered(0), data: { text: '' } }
          const rest =
            JSON.stringify(bare.data).length + JSON.stringify(bare.metadata).length + 2 * bare.type.length
          return { ...bare, data: { text: 'a'.repeat(bytes - rest) } }
        }
        await expect(store.append(ticket, 'none', [sized(FACT_BYTES_MAX + 1)])).rejects.toBeInstanceOf(
          AppendTooLarge,
        )
        const four = range(0, 4).map(() => sized(FACT_BYTES_MAX))
        await expect(store.append(ticket, 'none', [...four, numbered(0)])).rejects.toBeInstanceOf(
          AppendTooLarge,
        )
        const three = range(0, 3).map(() => sized(FACT_BYTES_MAX))
        const rest = [sized(FACT_BYTES_MAX - 1000), sized(1001)]
        await expect(store.append(ticket, 'none', [...three, ...rest])).rejects.toBeInstanceOf(AppendTooLarge)
        // Bytes count, not letters.
        const letters = { ...numbered(0), data: { text: 'ç'.repeat(FACT_BYTES_MAX / 2) } }
        await expect(store.append(ticket, 'none', [letters])).rejects.toBeInstanceOf(AppendTooLarge)
        expect(await collect(store.readStream(ticket))).toEqual([])
        expect(4 * FACT_BYTES_MAX).toBe(APPEND_BYTES_MAX)
        expect((await store.append(ticket, 'none', four)).revision).toBe(3)
        const [back] = await collect(store.readStream(ticket, { limit: 1 }))
        expect(back?.data).toEqual(four[0]?.data)
      })

      test('what was written comes back as it was, in any script', async () => {
        const ticket = stream('ticket')
        const event: NewEvent = {
          id: randomUUID(),
          type: 'message.received',
          data: {
            text: 'olá 👩🏽‍🚒 你好 \u0000 \ud83d "quoted" \\ \u2028',
            deep: { list: [1, 2.5, null, true, []] },
            b: 1,
            a: 2,
          },
          metadata: { actor: 'João', π: '±' },
        }
        const before = Date.now()
        const { position } = await store.append(ticket, 'none', [event])
        const [back] = await collect(store.readStream(ticket))
        expect(back).toMatchObject({ ...event, stream: ticket, revision: 0, position })
        // The chain hash is made of these texts.
        expect(JSON.stringify(back?.data)).toBe(JSON.stringify(event.data))
        expect(JSON.stringify(back?.metadata)).toBe(JSON.stringify(event.metadata))
        expect(Math.abs((back?.created ?? 0) - before)).toBeLessThan(60_000)
      })

      test('what no store can keep is refused before it is sent', async () => {
        const ticket = stream('ticket')
        await expect(store.append(ticket, 'any', [])).rejects.toThrow(/without events/)
        await expect(store.append(ticket, 'any', [numbered(0, 'not-a-uuid')])).rejects.toThrow(/UUID/)
        await expect(store.append('', 'any', [numbered(0)])).rejects.toThrow(/stream name/)
        await expect(store.append('$settings', 'any', [numbered(0)])).rejects.toThrow(/reserved/)
      })
    })

    describe('read', () => {
      test('a stream is read both ways, from any point, with a limit', async () => {
        const ticket = stream('ticket')
        await store.append(
          ticket,
          'none',
          range(0, 150).map(n => numbered(n)),
        )
        const read = async (options: Parameters<EventStore['readStream']>[1]): Promise<unknown[]> =>
          numbers(await collect(store.readStream(ticket, options)))
        expect(await read({})).toEqual(range(0, 150))
        expect(await read({ from: 147 })).toEqual([147, 148, 149])
        expect(await read({ from: 3, limit: 100 })).toEqual(range(3, 103))
        expect(await read({ direction: 'backwards' })).toEqual(range(0, 150).reverse())
        expect(await read({ direction: 'backwards', from: 70, limit: 3 })).toEqual([70, 69, 68])
        expect(await read({ direction: 'backwards', limit: 1 })).toEqual([149])
        expect(await read({ direction: 'backwards', from: 0 })).toEqual([0])
        expect(await read({ direction: 'backwards', from: 1000, limit: 2 })).toEqual([149, 148])
        expect(await read({ from: 149, limit: 10 })).toEqual([149])
        expect(await read({ from: 150 })).toEqual([])
        expect(await read({ from: 1_000_000 })).toEqual([])
        expect(await read({ limit: 0 })).toEqual([])
      })

      test('a stream that does not exist has no events', async () => {
        expect(await collect(store.readStream(stream('nowhere')))).toEqual([])
        expect(
          await collect(store.readStream(stream('nowhere'), { direction: 'backwards', limit: 1 })),
        ).toEqual([])
      })

      test('a reader may leave in the middle', async () => {
        const ticket = stream('ticket')
        await store.append(
          ticket,
          'none',
          range(0, 100).map(n => numbered(n)),
        )
        for await (const event of store.readStream(ticket)) if (event.revision === 3) break
        for await (const event of store.readAll()) if (event.position) break
        expect(await collect(store.readStream(ticket, { limit: 2 }))).toHaveLength(2)
      })

      test('all streams are read in order both ways, after and before any position, by prefix', async () => {
        const label = `${prefix}all${randomUUID().slice(0, 8)}`
        const positions: Position[] = []
        for (const n of range(0, 30)) positions.push(...(await appendEach(`${label}${n % 3}-x`, [n])))
        const all = await readAllOf(label)
        expect(numbers(all)).toEqual(range(0, 30))
        expect(all.map(event => event.position)).toEqual(positions)
        expect(numbers(await readAllOf(label, { direction: 'backwards' }))).toEqual(range(0, 30).reverse())
        expect(numbers(await readAllOf(label, { after: positions[9]! }))).toEqual(range(10, 30))
        expect(numbers(await readAllOf(label, { after: positions[9]!, limit: 2 }))).toEqual([10, 11])
        const before = await readAllOf(label, { after: positions[9]!, direction: 'backwards', limit: 3 })
        expect(numbers(before)).toEqual([8, 7, 6])
        expect(numbers(await readAllOf(label, { after: positions[29]! }))).toEqual([])
        const two = await collect(store.readAll({ streamPrefixes: [`${label}0-`, `${label}2-`] }))
        expect(numbers(two)).toEqual(range(0, 30).filter(n => n % 3 !== 1))
      })

      test('positions are ordered as text, start with the epoch, and the head is the newest', async () => {
        const positions = await appendEach(stream('ticket'), range(0, 20))
        expect(positions).toEqual(positions.toSorted())
        expect(new Set(positions).size).toBe(20)
        for (const position of positions) expect(position.startsWith(store.epoch)).toBe(true)
        expect(store.epoch).toMatch(/^[0-9a-f]{8}$/)
        const head = await store.head()
        expect(head! >= positions.at(-1)!).toBe(true)
        expect(await collect(store.readAll({ after: head!, streamPrefixes: [prefix] }))).toEqual([])
      })

      test('a position of another epoch is refused', async () => {
        const epoch = store.epoch === 'deadbeef' ? 'deadbee0' : 'deadbeef'
        const foreign = (epoch + '0'.repeat(32)) as Position
        await expect((async () => collect(store.readAll({ after: foreign })))()).rejects.toThrow(/epoch/)
        const never = new AbortController().signal
        await expect((async () => collect(store.subscribe({ after: foreign }, never)))()).rejects.toThrow(
          /epoch/,
        )
      })

      test("the store's own events are never shown", async () => {
        for await (const { stream: name, type } of store.readAll()) {
          expect(name.startsWith('$') || name.startsWith('store-') || type.startsWith('$')).toBe(false)
        }
      })
    })

    describe('subscribe', () => {
      test('from the very start: everything in order, caught up, then what is new', async () => {
        const label = `${prefix}sub${randomUUID().slice(0, 8)}`
        await appendEach(`${label}-a`, range(0, 10))
        let caughtUp = false
        const items = await collectUntil(store, { after: null, streamPrefixes: [label] }, (item, all) => {
          if (item.kind === 'caughtUp' && !caughtUp) {
            caughtUp = true
            expect(numbers(eventsOf(all))).toEqual(range(0, 10))
            void appendEach(`${label}-b`, range(10, 15))
          }
          return eventsOf(all).length === 15
        })
        expect(numbers(eventsOf(items))).toEqual(range(0, 15))
      })

      test('from a position: only what is after it', async () => {
        const label = `${prefix}sub${randomUUID().slice(0, 8)}`
        const positions = await appendEach(`${label}-a`, range(0, 10))
        const after = positions[4]!
        const items = await collectUntil(
          store,
          { after, streamPrefixes: [label] },
          item => item.kind === 'caughtUp',
        )
        expect(numbers(eventsOf(items))).toEqual(range(5, 10))
      })

      test('with several prefixes: what any of them matches, in order', async () => {
        const label = `${prefix}many${randomUUID().slice(0, 8)}`
        for (const n of range(0, 30)) await appendEach(`${label}${n % 5}-x`, [n])
        const streamPrefixes = [`${label}0-`, `${label}3-`, `${label}never-`]
        const items = await collectUntil(
          store,
          { after: null, streamPrefixes },
          (_, all) => eventsOf(all).length === 12,
        )
        expect(numbers(eventsOf(items))).toEqual(range(0, 30).filter(n => n % 5 === 0 || n % 5 === 3))
      })

      test('from wherever a reader stopped, events and checkpoints alike, the rest comes once', async () => {
        const label = `${prefix}resume${randomUUID().slice(0, 8)}`
        const first = (await store.head()) ?? null
        for (const n of range(0, 40)) {
          await appendEach(`${label}-a`, [n])
          if (n % 8 === 0)
            await store.append(
              stream('noise'),
              'none',
              range(0, 40).map(k => numbered(k)),
            )
        }
        let after: Position | null = first
        const seen: unknown[] = []
        // Each reader stops after a few items, whatever they are, and the next one begins there.
        for (let few = 1; seen.length < 40; few = (few % 7) + 1) {
          const from: Position | null = after
          const items = await collectUntil(store, { after: from, streamPrefixes: [label] }, (item, all) => {
            const positions = all.filter(({ kind }) => kind !== 'caughtUp')
            return positions.length >= few || item.kind === 'caughtUp'
          })
          for (const item of items) {
            if (item.kind === 'event') seen.push(item.event.data['n'])
            if (item.kind !== 'caughtUp') after = item.kind === 'event' ? item.event.position : item.position
          }
        }
        expect(seen).toEqual(range(0, 40))
      })

      test('a reader that fell behind is told again when it has caught up', async () => {
        const label = `${prefix}behind${randomUUID().slice(0, 8)}`
        const stop = new AbortController()
        const items = store
          .subscribe({ after: (await store.head()) ?? null, streamPrefixes: [label] }, stop.signal)
          [Symbol.asyncIterator]()
        while ((await items.next()).value?.kind !== 'caughtUp');
        const body = 'x'.repeat(10_000)
        for (const k of range(0, 20))
          await store.append(
            `${label}-a`,
            'any',
            range(0, 50).map(n => ({ ...numbered(k * 50 + n), data: { n: k * 50 + n, body } })),
          )
        const seen: unknown[] = []
        for (let told = false; !told;) {
          const { value } = await items.next()
          if (value?.kind === 'event') seen.push(value.event.data['n'])
          told = value?.kind === 'caughtUp' && seen.length > 0
        }
        expect(seen).toEqual(range(0, 1000))
        stop.abort()
        await items.next()
      })

      test("from 'end': only what is appended once it was asked for", async () => {
        const label = `${prefix}sub${randomUUID().slice(0, 8)}`
        await appendEach(`${label}-a`, [0, 1])
        const items = await collectUntil(store, { after: 'end', streamPrefixes: [label] }, (item, all) => {
          if (item.kind === 'caughtUp' && eventsOf(all).length === 0) void appendEach(`${label}-a`, [2, 3])
          return eventsOf(all).length === 2
        })
        expect(numbers(eventsOf(items))).toEqual([2, 3])
      })

      test('without a filter the events of all streams come, each once and in the order of readAll', async () => {
        const after = (await store.head()) ?? null
        await Promise.all(range(0, 40).map(n => store.append(stream(`mixed${n % 7}`), 'none', [numbered(n)])))
        const mine = (event: StoredEvent): boolean => event.stream.startsWith(prefix)
        const items = await collectUntil(
          store,
          { after },
          (_, all) => eventsOf(all).filter(mine).length === 40,
        )
        const read = await collect(store.readAll(after ? { after } : {}))
        expect(
          eventsOf(items)
            .filter(mine)
            .map(event => event.id),
        ).toEqual(read.filter(mine).map(event => event.id))
      })

      test('a filtered reader learns how far it is although nothing matches', async () => {
        const after = (await store.head()) ?? null
        for (const batch of range(0, 3))
          await store.append(
            stream('other'),
            'none',
            range(0, 100).map(n => numbered(n + batch)),
          )
        const only = `${prefix}nothing-matches-${randomUUID()}`
        const items = await collectUntil(
          store,
          { after, streamPrefixes: [only] },
          item => item.kind === 'checkpoint',
        )
        const checkpoint = items.at(-1)
        expect(eventsOf(items)).toEqual([])
        expect(checkpoint?.kind === 'checkpoint' && (after === null || checkpoint.position > after)).toBe(
          true,
        )
      })

      test('positions never go back, checkpoints included', async () => {
        const label = `${prefix}mono${randomUUID().slice(0, 8)}`
        const after = (await store.head()) ?? null
        for (const n of range(0, 50))
          await store.append(
            stream(n % 10 === 0 ? label.slice(prefix.length) : 'noise'),
            'none',
            range(0, 10).map(k => numbered(n * 10 + k)),
          )
        const items = await collectUntil(
          store,
          { after, streamPrefixes: [label] },
          (_, all) => eventsOf(all).length === 50,
        )
        const positions = items.flatMap(item =>
          item.kind === 'event' ? [item.event.position] : item.kind === 'checkpoint' ? [item.position] : [],
        )
        expect(positions).toEqual(positions.toSorted())
      })

      test('a slow consumer loses nothing and holds nobody up', async () => {
        const label = `${prefix}slow${randomUUID().slice(0, 8)}`
        const body = 'x'.repeat(20_000)
        const stop = new AbortController()
        const items = store
          .subscribe({ after: null, streamPrefixes: [label] }, stop.signal)
          [Symbol.asyncIterator]()
        await store.append(`${label}-a`, 'none', [numbered(0)])
        while ((await items.next()).value?.kind !== 'event');
        // The consumer asks for nothing while 20 MB are written past it.
        for (const k of range(0, 25)) {
          const events = range(0, 40).map(n => ({
            ...numbered(1 + k * 40 + n),
            data: { n: 1 + k * 40 + n, body },
          }))
          await store.append(`${label}-a`, k * 40, events)
        }
        const seen: unknown[] = []
        while (seen.length < 1000) {
          const { value } = await items.next()
          if (value?.kind === 'event') seen.push(value.event.data['n'])
        }
        expect(seen).toEqual(range(1, 1001))
        stop.abort()
        expect((await items.next()).done).toBe(true)
      })

      test('an aborted subscription ends quietly, also while it waits', async () => {
        const stop = new AbortController()
        const items = store
          .subscribe({ after: 'end', streamPrefixes: [`${prefix}never`] }, stop.signal)
          [Symbol.asyncIterator]()
        let next = await items.next()
        while (next.value?.kind !== 'caughtUp') next = await items.next()
        const waiting = items.next()
        stop.abort()
        expect((await waiting).done).toBe(true)
        const late = store.subscribe({ after: null }, AbortSignal.abort())
        expect(await collect(late)).toEqual([])
      })
    })

    test('ten thousand streams, and each has its own events only', async () => {
      const label = `${prefix}many${randomUUID().slice(0, 8)}`
      const count = 10_000
      for (let first = 0; first < count; first += 1_000)
        await Promise.all(
          range(first, first + 1_000).map(n => store.append(`${label}-${n}`, 'none', [numbered(n)])),
        )
      const all = await readAllOf(label)
      expect(new Set(numbers(all)).size).toBe(count)
      expect(
        all.every(
          event => event.revision === 0 && event.stream === `${label}-${JSON.stringify(event.data['n'])}`,
        ),
      ).toBe(true)
      for (const n of [0, 4_999, 9_999])
        expect(numbers(await collect(store.readStream(`${label}-${n}`)))).toEqual([n])
    }, 180_000)

    test('closing ends subscriptions quietly, and reopening keeps everything', async () => {
      const ticket = stream('ticket')
      const events = range(0, 5).map(n => numbered(n))
      const first = await store.append(ticket, 'none', events)
      const { epoch } = store
      const following = collect(store.subscribe({ after: 'end' }, new AbortController().signal))
      const before = await collect(store.readStream(ticket))
      store = await subject.reopen()
      await following
      expect(store.epoch).toBe(epoch)
      expect(await collect(store.readStream(ticket))).toEqual(before)
      expect(await store.append(ticket, 'none', events)).toEqual(first)
      expect((await store.append(ticket, 4, [numbered(5)])).position > first.position).toBe(true)
    })
  })
}
