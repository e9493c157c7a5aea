import { cleanup, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { Message } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { aMessage } from '../../testing/samples.ts'
import { Bubble } from './bubble.tsx'

beforeAll(() => setLocale('en'))
afterEach(cleanup)
const show = (change: Partial<Message>) =>
  render(() => (
    <Bubble message={aMessage(change)} ticket={{ id: 'ticket-1', isGroup: false }} joined={false} />
  ))

test.each([
  ['queued', 'Waiting to be sent'],
  ['sent', 'Sent'],
  ['delivered', 'Delivered'],
  ['read', 'Read'],
] as const)('an own message that is %s says so', (ack, words) => {
  show({ fromMe: true, ack })
  expect(screen.getByTestId('message').dataset['ack']).toBe(ack)
  expect(screen.getByText(words)).toBeTruthy()
})

test('a failed message says why and can be sent again; one that cannot be is not offered', () => {
  const first = show({
    fromMe: true,
    ack: 'failed',
    error: { code: 'session-offline', reason: 'x', retryable: true },
  })
  expect(screen.getByText('Not sent: the channel is offline')).toBeTruthy()
  expect(screen.getByTestId('message-retry')).toBeTruthy()
  first.unmount()
  show({ fromMe: true, ack: 'failed', error: { code: 'x', reason: 'gone', retryable: false } })
  expect(screen.queryByTestId('message-retry')).toBeNull()
})

test('an unknown outcome is explained and never offered again', () => {
  show({ fromMe: true, ack: 'unknown' })
  expect(screen.getByText(/may or may not have arrived/)).toBeTruthy()
  expect(screen.queryByTestId('message-retry')).toBeNull()
})

test.each([
  ['pace', 60_000, /^Paced by the channel, leaves (at|on) /],
  ['new-chats', 26 * 3_600_000, /^The channel began enough new chats: leaves on /],
  ['retry', 1_000, /^The channel did not take it: next try in a moment$/],
] as const)('a message that is held back (%s) says why and until when', (by, fromNow, words) => {
  const until = new Date(Date.now() + fromNow).toISOString()
  show({ fromMe: true, ack: 'queued', waiting: { by, until } })
  expect(screen.getByTestId('message-waiting').textContent).toMatch(words)
})

test('words are words: markup is shown, a link is a link', () => {
  show({ body: '<b>hi</b> https://example.com/a?b=1. bye' })
  expect(screen.getByText(/<b>hi<\/b>/)).toBeTruthy()
  expect(screen.getByRole('link').getAttribute('href')).toBe('https://example.com/a?b=1')
})

test('what cannot be shown says what it is', () => {
  show({ kind: 'unsupported', body: 'poll' })
  expect(screen.getByText(/cannot be shown here yet \(poll\)/)).toBeTruthy()
})

test('a deleted message shows no words', () => {
  show({ body: 'secret', deletedAt: '2026-03-01T13:00:00.000Z' })
  expect(screen.queryByText('secret')).toBeNull()
  expect(screen.getByText('This message was deleted')).toBeTruthy()
})

test('what was done to a message says while it waits, and why it was not done', () => {
  show({
    actions: [
      { id: 'a-1', action: 'edit', state: 'pending', body: 'better' },
      { id: 'a-2', action: 'revoke', state: 'failed', error: { code: 'session-offline', reason: 'x' } },
    ],
  })
  expect(screen.getByText('The change is on its way').parentElement?.dataset['state']).toBe('pending')
  expect(screen.getByText('It was not deleted: the channel is offline').dataset['state']).toBe('failed')
})
