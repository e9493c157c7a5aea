import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Session, User } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { signIn } from '../../stores/auth.ts'
import { queues } from '../../stores/directory.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aSession, signedInAs } from '../../testing/samples.ts'
import { SessionCard } from './session-card.tsx'

let asked: ReturnType<typeof answerFetch>
let role: User['role']
let checked: { status?: number; body: unknown }
let count = 0

beforeEach(async () => {
  role = 'admin'
  checked = { body: {} }
  asked = answerFetch(({ method, path }) =>
    path.endsWith('/login')
      ? signedInAs(role)
      : path.endsWith('/activity')
        ? { status: 503, body: { status: 503, code: 'not-ready', title: '', detail: '' } }
        : path.endsWith('/health')
          ? checked
          : method === 'GET'
            ? { body: { items: [], nextCursor: null } }
            : { body: { id: 'session-1', revision: 2, position: '2' } },
  )
  queues.put({ id: 'q1', name: 'Sales', color: '#123456', revision: 1 })
  queues.put({ id: 'q2', name: 'Support', color: '#654321', revision: 1 })
  await setLocale('en')
  await enter()
})
afterEach(cleanup)

const enter = async () => {
  await signIn({ email: 'a@example.com', password: 'secret' })
  asked.length = 0
}
const show = (change: Partial<Session> = {}) =>
  render(() => (
    <SessionCard session={aSession(change)} onWebhook={() => undefined} onScan={() => undefined} />
  ))

const edit = (change: Partial<Session> = {}) => {
  show(change)
  fireEvent.pointerDown(screen.getByTestId('session-menu'), { button: 0 })
  fireEvent.click(screen.getByText('Edit'))
}
const RESTART = '/api/v1/sessions/session-1/restart'
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

test('a simulator has no secrets to replace, and the card says why a channel is down', () => {
  edit({ provider: 'simulator', status: 'stopped', reason: 'stopped by an admin' })
  expect(screen.queryByText('Replace secrets')).toBeNull()
  expect(screen.getByText(/stopped by an admin/)).toBeTruthy()
})

test.each(['messenger', 'instagram'] as const)(
  '%s: its own secrets, and that people answer',
  async provider => {
    edit({ provider, settings: { reopenPolicy: 'new', reopenMinutes: 0, pageId: '1906' } })
    expect(screen.getByText('1906')).toBeTruthy()
    for (const label of ['Page access token', 'App secret', 'Verify token'])
      expect((screen.getByLabelText(label) as HTMLInputElement).value).toBe('')
    fireEvent.input(screen.getByLabelText('Page access token'), { target: { value: 'fresh' } })
    fireEvent.click(screen.getByLabelText(/People answer here/))
    fireEvent.submit(screen.getByTestId('session-edit'))
    await vi.waitFor(() => expect(posted('PATCH')).toHaveLength(1))
    expect(posted('PATCH')[0]?.body).toHaveProperty('settings', {
      reopenPolicy: 'new',
      pageAccessToken: 'fresh',
      humanAgentTag: true,
    })
    await vi.waitFor(() => expect(posted('POST').map(({ path }) => path)).toEqual([RESTART]))
  },
)

test('a linked device: calls, names and chats; what did not change is not sent, and nothing restarts for it', async () => {
  const settings = { reopenPolicy: 'new', reopenMinutes: 0, rejectCalls: { text: 'Escreva!' } } as const
  edit({ provider: 'baileys', settings: { ...settings } })
  expect((screen.getByLabelText('Answer to who calls') as HTMLInputElement).value).toBe('Escreva!')
  fireEvent.submit(screen.getByTestId('session-edit'))
  await vi.waitFor(() => expect(posted('PATCH')).toHaveLength(1))
  expect(posted('PATCH')[0]?.body).toHaveProperty('settings', { reopenPolicy: 'new' })
  await vi.waitFor(() => expect(screen.queryByTestId('session-edit')).toBeNull())
  expect(posted('POST')).toEqual([])
})

test('a linked device: what changed is sent, and holds from a new connection on', async () => {
  const settings = { reopenPolicy: 'new', reopenMinutes: 0, rejectCalls: { text: 'Escreva!' } } as const
  edit({ provider: 'baileys', settings: { ...settings } })
  fireEvent.input(screen.getByLabelText('Answer to who calls'), { target: { value: '' } })
  fireEvent.click(screen.getByLabelText(/address book/))
  fireEvent.submit(screen.getByTestId('session-edit'))
  await vi.waitFor(() => expect(posted('POST').map(({ path }) => path)).toEqual([RESTART]))
  expect(posted('PATCH')[0]?.body).toHaveProperty('settings', {
    reopenPolicy: 'new',
    importContacts: true,
    rejectCalls: { text: null },
  })
})

test.each(['supervisor', 'auditor'] as const)('a %s sees how it is doing, and may do nothing', async as => {
  role = as
  await enter()
  show({ status: 'failed', reason: 'credentials-rejected', queueIds: [] })
  expect(screen.getByText(/refuses the credentials/)).toBeTruthy()
  for (const testid of ['session-menu', 'session-start', 'session-no-queue'])
    expect(screen.queryByTestId(testid)).toBeNull()
})

test('a channel that Meta holds something against is marked, though it is connected', async () => {
  checked = { body: { checkedAt: '2026-01-02T12:34:00.000Z', quality: 'red' } }
  const id = `ill-${(count += 1)}`
  show({ id })
  expect((await screen.findByTestId('health-bad')).textContent).toBe('Meta reports a problem')
  const paths = asked.map(({ path }) => path)
  expect(paths.filter(path => path.endsWith('/health'))).toEqual([`/api/v1/sessions/${id}/health`])
})

test('auditors ask Meta nothing', async () => {
  role = 'auditor'
  await enter()
  show({ id: `unasked-${(count += 1)}` })
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(asked[0]?.path).toMatch(/\/activity$/)
})
