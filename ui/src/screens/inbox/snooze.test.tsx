import { Route, Router } from '@solidjs/router'
import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Ticket } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { signIn } from '../../stores/auth.ts'
import { listSpec, setSnoozeFilter, setTab } from '../../stores/inbox.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aTicket, aUser } from '../../testing/samples.ts'
import { Composer } from './composer.tsx'
import { inAnHour, maySnooze, SnoozeDialog, snoozedWords, tomorrowMorning } from './snooze.tsx'

const mine = (change: Partial<Ticket> = {}) =>
  aTicket({ status: 'open', revision: 7, user: { id: 'user-1', name: 'Marina' }, ...change })
let asked: ReturnType<typeof answerFetch>

beforeEach(async () => {
  localStorage.clear()
  asked = answerFetch(({ path, method }) => {
    if (path === '/api/v1/auth/login') return { body: { accessToken: 't', user: aUser() } }
    if (method === 'POST') return { body: { id: 'ticket-1', revision: 8, position: '8' } }
    return { body: mine() }
  })
  await setLocale('en')
  await signIn({ email: 'a@example.com', password: 'secret' })
})
afterEach(cleanup)

const posted = () => asked.filter(one => one.method === 'POST' && one.path.includes('/tickets/'))

describe('when it comes back', () => {
  test('in an hour is an hour from now', () => {
    expect(inAnHour(new Date('2026-03-01T12:34:56.000Z'))).toBe('2026-03-01T13:34:56.000Z')
  })
  test('tomorrow is the next day’s morning where the agent sits, at the end of a year too', () => {
    const at = new Date(tomorrowMorning(new Date(2026, 11, 31, 23, 59)))
    expect([at.getFullYear(), at.getMonth(), at.getDate(), at.getHours(), at.getMinutes()]).toEqual([
      2027, 0, 1, 8, 0,
    ])
  })
  test('is said in words', () => {
    expect(snoozedWords(mine({ status: 'snoozed', snoozedUntil: null }))).toBe('until a reply')
    expect(snoozedWords(mine({ status: 'snoozed', snoozedUntil: '2036-03-01T12:00:00.000Z' }))).toMatch(
      /^until .*Mar/,
    )
  })
})

test('only one’s own open or snoozed ticket is offered to be put aside', () => {
  expect(maySnooze(mine())).toBe(true)
  expect(maySnooze(mine({ status: 'snoozed' }))).toBe(true)
  expect(maySnooze(aTicket({ status: 'pending' }))).toBe(false)
  expect(maySnooze(mine({ status: 'closed' }))).toBe(false)
  expect(maySnooze(mine({ user: { id: 'user-2', name: 'Bob' } }))).toBe(false)
})

test('a date is asked for with the revision on the screen; one that has passed is not', async () => {
  const onClose = vi.fn<() => void>()
  render(() => <SnoozeDialog ticket={mine()} open onClose={onClose} />)
  const input = await screen.findByTestId('snooze-at')
  const submit = () => fireEvent.submit(input.closest('form')!)
  fireEvent.input(input, { target: { value: '2020-01-01T08:00' } })
  submit()
  expect(await screen.findByText('Pick a time that is still to come.')).toBeTruthy()
  expect(posted()).toHaveLength(0)
  fireEvent.input(input, { target: { value: '2099-01-01T08:00' } })
  submit()
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled())
  expect(posted()[0]).toMatchObject({
    path: '/api/v1/tickets/ticket-1/snooze',
    body: { until: new Date('2099-01-01T08:00').toISOString() },
  })
})

test('a snoozed ticket is brought back before it is answered', async () => {
  const ticket = mine({ status: 'snoozed', snoozedUntil: null })
  render(() => (
    <Router>
      <Route
        path="*"
        component={() => <Composer ticket={ticket} quoted={undefined} onQuote={() => undefined} />}
      />
    </Router>
  ))
  expect(screen.queryByTestId('composer-input')).toBeNull()
  expect(screen.getByText('This ticket is snoozed until a reply.')).toBeTruthy()
  fireEvent.click(screen.getByTestId('composer-wake'))
  await vi.waitFor(() => expect(posted()[0]?.path).toBe('/api/v1/tickets/ticket-1/wake'))
})

test('the list shows all of one’s own, without what was put aside, or only that', () => {
  setTab('mine')
  const holds = () => [mine(), mine({ status: 'snoozed' })].map(ticket => listSpec().holds(ticket))
  expect([listSpec().query.status, ...holds()]).toEqual(['open,snoozed', true, true])
  setSnoozeFilter('awake')
  expect([listSpec().query.status, ...holds()]).toEqual(['open', true, false])
  setSnoozeFilter('snoozed')
  expect([listSpec().query.status, ...holds()]).toEqual(['snoozed', false, true])
  // Where nothing can have been put aside it changes nothing.
  setTab('waiting')
  expect(listSpec().query.status).toBe('pending,bot')
})
