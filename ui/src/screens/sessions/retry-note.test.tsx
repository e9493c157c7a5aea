import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { User } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { signIn } from '../../stores/auth.ts'
import { apply } from '../../sync/apply.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aSession, signedInAs } from '../../testing/samples.ts'
import { RetryNote } from './retry-note.tsx'

let asked: ReturnType<typeof answerFetch>
let role: User['role']
beforeEach(async () => {
  role = 'admin'
  asked = answerFetch(({ path }) =>
    path.endsWith('/login')
      ? signedInAs(role)
      : { status: 202, body: { id: 'r', revision: 1, position: null } },
  )
  await setLocale('en')
})
afterEach(cleanup)

const enter = async () => {
  await signIn({ email: 'a@example.com', password: 'secret' })
  asked.length = 0
}
const tell = (inSeconds: number, attempt = 4) =>
  apply([
    {
      event: 'whatsappSession',
      push: {
        action: 'retry',
        sessionId: 'r',
        attempt,
        attemptsMax: 600,
        expiresAt: new Date(Date.now() + inSeconds * 1000).toISOString(),
      },
    },
  ])
const lost = () => render(() => <RetryNote session={aSession({ id: 'r', status: 'reconnecting' })} />)

test('the next try is counted down, with which one it is, and need not be waited for', async () => {
  await enter()
  tell(300)
  lost()
  expect(screen.getByTestId('retry').textContent).toMatch(/Next try in (5:00|4:59) \(try 4 of 600\)/)
  tell(40, 5)
  expect(screen.getByTestId('retry').textContent).toMatch(/Next try in \d+ s \(try 5 of 600\)/)
  fireEvent.click(screen.getByTestId('retry-now'))
  await vi.waitFor(() => expect(asked).toMatchObject([{ method: 'POST', path: '/api/v1/sessions/r/retry' }]))
})

test('when its time has come it is being tried, and there is nothing to hurry', async () => {
  await enter()
  tell(-1)
  lost()
  expect(screen.getByTestId('retry').textContent).toBe('Trying to connect…')
  expect(screen.queryByTestId('retry-now')).toBeNull()
})

test('nobody but admins hurries it, and nothing is shown while it is connected', async () => {
  tell(60)
  role = 'supervisor'
  await enter()
  lost()
  expect(screen.queryByTestId('retry')).toBeNull()
  cleanup()
  role = 'admin'
  await enter()
  render(() => <RetryNote session={aSession({ id: 'r', status: 'connected' })} />)
  expect(screen.queryByTestId('retry')).toBeNull()
})
