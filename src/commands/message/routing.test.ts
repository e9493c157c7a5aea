import { describe, expect, test } from 'vitest'
import { conversationKind } from '../../actors/conversation/chart.ts'
import { claimed, released, started } from '../../../test/support/facts.ts'
import { after, idOf, NOW } from '../../../test/support/given.ts'
import type { InboundContent } from './inbound.ts'
import { routeMessage } from './routing.ts'

type Settings = Parameters<typeof routeMessage>[2]
const ago = (minutes: number): string => new Date(Date.parse(NOW) - minutes * 60_000).toISOString()
const closedAgo = (minutes: number, more: { isGroup?: boolean } = {}) =>
  after(
    conversationKind,
    started(more),
    claimed('first', 1),
    released('first', 1, { closedAt: ago(minutes), userId: 'ana' }),
  )
const message = (more: Partial<InboundContent> = {}, group = false) => ({
  kind: 'text' as const,
  fromMe: false,
  chat: { addresses: [{ kind: 'phone' as const, value: '5511987654321' }], group },
  ...more,
})
const route = (
  conversation: ReturnType<typeof closedAgo>,
  more: Parameters<typeof message>[0] = {},
  settings: Partial<Settings> = {},
  online = false,
  group = false,
) =>
  routeMessage(
    conversation,
    message(more, group),
    { reopenPolicy: 'reopen', reopenMinutes: 120, ...settings },
    Date.parse(NOW),
    online,
  )

const again = { route: 'reopen', ticketId: idOf('first'), queueId: idOf('sales'), userId: null }

describe('a message that finds no live ticket', () => {
  test('opens the first one', () => {
    expect(route(after(conversationKind, started()))).toEqual({ route: 'new' })
  })
  test('within the window the same ticket waits again, its queue kept, its agent not', () => {
    expect(route(closedAgo(0))).toEqual(again)
    expect(route(closedAgo(119.99))).toEqual(again)
  })
  test('after the window there is a new one', () => {
    expect(route(closedAgo(120))).toEqual({ route: 'new' })
    expect(route(closedAgo(10_000))).toEqual({ route: 'new' })
  })
  test('a window of 0 minutes always means a new one', () => {
    for (const minutes of [0, 1])
      expect(route(closedAgo(minutes), {}, { reopenMinutes: 0 })).toEqual({ route: 'new' })
  })
  test('the policy may say new', () => {
    expect(route(closedAgo(1), {}, { reopenPolicy: 'new' })).toEqual({ route: 'new' })
  })
  test('the same agent gets it back if online', () => {
    const settings = { reopenPolicy: 'same-agent' } as const
    expect(route(closedAgo(1), {}, settings, true)).toEqual({ ...again, userId: idOf('ana') })
    expect(route(closedAgo(1), {}, settings, false)).toEqual(again)
    expect(route(closedAgo(121), {}, settings, true)).toEqual({ route: 'new' })
  })
  test('a group has one ticket, whatever its age and the policy', () => {
    const group = closedAgo(100_000, { isGroup: true })
    for (const reopenPolicy of ['reopen', 'new', 'same-agent'] as const)
      for (const reopenMinutes of [0, 120])
        expect(route(group, {}, { reopenPolicy, reopenMinutes }, true, true)).toEqual(again)
    expect(route(after(conversationKind, started({ isGroup: true })), {}, {}, false, true)).toEqual({
      route: 'new',
    })
  })
  test('a sticker alone, or what the company wrote itself, opens nothing', () => {
    for (const conversation of [after(conversationKind, started()), closedAgo(1), closedAgo(1_000)])
      for (const group of [false, true]) {
        expect(route(conversation, { kind: 'sticker' }, {}, false, group)).toEqual({ route: 'none' })
        expect(route(conversation, { fromMe: true }, {}, false, group)).toEqual({ route: 'none' })
      }
  })
})
