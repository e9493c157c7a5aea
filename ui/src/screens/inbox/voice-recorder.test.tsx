import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { learnAbilities } from '../../stores/abilities.ts'
import { forgetAttachments } from '../../stores/attachments.ts'
import { signIn } from '../../stores/auth.ts'
import { forgetThreads, loadThread } from '../../stores/threads.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { holdUploads, type FakeUpload } from '../../testing/fake-upload.ts'
import { aTicket, aUser, capabilities } from '../../testing/samples.ts'
import { Composer } from './composer.tsx'

const mine = aTicket({ status: 'open', user: { id: 'user-1', name: 'Marina' } })
const PATIENCE = { timeout: 15_000 }
const soon = (check: () => void) => vi.waitFor(check, PATIENCE)
const channel = capabilities({ kinds: ['text', 'audio', 'voice', 'document'] })

let asked: ReturnType<typeof answerFetch>
let uploads: FakeUpload[]
let released: number
let refusesMicrophone: boolean

/** Stands where the browser's recorder does: says two pieces, and ends when told. */
class HeldRecorder extends EventTarget {
  static isTypeSupported = (mime: string) => mime.startsWith('audio/webm')
  state = 'inactive'
  readonly stream: unknown
  readonly mimeType: string
  constructor(stream: unknown, options: { mimeType: string }) {
    super()
    this.stream = stream
    this.mimeType = options.mimeType
  }
  start() {
    this.state = 'recording'
  }
  stop() {
    this.state = 'inactive'
    for (const piece of ['spoken ', 'words'])
      this.dispatchEvent(Object.assign(new Event('dataavailable'), { data: new Blob([piece]) }))
    this.dispatchEvent(new Event('stop'))
  }
}

beforeEach(async () => {
  localStorage.clear()
  uploads = holdUploads()
  released = 0
  refusesMicrophone = false
  vi.stubGlobal('MediaRecorder', HeldRecorder)
  Object.defineProperty(navigator, 'mediaDevices', {
    configurable: true,
    value: {
      getUserMedia: async () => {
        if (refusesMicrophone) throw new DOMException('no', 'NotAllowedError')
        return { getTracks: () => [{ stop: () => released++ }] }
      },
    },
  })
  asked = answerFetch(({ path, method }) => {
    if (path === '/api/v1/auth/login') return { body: { accessToken: 't', user: aUser() } }
    if (method !== 'POST' && path.endsWith('/messages')) return { body: { items: [], nextCursor: null } }
    return { status: 201, body: { id: `sent-${asked.length}`, revision: 2, position: '2' } }
  })
  await setLocale('en')
  await signIn({ email: 'a@example.com', password: 'secret' })
  learnAbilities('simulator', channel)
  await loadThread('ticket-1')
})
afterEach(() => {
  cleanup()
  forgetAttachments()
  forgetThreads()
  vi.unstubAllGlobals()
  Reflect.deleteProperty(navigator, 'mediaDevices')
})

const show = () => render(() => <Composer ticket={mine} quoted={undefined} onQuote={() => undefined} />)
const recording = () => screen.findByTestId('voice-recorder', {}, PATIENCE)
/** As soon as the microphone is there; before, there is nothing to send. */
const sendIt = () =>
  soon(() => {
    const button = screen.queryByTestId('voice-send')
    if (button) fireEvent.click(button)
    expect(uploads).toHaveLength(1)
  })
const sent = () =>
  asked.filter(one => one.method === 'POST' && one.path.endsWith('/messages')).map(one => one.body)

test('what is spoken goes as a voice note once it is uploaded, and the microphone is let go', async () => {
  show()
  fireEvent.click(screen.getByTestId('voice-record'))
  await recording()
  expect(screen.getByTestId('voice-time').textContent).toBe('0:00')
  expect(document.activeElement).toBe(screen.getByTestId('voice-send'))
  await sendIt()
  expect(uploads[0]?.name).toBe('voice.ogg')
  expect(released).toBe(1)
  const kept = {
    id: 'up-v',
    mime: 'audio/ogg; codecs=opus',
    size: 3,
    name: 'voice.ogg',
    kind: 'voice',
    seconds: 2,
  }
  uploads[0]?.answer(201, kept)
  await soon(() => expect(sent()).toEqual([{ uploadId: 'up-v', kind: 'voice' }]))
})

test('what Safari records is known by its bytes, and goes as sound', async () => {
  show()
  fireEvent.click(screen.getByTestId('voice-record'))
  await recording()
  await sendIt()
  uploads[0]?.answer(201, { id: 'up-m', mime: 'audio/mp4', size: 3, name: 'voice.m4a', kind: 'audio' })
  await soon(() => expect(sent()).toEqual([{ uploadId: 'up-m', kind: 'audio' }]))
})

test('Escape discards it, and focus goes back to the words', async () => {
  show()
  fireEvent.click(screen.getByTestId('voice-record'))
  fireEvent.keyDown(await recording(), { key: 'Escape' })
  expect(screen.queryByTestId('voice-recorder')).toBeNull()
  expect(document.activeElement).toBe(screen.getByTestId('composer-input'))
  await soon(() => expect(released).toBe(1))
  expect(uploads).toEqual([])
})

test('without leave to hear nothing is recorded, and that is said', async () => {
  refusesMicrophone = true
  show()
  fireEvent.click(screen.getByTestId('voice-record'))
  await soon(() => expect(screen.queryByTestId('voice-record')).toBeTruthy())
  expect(uploads).toEqual([])
})

test('it is for channels that carry voice notes, and for an empty line', () => {
  show()
  fireEvent.input(screen.getByTestId('composer-input'), { target: { value: 'words' } })
  expect(screen.getByTestId<HTMLButtonElement>('voice-record').disabled).toBe(true)
  cleanup()
  learnAbilities('simulator', capabilities({}))
  show()
  expect(screen.queryByTestId('voice-record')).toBeNull()
})
