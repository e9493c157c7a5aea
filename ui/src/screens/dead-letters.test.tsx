import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DeadLetter } from '../api/index.ts'
import { setLocale } from '../i18n/index.ts'
import { answerFetch, type Asked } from '../testing/fake-fetch.ts'
import DeadLetters from './dead-letters.tsx'

const letter: DeadLetter = {
  id: '00000000-0000-8000-8000-000000000001',
  source: 'webhook:whatsapp',
  reason: 'no session has the number 77',
  sessionId: null,
  status: 'waiting',
  attempts: 0,
  lastError: null,
  revision: 0,
  createdAt: '2026-03-01T12:00:00.000Z',
  updatedAt: '2026-03-01T12:00:00.000Z',
}
let kept: DeadLetter[]
let afterRetry: Partial<DeadLetter>
let asked: Asked[]
const posts = () => asked.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/').at(-1))

beforeEach(async () => {
  kept = [letter]
  afterRetry = { status: 'processed', attempts: 1 }
  asked = answerFetch(({ method, path, query }) => {
    if (method === 'POST') {
      const change: Partial<DeadLetter> = path.endsWith('/drop') ? { status: 'dropped' } : afterRetry
      kept = kept.map(one => ({ ...one, ...change, revision: one.revision + 1 }))
      return { body: { id: letter.id, revision: 1, position: 'p1' } }
    }
    if (path.endsWith('/dead-letters'))
      return {
        body: { items: kept.filter(({ status }) => status === query.get('status')), nextCursor: null },
      }
    if (path.endsWith('/quarantine')) return { body: { items: [], nextCursor: null } }
    return { body: { ...kept[0], payload: '{"items":[{"text":"oi"}]}', payloadCut: false } }
  })
  await setLocale('en')
})
afterEach(cleanup)

const open = async () => {
  render(() => <DeadLetters />)
  const row = await screen.findByTestId('dead-letter-row')
  fireEvent.click(row.querySelector('button')!)
  return screen.findByTestId('dead-letter-payload')
}

test('nothing waiting says that all is well', async () => {
  kept = []
  render(() => <DeadLetters />)
  expect(await screen.findByText('Everything was processed')).toBeTruthy()
})

test('a letter shows its reason and its payload, readable', async () => {
  const payload = await open()
  expect(payload.textContent).toBe('{\n  "items": [\n    {\n      "text": "oi"\n    }\n  ]\n}')
  expect(screen.getAllByText('no session has the number 77').length).toBeGreaterThan(0)
})

test('one that is processed leaves the list', async () => {
  await open()
  fireEvent.click(screen.getByTestId('dead-letter-retry'))
  await vi.waitFor(() => expect(screen.queryByTestId('dead-letter-row')).toBeNull())
  expect(posts()).toEqual(['retry'])
  expect(screen.queryByTestId('dead-letter-payload')).toBeNull()
})

test('one that fails again stays open and says why', async () => {
  afterRetry = { attempts: 1, lastError: 'still nobody has it' }
  await open()
  fireEvent.click(screen.getByTestId('dead-letter-retry'))
  expect((await screen.findByTestId('dead-letter-error')).textContent).toBe('still nobody has it')
  await vi.waitFor(() =>
    expect(screen.getByTestId('dead-letter-row').textContent).toContain('still nobody has it'),
  )
})

test('dropping asks first', async () => {
  await open()
  fireEvent.click(screen.getByTestId('dead-letter-drop'))
  expect(posts()).toEqual([])
  fireEvent.click(screen.getByTestId('dead-letter-drop'))
  await vi.waitFor(() => expect(screen.queryByTestId('dead-letter-row')).toBeNull())
  expect(posts()).toEqual(['drop'])
  fireEvent.click(screen.getByTestId('dead-letters-dropped'))
  expect(await screen.findByTestId('dead-letter-row')).toBeTruthy()
})
