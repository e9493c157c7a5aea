import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clockTime } from '../../../i18n/format.ts'
import { setLocale } from '../../../i18n/index.ts'
import { Toasts } from '../../../parts/toasts.tsx'
import { signIn } from '../../../stores/auth.ts'
import { answerFetch } from '../../../testing/fake-fetch.ts'
import { aMessage, aTicket, aUser } from '../../../testing/samples.ts'
import MessageDesk from './desk.tsx'

const expiresAt = '2026-03-01T12:10:00.000Z'
const url = 'https://fio.example/files/message-1?signature=x'
const written = vi.fn<(text: string) => Promise<void>>()
let refusal: object | undefined

beforeEach(async () => {
  refusal = undefined
  written.mockReset().mockResolvedValue()
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: written }, configurable: true })
  answerFetch(({ path }) => {
    if (path.endsWith('/login')) return { body: { accessToken: 't', user: aUser() } }
    if (path === '/api/v1/media/message-1/link')
      return refusal ? { status: 404, body: refusal } : { body: { url, expiresAt } }
    return { body: {} }
  })
  await setLocale('en')
  await signIn({ email: 'a@example.com', password: 'secret' })
})
afterEach(cleanup)

const openMenu = async (): Promise<void> => {
  const media = { mime: 'image/png', size: 3, name: null, thumbnailUrl: null, tooLarge: false, error: null }
  const message = aMessage({ kind: 'image', media: { ...media, url: '/api/v1/media/message-1' } })
  const nothing = () => undefined
  render(() => (
    <>
      <MessageDesk
        ticket={aTicket()}
        message={message}
        anchor={document.body}
        details={false}
        onReply={nothing}
        onEdit={nothing}
        onDone={nothing}
      />
      <Toasts />
    </>
  ))
  fireEvent.click(await screen.findByTestId('message-link'))
}

test('the link of a file is copied, and it is said until when it opens', async () => {
  await openMenu()
  await vi.waitFor(() => expect(written).toHaveBeenCalledWith(url))
  expect(await screen.findByText(new RegExp(`until ${clockTime(expiresAt)}`))).toBeTruthy()
})

test('a file that is gone is said', async () => {
  refusal = { code: 'not-found', status: 404 }
  await openMenu()
  expect(await screen.findByText(/does not exist|may not see/i)).toBeTruthy()
  expect(written).not.toHaveBeenCalled()
})
