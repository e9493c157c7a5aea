import { cleanup, fireEvent, render, screen, within } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { learnAbilities } from '../../stores/abilities.ts'
import { forgetAttachments } from '../../stores/attachments.ts'
import { signIn } from '../../stores/auth.ts'
import { forgetThreads, loadThread, threadOf } from '../../stores/threads.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { holdUploads, type FakeUpload } from '../../testing/fake-upload.ts'
import { aTicket, aUser, capabilities } from '../../testing/samples.ts'
import { Composer } from './composer.tsx'

const MIB = 1024 * 1024
const mine = aTicket({ status: 'open', user: { id: 'user-1', name: 'Marina' } })
let asked: ReturnType<typeof answerFetch>
let uploads: FakeUpload[]
let refusal: unknown
let settings: { status?: number; body: unknown }
const settingsOf = (chosen: { outboundMediaBytesMax?: number; largeFilesAsLinks?: boolean }) => ({
  outboundMediaBytesMax: null,
  largeFilesAsLinks: false,
  bounds: { mediaBytesMin: 64 * 1024, mediaBytesMax: 2 * MIB },
  ...chosen,
})
/** What is loaded when it is needed takes its time on a busy machine. */
const PATIENCE = { timeout: 15_000 }
const soon = (check: () => void) => vi.waitFor(check, PATIENCE)

beforeEach(async () => {
  localStorage.clear()
  uploads = holdUploads()
  refusal = undefined
  settings = { body: settingsOf({}) }
  asked = answerFetch(({ path, method }) => {
    if (path === '/api/v1/settings') return settings
    if (path === '/api/v1/auth/login') return { body: { accessToken: 't', user: aUser() } }
    if (method !== 'POST' && path.endsWith('/messages')) return { body: { items: [], nextCursor: null } }
    if (refusal) return { status: 409, body: refusal }
    return { status: 201, body: { id: `sent-${asked.length}`, revision: 2, position: '2' } }
  })
  await setLocale('en')
  await signIn({ email: 'a@example.com', password: 'secret' })
  learnAbilities('simulator', capabilities({ mediaBytesMax: { document: 100 } }))
  await loadThread('ticket-1')
})
afterEach(() => {
  cleanup()
  forgetAttachments()
  forgetThreads()
})

const show = () => render(() => <Composer ticket={mine} quoted={undefined} onQuote={() => undefined} />)
const input = () => screen.getByTestId<HTMLTextAreaElement>('composer-input')
const rows = () => screen.findAllByTestId('attachment', {}, PATIENCE)
const file = (name: string, type: string, size = 3) => new File(['x'.repeat(size)], name, { type })
const pick = (...files: File[]) => fireEvent.change(screen.getByTestId('attach-input'), { target: { files } })
const kept = (id: string, mime: string, kind: string) => ({ id, mime, size: 3, name: `${id}.bin`, kind })
const sent = () =>
  asked.filter(one => one.method === 'POST' && one.path.endsWith('/messages')).map(one => one.body)
const uploading = (count: number) => soon(() => expect(uploads).toHaveLength(count))

test('files go in order, the words with the first that carries them, once everything is uploaded', async () => {
  show()
  pick(file('a.mp3', 'audio/mpeg'), file('b.png', 'image/png'))
  await uploading(2)
  fireEvent.input(input(), { target: { value: 'Look' } })
  uploads[0]?.progress(0.5)
  await soon(() => expect(screen.getAllByRole('progressbar')[0]?.getAttribute('aria-valuenow')).toBe('50'))
  fireEvent.keyDown(input(), { key: 'Enter' })
  expect(sent()).toEqual([])
  // The later one is there first; the order stays.
  uploads[1]?.answer(201, kept('up-b', 'image/png', 'image'))
  uploads[0]?.answer(201, kept('up-a', 'audio/mpeg', 'audio'))
  await soon(() =>
    expect(sent()).toEqual([
      { uploadId: 'up-a', kind: 'audio' },
      { uploadId: 'up-b', kind: 'image', body: 'Look' },
    ]),
  )
  expect(screen.queryByTestId('attachment')).toBeNull()
  expect(input().value).toBe('')
})

test('a failed upload keeps the words and is tried again under the same key', async () => {
  show()
  pick(file('b.png', 'image/png'))
  await uploading(1)
  fireEvent.input(input(), { target: { value: 'Look' } })
  uploads[0]?.answer(503, { code: 'store-unavailable' })
  const failed = (await rows())[0] as HTMLElement
  await within(failed).findByRole('alert', {}, PATIENCE)
  fireEvent.keyDown(input(), { key: 'Enter' })
  expect(input().value).toBe('Look')
  fireEvent.click(within(failed).getByRole('button', { name: 'Upload b.png again' }))
  await uploading(2)
  expect(uploads[1]?.headers['idempotency-key']).toBe(uploads[0]?.headers['idempotency-key'])
})

