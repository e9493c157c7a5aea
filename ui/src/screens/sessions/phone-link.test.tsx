import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { sessions } from '../../stores/directory.ts'
import { apply } from '../../sync/apply.ts'
import { answerFetch, type Asked } from '../../testing/fake-fetch.ts'
import { aSession } from '../../testing/samples.ts'
import { ScanDialog } from './scan-dialog.tsx'

/** The numbering plans are loaded when somebody links by number. */
const WAIT = { timeout: 10_000 }
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
let asked: Asked[]
let shown: { pairingCode: string; expiresAt: string } | null
let refused: string | null
let id: string
let count = 0

beforeEach(async () => {
  shown = null
  refused = null
  id = `phone-${(count += 1)}`
  asked = answerFetch(({ method, path }) => {
    if (path.endsWith('/qr'))
      return {
        body: { status: 'awaiting-scan', qr: 'a-qr', expiresAt: inSeconds(600), pairingCode: shown },
      }
    if (path.endsWith('/pairing-code') && refused)
      return { status: 409, body: { status: 409, code: refused, title: '', detail: '' } }
    if (method === 'GET') return { body: { items: [...sessions.items], nextCursor: null } }
    return { status: 202, body: { id, revision: 2, position: null } }
  })
  await setLocale('en')
})
afterEach(() => {
  cleanup()
  sessions.forget()
})

const open = () => {
  sessions.put(aSession({ id, provider: 'baileys', status: 'awaiting-scan' }))
  render(() => <ScanDialog sessionId={id} onClose={() => undefined} />)
}
const push = (pairingCode: string, expiresAt = inSeconds(600)): void =>
  apply([
    {
      event: 'whatsappSession',
      push: { action: 'pairingCode', sessionId: id, pairingCode, expiresAt },
    },
  ])
const posts = () => asked.filter(({ method }) => method === 'POST')
const codeShown = (code: string) =>
  vi.waitFor(() => expect(screen.getByTestId('pairing-code').dataset['code']).toBe(code), WAIT)
const askFor = async (typed: string) => {
  fireEvent.click(await screen.findByTestId('link-by-phone'))
  const field = await screen.findByLabelText('Phone number of this WhatsApp', {}, WAIT)
  // Formatted once the numbering plans are there.
  await vi.waitFor(() => {
    fireEvent.input(field, { target: { value: typed } })
    expect((field as HTMLInputElement).value).toMatch(/ /)
  }, WAIT)
  fireEvent.submit(screen.getByTestId('phone-form'))
}

test('a number is formatted, told back with its country, asked for; its code is shown until it runs out', async () => {
  open()
  await askFor('+5511988887777')
  await vi.waitFor(() => expect(posts()).toHaveLength(1))
  expect(posts()[0]).toMatchObject({
    path: `/api/v1/sessions/${id}/pairing-code`,
    body: { phone: '+5511988887777' },
  })
  expect(await screen.findByText('Asking WhatsApp for a code…')).toBeTruthy()
  push('ABCD1234', inSeconds(125))
  await codeShown('ABCD1234')
  expect(screen.getByTestId('pairing-code').textContent).toContain('ABCD-1234')
  expect(screen.getByTestId('pairing-countdown').textContent).toMatch(/^Valid for another 2:0\d$/)
  expect(screen.getByText('For +55 11 98888 7777')).toBeTruthy()
  push('EFGH5678', inSeconds(-1))
  fireEvent.click(await screen.findByTestId('phone-code-again'))
  await vi.waitFor(() => expect(posts()).toHaveLength(2))
  expect(posts()[1]?.body).toEqual({ phone: '+5511988887777' })
})

test('back to the QR code, which is shown again', async () => {
  open()
  await askFor('+5511988887777')
  push('ABCD1234')
  await codeShown('ABCD1234')
  apply([
    {
      event: 'whatsappSession',
      push: { action: 'qr', sessionId: id, qr: 'of-the-new-line', expiresAt: inSeconds(600) },
    },
  ])
  fireEvent.click(screen.getByTestId('back-to-qr'))
  await vi.waitFor(() => expect(screen.getByTestId('qr').dataset['qr']).toBe('of-the-new-line'))
  expect(screen.queryByTestId('pairing-code')).toBeNull()
})

test('a number that no country knows is not asked for, and why is said', async () => {
  open()
  await askFor('+55 11 1')
  expect(await screen.findByText(/No country knows such a number/)).toBeTruthy()
  expect(posts()).toHaveLength(0)
})

test('a code that was asked for before is shown to who comes late', async () => {
  shown = { pairingCode: 'LATE1234', expiresAt: inSeconds(60) }
  open()
  await codeShown('LATE1234')
})

test('a refusal is told in words, and another try is there', async () => {
  refused = 'session-wrong-state'
  open()
  await askFor('+5511988887777')
  expect(await screen.findByText('The channel is in another state just now.')).toBeTruthy()
  refused = null
  fireEvent.submit(screen.getByTestId('phone-form'))
  await vi.waitFor(() => expect(posts()).toHaveLength(2))
})

test('a code that never comes is not waited for for ever', async () => {
  open()
  await askFor('+5511988887777')
  await screen.findByText('Asking WhatsApp for a code…')
  push('ABCD1234')
  await codeShown('ABCD1234')
  vi.useFakeTimers()
  try {
    fireEvent.click(screen.getByText('Another code'))
    await vi.advanceTimersByTimeAsync(25_000)
    expect(screen.getByText(/WhatsApp gave no code/)).toBeTruthy()
  } finally {
    vi.useRealTimers()
  }
})
