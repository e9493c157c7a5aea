import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { signIn } from '../../stores/auth.ts'
import { sessions } from '../../stores/directory.ts'
import { loadThread, threadOf } from '../../stores/threads.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aTicket, aUser } from '../../testing/samples.ts'
import { Composer } from './composer.tsx'

const mine = aTicket({ status: 'open', user: { id: 'user-1', name: 'Marina' } })
let asked: ReturnType<typeof answerFetch>

beforeEach(async () => {
  localStorage.clear()
  asked = answerFetch(({ path, method }) => {
    if (path === '/api/v1/auth/login') return { body: { accessToken: 't', user: aUser() } }
    if (method === 'POST' && path.endsWith('/messages'))
      return { status: 201, body: { id: 'sent-1', revision: 2, position: '2' } }
    if (path.endsWith('/messages')) return { body: { items: [], nextCursor: null } }
    return { body: mine }
  })
  await setLocale('en')
  await signIn({ email: 'a@example.com', password: 'secret' })
  await loadThread('ticket-1')
})
afterEach(cleanup)

const show = (ticket = mine) =>
  render(() => <Composer ticket={ticket} quoted={undefined} onQuote={() => undefined} />)
const input = () => screen.getByTestId<HTMLTextAreaElement>('composer-input')

test('Enter sends, Shift+Enter does not, nor does the Enter that ends a composed word', async () => {
  show()
  fireEvent.input(input(), { target: { value: 'Hello' } })
  fireEvent.keyDown(input(), { key: 'Enter', shiftKey: true })
  fireEvent.keyDown(input(), { key: 'Enter', isComposing: true })
  expect(threadOf('ticket-1')?.drafts).toHaveLength(0)
  fireEvent.keyDown(input(), { key: 'Enter' })
  expect(threadOf('ticket-1')?.drafts.map(draft => draft.body)).toEqual(['Hello'])
  expect(input().value).toBe('')
  await vi.waitFor(() =>
    expect(
      asked.some(one => one.method === 'POST' && (one.body as { body?: string })?.body === 'Hello'),
    ).toBe(true),
  )
})

test('half an answer is still there when the ticket is opened again', () => {
  const first = show()
  fireEvent.input(input(), { target: { value: 'not yet' } })
  first.unmount()
  show()
  expect(input().value).toBe('not yet')
})

test('a waiting ticket is accepted first, with the revision on the screen', async () => {
  show(aTicket({ revision: 4 }))
  expect(screen.queryByTestId('composer-input')).toBeNull()
  fireEvent.click(screen.getByText('Accept to answer'))
  await vi.waitFor(() =>
    expect(asked.find(one => one.path.endsWith('/accept'))?.headers.get('if-match')).toBe('4'),
  )
})

test('while the channel is down the agent is told that the answer will wait', () => {
  const channel = { id: 'session-1', name: 'Shop', provider: 'simulator', queueIds: [], revision: 1 }
  sessions.put({ ...channel, status: 'connected' } as never)
  show()
  expect(screen.queryByTestId('channel-down')).toBeNull()
  sessions.put({ ...channel, status: 'reconnecting', revision: 2 } as never)
  expect(screen.getByTestId('channel-down').textContent).toContain('Reconnecting')
  sessions.forget()
})

test("another agent's ticket says whose it is and offers nothing to an agent", () => {
  show(aTicket({ status: 'open', user: { id: 'user-2', name: 'Ana' } }))
  expect(screen.getByText('Ana is answering this ticket.')).toBeTruthy()
  expect(screen.queryByRole('button')).toBeNull()
})