test.each([
  ['malware-found', 422, { found: 'Eicar-Test-Signature' }, /Eicar-Test-Signature/],
  ['too-large', 413, { max: 2 * 1024 * 1024 }, /2 MB at most/],
])(
  '%s: the composer says what exactly, and does not offer to try again',
  async (code, status, data, words) => {
    show()
    pick(file('b.png', 'image/png'))
    await uploading(1)
    uploads[0]?.answer(status, { code, data })
    const refused = (await rows())[0] as HTMLElement
    expect((await within(refused).findByRole('alert', {}, PATIENCE)).textContent).toMatch(words)
    expect(within(refused).queryByRole('button', { name: 'Upload b.png again' })).toBeNull()
    expect(screen.getByTestId<HTMLButtonElement>('composer-send').disabled).toBe(true)
  },
)

test('what the channel cannot carry is said and never uploaded; removing stops an upload', async () => {
  show()
  pick(file('big.zip', 'application/zip', 200), file('b.png', 'image/png'))
  const [big, picture] = (await rows()) as [HTMLElement, HTMLElement]
  expect(within(big).getByRole('alert').textContent).toContain('Too large')
  await uploading(1)
  expect(uploads[0]?.name).toBe('b.png')
  expect(screen.getByTestId<HTMLButtonElement>('composer-send').disabled).toBe(true)
  fireEvent.click(within(picture).getByRole('button', { name: 'Remove b.png' }))
  expect(uploads[0]?.aborted).toBe(true)
  fireEvent.click(within(big).getByRole('button', { name: 'Remove big.zip' }))
  expect(screen.queryByTestId('attachment')).toBeNull()
})

test('a channel without files offers none', () => {
  learnAbilities('simulator', capabilities({ kinds: ['text'] }))
  show()
  expect(screen.queryByTestId('attach')).toBeNull()
})

test('a closed window is explained where the answer is written, and the words stay in their bubble', async () => {
  show()
  refusal = { code: 'window-closed', hours: 24, lastInboundAt: '2026-03-01T12:00:00.000Z' }
  fireEvent.input(input(), { target: { value: 'Hello?' } })
  fireEvent.keyDown(input(), { key: 'Enter' })
  expect((await screen.findByTestId('window-closed', {}, PATIENCE)).textContent).toContain('24 hours')
  expect(threadOf('ticket-1')?.drafts.map(draft => draft.body)).toEqual(['Hello?'])
})

test.each([true, false])(
  'what is too large for the channel goes as a link, if the company wants: %s',
  async wanted => {
    settings = { body: settingsOf({ largeFilesAsLinks: wanted }) }
    show()
    pick(file('plan.pdf', 'application/pdf', 101))
    await soon(() => expect(asked.some(({ path }) => path === '/api/v1/settings')).toBe(true))
    if (!wanted) {
      await soon(() => expect(screen.getByTestId('attachment').dataset['state']).toBe('refused'))
      expect(uploads).toHaveLength(0)
      return
    }
    await uploading(1)
    within(screen.getByTestId('attachment')).getByText(/Goes as a link/)
    uploads[0]?.answer(201, { ...kept('plan', 'application/pdf', 'document'), size: 101 })
    await soon(() => expect(screen.getByTestId('attachment').dataset['state']).toBe('ready'))
    fireEvent.click(screen.getByTestId('composer-send'))
    await soon(() => expect(sent()).toEqual([{ uploadId: 'plan', kind: 'document' }]))
  },
)

test.each([
  ['the installation', {}, 2 * MIB + 1, '2 MB'],
  ['the company', { outboundMediaBytesMax: MIB }, MIB + 1, '1 MB'],
])(
  'what is over the limit of %s is said with it, and neither uploaded nor made a link',
  async (_, chosen, size, most) => {
    settings = { body: settingsOf({ ...chosen, largeFilesAsLinks: true }) }
    show()
    pick(
      file('b.png', 'image/png', size),
      file('plan.pdf', 'application/pdf', size),
      file('a.png', 'image/png', 70_000),
    )
    await uploading(1)
    expect(uploads[0]?.name).toBe('a.png')
    await soon(() =>
      expect(screen.getAllByRole('alert').map(one => one.textContent)).toEqual(
        Array(2).fill(`Too large: your company sends files of ${most} at most.`),
      ),
    )
  },
)

test('where nobody says the limit, the upload finds it out', async () => {
  settings = { status: 503, body: { code: 'store-unavailable' } }
  show()
  pick(file('b.png', 'image/png', 3 * MIB))
  await uploading(1)
})
