import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ChannelHealth } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aSession } from '../../testing/samples.ts'
import { HealthPanel } from './health-panel.tsx'

let answer: { status?: number; body: unknown }
let asked: ReturnType<typeof answerFetch>
let count = 0

beforeEach(async () => {
  asked = answerFetch(() => answer)
  await setLocale('en')
})
afterEach(cleanup)

const show = () => {
  const session = aSession({ id: `health-${(count += 1)}` })
  return render(() => <HealthPanel session={session} />)
}
const CHECKED_AT = '2026-01-02T12:34:00.000Z'
const told = (health: Omit<ChannelHealth, 'checkedAt'>) => ({ body: { checkedAt: CHECKED_AT, ...health } })
const open = (health: Omit<ChannelHealth, 'checkedAt'>) => {
  answer = told(health)
  show()
}
const refuse = (code: string, status: number, data: object = {}) => {
  answer = { status, body: { status, code, title: '', detail: '', data } }
}

test('a number: name, quality in words, limits; and that nothing is to be put right', async () => {
  open({
    displayName: 'Loja',
    phone: '+55 11 5555-0100',
    quality: 'yellow',
    dailyLimit: 2000,
    throughput: 80,
  })
  expect(await screen.findByText('Loja')).toBeTruthy()
  expect(screen.getByText('+55 11 5555-0100')).toBeTruthy()
  expect(screen.getByTestId('health-quality').textContent).toBe('Medium: some people blocked or reported it')
  expect(screen.getByText('up to 2,000')).toBeTruthy()
  expect(screen.getByText('80 messages a second')).toBeTruthy()
  expect(screen.getByText('Nothing to put right.')).toBeTruthy()
})

test('a page: each problem says what to do', async () => {
  open({
    displayName: 'Loja',
    tokenExpiresAt: '2030-01-02T12:00:00.000Z',
    problems: [
      { code: 'not-subscribed' },
      { code: 'permission-missing', detail: 'pages_messaging' },
      { code: 'token-expires', detail: '2030-01-02T12:00:00.000Z' },
    ],
  })
  expect(await screen.findByText(/Restart the channel/)).toBeTruthy()
  expect(screen.getByText(/lacks the permission pages_messaging/)).toBeTruthy()
  const [subscribed, , expires] = screen.getByTestId('health-problems').children
  expect(subscribed?.getAttribute('data-code')).toBe('not-subscribed')
  expect(expires?.textContent).toMatch(/runs out on Jan 2, 2030/)
  expect(screen.queryByText('Nothing to put right.')).toBeNull()
})

test('a refusal says what to put right, and is asked again; what was said stays meanwhile', async () => {
  refuse('channel-refused', 502, { reason: 'credentials-rejected' })
  show()
  expect((await screen.findByRole('alert')).textContent).toMatch(/Meta refuses the access token/)
  answer = told({ displayName: 'Loja' })
  fireEvent.click(screen.getByTestId('health-again'))
  expect(screen.getByRole('alert')).toBeTruthy()
  expect(await screen.findByText('Loja')).toBeTruthy()
  expect(asked.map(({ query }) => query.get('again'))).toEqual([null, 'true'])
})

test('a reason that is younger than this screen is named, and a silence is no refusal', async () => {
  refuse('channel-refused', 502, { reason: 'moon-phase' })
  show()
  expect((await screen.findByRole('alert')).textContent).toMatch(/refused to answer \(moon-phase\)/)
  refuse('channel-unreachable', 503)
  fireEvent.click(screen.getByTestId('health-again'))
  await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/does not answer/))
})

test('who looks again soon does not ask again', async () => {
  answer = told({ displayName: 'Loja' })
  const session = aSession({ id: `health-${(count += 1)}` })
  const first = render(() => <HealthPanel session={session} />)
  await screen.findByText('Loja')
  first.unmount()
  render(() => <HealthPanel session={session} />)
  expect(await screen.findByText('Loja')).toBeTruthy()
  expect(asked).toHaveLength(1)
})

test('the time is that of the look, whoever had it done', async () => {
  open({ displayName: 'Loja' })
  await screen.findByText('Loja')
  const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit' }).format(
    new Date(CHECKED_AT),
  )
  expect(screen.getByText(new RegExp(`Asked at ${time}`))).toBeTruthy()
})
