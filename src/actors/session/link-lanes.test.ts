import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InboundItem } from '../../providers/provider.ts'
import { createLanes } from './link-lanes.ts'

const item = (chat: string, id: string): InboundItem => ({
  item: 'message',
  message: {
    type: 'message',
    providerMessageId: id,
    chat: { addresses: [{ kind: 'phone', value: chat }], group: false },
    author: { addresses: [{ kind: 'phone', value: chat }] },
    sentAt: '2026-01-01T00:00:00.000Z',
    late: false,
    fromMe: false,
    kind: 'text',
    text: id,
    raw: null,
  },
})
const idOf = (i: InboundItem) => (i.item === 'message' ? i.message.providerMessageId : '')
const chatOf = (i: InboundItem) => (i.item === 'message' ? (i.message.chat.addresses[0]?.value ?? '') : '')

describe('lanes', () => {
  test('keep one chat in order whatever each step takes, and never exceed the bound', async () => {
    const deliveries = fc.array(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
      { maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        deliveries,
        fc.integer({ min: 1, max: 3 }),
        async (scheduler, chats, atWorkMax) => {
          const got = new Map<string, string[]>()
          const busy = new Set<string>()
          const lanes = createLanes({
            atWorkMax,
            receive: async items => {
              const chat = chatOf(items[0]!)
              expect(items.every(i => chatOf(i) === chat)).toBe(true)
              expect(busy.has(chat)).toBe(false)
              busy.add(chat)
              expect(busy.size).toBeLessThanOrEqual(atWorkMax)
              await scheduler.schedule(Promise.resolve(), `receive ${chat}`)
              got.set(chat, [...(got.get(chat) ?? []), ...items.map(idOf)])
              busy.delete(chat)
            },
          })
          let n = 0
          const given = new Map<string, string[]>()
          const handed = chats.map(delivery => {
            const items = delivery.map(chat => item(chat, String((n += 1))))
            for (const i of items) given.set(chatOf(i), [...(given.get(chatOf(i)) ?? []), idOf(i)])
            return lanes.hand(items)
          })
          await scheduler.waitFor(Promise.all(handed))
          await lanes.idle()
          expect(got).toEqual(given)
          expect(lanes.size()).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('with failures and redelivery everything arrives, and no message overtakes an earlier one of its chat', async () => {
    const plan = fc.record({
      failures: fc.array(fc.boolean(), { maxLength: 12 }),
      count: fc.integer({ min: 1, max: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plan, async (scheduler, { failures, count }) => {
        const got: number[] = []
        let call = 0
        const lanes = createLanes({
          receive: async items => {
            const fails = failures[call++] ?? false
            await scheduler.schedule(Promise.resolve())
            if (fails) throw new Error('the store is away')
            for (const i of items) if (!got.includes(Number(idOf(i)))) got.push(Number(idOf(i)))
          },
        })
        // The provider's side: all at once, and what was rejected again in order, until nothing is left.
        let open = Array.from({ length: count }, (_, i) => i)
        const run = async () => {
          while (open.length > 0) {
            const results = await Promise.allSettled(open.map(i => lanes.hand([item('a', String(i))])))
            open = open.filter((_, i) => results[i]?.status === 'rejected')
          }
        }
        await scheduler.waitFor(run())
        expect(got).toEqual(Array.from({ length: count }, (_, i) => i))
      }),
      { numRuns: 200 },
    )
  })

  test('a delivery is durable only when all of its items are', async () => {
    const lanes = createLanes({
      receive: async items => {
        if (chatOf(items[0]!) === 'b') throw new Error('b failed')
      },
    })
    await expect(lanes.hand([item('a', '1'), item('b', '2')])).rejects.toThrow('b failed')
    await expect(lanes.hand([item('a', '3')])).resolves.toBeUndefined()
  })

  test('more than the bound waiting is refused', async () => {
    let go = () => {}
    const lanes = createLanes({ receive: () => new Promise(resolve => (go = resolve)), waitingMax: 2 })
    const first = lanes.hand([item('a', '1'), item('b', '2')])
    await expect(lanes.hand([item('c', '3')])).rejects.toThrow('more than 2 items')
    go()
    void first
  })
})
