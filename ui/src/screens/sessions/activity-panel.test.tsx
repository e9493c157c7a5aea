import { cleanup, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SessionActivity } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aSession } from '../../testing/samples.ts'
import { ActivityLine, ActivityPanel } from './activity-panel.tsx'

const paced: SessionActivity = {
  pacing: {
    mode: 'normal',
    linkedAt: '2026-03-12T12:00:00.000Z',
    perMinute: 30,
    newChats: { used: 50, limit: 50, nextAt: '2026-03-20T13:00:00.000Z' },
    held: { count: 3, nextAt: '2026-03-20T13:00:00.000Z' },
  },
  messages: { hour: { in: 120, out: 96 }, day: { in: 1804, out: 1512 } },
  gaps: { days: 7, count: 2, seconds: 75, since: null },
}
const plain: SessionActivity = {
  pacing: { mode: 'off', linkedAt: null, perMinute: null, newChats: null, held: { count: 0, nextAt: null } },
  messages: { hour: { in: 0, out: 0 }, day: { in: 5, out: 4 } },
  gaps: { days: 7, count: 0, seconds: 0, since: null },
}
let answer: SessionActivity
let asked: ReturnType<typeof answerFetch>
let count = 0
const session = () => aSession({ id: `activity-${(count += 1)}`, provider: 'baileys' })

beforeEach(async () => {
  asked = answerFetch(() => ({ body: answer }))
  await setLocale('en')
})
afterEach(cleanup)

test('a paced number: traffic, what its budget allows, what is held back, how often it was away', async () => {
  answer = paced
  const one = session()
  render(() => <ActivityPanel session={one} />)
  expect(await screen.findByText('1,804 received · 1,512 sent')).toBeTruthy()
  expect(screen.getByText('120 received · 96 sent')).toBeTruthy()
  expect(screen.getByText('50 of 50 in 24 hours')).toBeTruthy()
  expect(screen.getByText('at most 30 messages a minute')).toBeTruthy()
  expect(screen.getByText(/^3, the first goes at /)).toBeTruthy()
  expect(screen.getByText(/^2 in 7 days, 1 min in all/)).toBeTruthy()
})

test('a channel without pacing says nothing of budgets', async () => {
  answer = plain
  const one = session()
  render(() => <ActivityPanel session={one} />)
  expect(await screen.findByText('none in 7 days')).toBeTruthy()
  expect(screen.queryByText('Pacing')).toBeNull()
  expect(screen.queryByText('Held back')).toBeNull()
})

test('in a list it is one line, and two who look ask once', async () => {
  answer = paced
  const one = session()
  render(() => (
    <>
      <ActivityLine session={one} />
      <ActivityLine session={one} />
    </>
  ))
  const [line] = await screen.findAllByText(
    '24 h: 1,804 received, 1,512 sent · new chats: 50 of 50 · held back: 3 · interruptions in 7 days: 2',
  )
  expect(line).toBeTruthy()
  expect(asked).toHaveLength(1)
})
