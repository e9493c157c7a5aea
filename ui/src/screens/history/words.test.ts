import { beforeEach, expect, test } from 'vitest'
import type { HistoryEntry } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { aTicket } from '../../testing/samples.ts'
import { castOf, sentence } from './words.ts'

beforeEach(() => setLocale('en'))

let revision = 0
const entry = (type: string, actor: HistoryEntry['actor'], data: HistoryEntry['data']): HistoryEntry => ({
  revision: revision++,
  id: `fact-${revision}`,
  type,
  at: '2026-03-01T12:00:00.000Z',
  actor,
  commandId: 'command-1',
  causationId: null,
  correlationId: 'correlation-1',
  rule: null,
  data,
})
const bia = { kind: 'user', id: 'bia', name: 'Bia' } as const
const channel = { kind: 'channel', id: 'session-1', name: 'Loja' } as const
const ask = (action: string, actionId: string, personal: Record<string, string> = {}) =>
  entry('message.actionQueued', bia, { messageId: 'm1', action, actionId, userId: 'bia', personal })
/** The last of these facts, as the history tells it. */
const told = (...entries: HistoryEntry[]) => sentence(entries.at(-1)!, aTicket(), castOf(entries))

test('what an agent asked for is told of the agent, though the channel hands its outcome in', () => {
  const done = (type: string, personal?: Record<string, string>) =>
    entry(type, channel, { messageId: 'm1', actionId: 'a1', fromMe: true, ...(personal ? { personal } : {}) })
  expect(told(ask('edit', 'a1'), done('message.edited', { body: 'Oi' }))).toBe('Bia edited a message')
  expect(told(ask('revoke', 'a1'), done('message.revoked'))).toBe('Bia deleted a message')
  expect(told(ask('reaction', 'a1'), done('message.reacted', { emoji: '👍' }))).toBe('Bia reacted 👍')
  expect(told(ask('reaction', 'a1'), done('message.reacted', { emoji: '' }))).toBe(
    'Bia took the reaction back',
  )
})

test('what was asked for is said', () => {
  expect(told(ask('reaction', 'a1', { emoji: '👍' }))).toBe('Bia asked to react 👍')
  expect(told(ask('reaction', 'a1', { emoji: '' }))).toBe('Bia asked to take the reaction back')
  expect(told(ask('edit', 'a1', { body: 'Oi' }))).toBe('Bia asked to change a message')
  expect(told(ask('revoke', 'a1'))).toBe('Bia asked to delete a message for everyone')
})

test('what the customer and the company’s phone did is told of them', () => {
  const theirs = entry('message.reacted', channel, {
    messageId: 'm1',
    fromMe: false,
    personal: { emoji: '❤️' },
  })
  expect(told(theirs)).toBe('João Conceição reacted ❤️')
  expect(told(entry('message.edited', channel, { messageId: 'm1' }))).toBe('João Conceição edited a message')
  const mirrored = entry('message.mirrored', channel, { messageId: 'm2' })
  const edited = entry('message.edited', channel, { messageId: 'm2' })
  expect(told(mirrored, edited)).toBe("The company's phone edited a message")
  const ours = entry('message.reacted', channel, { messageId: 'm1', fromMe: true, personal: { emoji: '👍' } })
  expect(told(ours)).toBe("The company's phone reacted 👍")
})

test('whoever acted is named, also for those who may not read the list of users', () => {
  expect(told(entry('ticket.accepted', bia, { userId: 'bia' }))).toBe('Bia accepted the ticket')
})
