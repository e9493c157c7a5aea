import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { sessions } from '../../stores/directory.ts'
import { apply } from '../../sync/apply.ts'
import { answerFetch, type Asked } from '../../testing/fake-fetch.ts'
import { aSession } from '../../testing/samples.ts'
import { ScanDialog } from './scan-dialog.tsx'

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
let asked: Asked[]
let shown: { qr: string | null; expiresAt: string | null }
let revision = 0

beforeEach(async () => {
  shown = { qr: null, expiresAt: null }
  asked = answerFetch(({ method, path }) => {
    if (path.endsWith('/qr')) return { body: { status: 'awaiting-scan', ...shown } }
    if (method === 'GET') return { body: { items: [...sessions.items], nextCursor: null } }
    return { body: { id: 'link-1', revision: 2, position: '2' } }
  })
  await setLocale('en')
})
afterEach(() => {
  cleanup()
  sessions.forget()
})

const become = (change: Parameters<typeof aSession>[0]): void =>
  sessions.put(aSession({ id: 'link-1', provider: 'baileys', revision: (revision += 1), ...change }))
const open = (change: Parameters<typeof aSession>[0]) => {
  become(change)
  return render(() => <ScanDialog sessionId="link-1" onClose={() => undefined} />)
}
const push = (qr: string, expiresAt: string): void =>
  apply([{ event: 'whatsappSession', push: { action: 'qr', sessionId: 'link-1', qr, expiresAt } }])
const drawn = (qr: string) =>
  vi.waitFor(() => expect(screen.getByTestId('qr').getAttribute('data-qr')).toBe(qr))

test('the code that is already shown is asked for; each pushed one replaces it, and says how long it lasts', async () => {
  shown = { qr: 'asked', expiresAt: inSeconds(600) }
  open({ status: 'awaiting-scan' })
  await drawn('asked')
  push('pushed', inSeconds(900))
  await drawn('pushed')
  expect(screen.getByTestId('qr-countdown').textContent).toMatch(/^A new code in \d+ s$/)
  expect(screen.getByTestId('qr').querySelector('path')?.getAttribute('d')).toMatch(/^M\d+ \d+h1/)
})

test('a code that ran out is not shown to be read', async () => {
  open({ status: 'awaiting-scan' })
  push('old', inSeconds(-1))
  await vi.waitFor(() => expect(screen.getAllByText(/has run out/)).not.toHaveLength(0))
  expect(screen.queryByTestId('qr')).toBeNull()
})

test('after five unread codes it says so, and starts again', async () => {
  open({ status: 'stopped', reason: 'qr-unread' })
  expect(await screen.findByText('No code was read')).toBeTruthy()
  fireEvent.click(screen.getByTestId('scan-again'))
  await vi.waitFor(() =>
    expect(asked.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
      '/api/v1/sessions/link-1/start',
    ]),
  )
})

test('being read, loading and being connected are told, with the number', async () => {
  open({ status: 'syncing' })
  expect((await screen.findAllByText(/Loading the account/)).length).toBeGreaterThan(0)
  become({ status: 'connected', account: '5511988887777' })
  expect(await screen.findByText(/\+55 11 98888-7777 is linked/)).toBeTruthy()
})

test('what ended it is told in words', async () => {
  open({ status: 'logged-out', reason: 'logged-out' })
  expect(await screen.findByText('Reason: unlinked on the phone.')).toBeTruthy()
})
