import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Session } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { queues } from '../../stores/directory.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aSession } from '../../testing/samples.ts'
import { SessionCard } from './session-card.tsx'

let asked: ReturnType<typeof answerFetch>

beforeEach(async () => {
  asked = answerFetch(({ method }) =>
    method === 'GET'
      ? { body: { items: [], nextCursor: null } }
      : { body: { id: 'session-1', revision: 2, position: '2' } },
  )
  queues.put({ id: 'q1', name: 'Sales', color: '#123456', revision: 1 })
  queues.put({ id: 'q2', name: 'Support', color: '#654321', revision: 1 })
  await setLocale('en')
})
afterEach(cleanup)

const edit = (change: Partial<Session> = {}) => {
  render(() => (
    <SessionCard session={aSession(change)} onWebhook={() => undefined} onScan={() => undefined} />
  ))
  fireEvent.pointerDown(screen.getByTestId('session-menu'), { button: 0 })
  fireEvent.click(screen.getByText('Edit'))
}
const posted = (method: string) => asked.filter(one => one.method === method)

test('a channel is renamed, given queues, and told what a return does', async () => {
  edit()
  fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Shop 2' } })
  fireEvent.click(screen.getByLabelText('Support'))
  fireEvent.change(screen.getByLabelText('When a customer writes after the close'), {
    target: { value: 'same-agent' },
  })
  fireEvent.input(screen.getByLabelText('For how many minutes'), { target: { value: '30' } })
  fireEvent.submit(screen.getByTestId('session-edit'))
  await vi.waitFor(() => expect(posted('PATCH')).toHaveLength(1))
  expect(posted('PATCH')[0]?.body).toEqual({
    name: 'Shop 2',
    queueIds: ['q1', 'q2'],
    settings: { reopenPolicy: 'same-agent', reopenMinutes: 30 },
  })
  await vi.waitFor(() => expect(screen.queryByTestId('session-edit')).toBeNull())
  expect(posted('POST')).toHaveLength(0)
})

test('secrets that are left empty stay; new ones are used by a new connection', async () => {
  edit()
  fireEvent.input(screen.getByLabelText('Access token'), { target: { value: 'fresh' } })
  fireEvent.submit(screen.getByTestId('session-edit'))
  await vi.waitFor(() => expect(posted('POST')).toHaveLength(1))
  expect(posted('PATCH')[0]?.body).toHaveProperty('settings', {
    reopenPolicy: 'reopen',
    reopenMinutes: 120,
    accessToken: 'fresh',
  })
  expect(posted('POST')[0]?.path).toBe('/api/v1/sessions/session-1/restart')
})

test('only the official channel has secrets to replace, and the card says why a channel is down', () => {
  edit({ provider: 'simulator', status: 'stopped', reason: 'stopped by an admin' })
  expect(screen.queryByText('Replace secrets')).toBeNull()
  expect(screen.getByText(/stopped by an admin/)).toBeTruthy()
})
