import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../../i18n/index.ts'
import { forgetThread, loadThread, threadOf } from '../../../stores/threads.ts'
import { answerFetch } from '../../../testing/fake-fetch.ts'
import { aTicket } from '../../../testing/samples.ts'
import ChoicesComposer from './composer.tsx'
import type { Limits } from './sheet.ts'

const LIMITS: Limits = {
  buttons: { max: 3, titleMax: 20, bodyMax: 1024 },
  list: { rowsMax: 10, sectionsMax: 10, titleMax: 24, descriptionMax: 72, openerMax: 20, bodyMax: 4096 },
}
const ticket = aTicket({ status: 'open', user: { id: 'user-1', name: 'Marina' } })
let closed = 0

beforeEach(async () => {
  localStorage.clear()
  closed = 0
  answerFetch(({ path, method }) =>
    method === 'POST'
      ? { status: 201, body: { id: 'sent-1', revision: 2, position: '2' } }
      : path.endsWith('/messages')
        ? { body: { items: [], nextCursor: null } }
        : { body: ticket },
  )
  await setLocale('en')
  forgetThread(ticket.id)
  await loadThread(ticket.id)
})
afterEach(cleanup)

const show = (limits = LIMITS) =>
  render(() => <ChoicesComposer ticket={ticket} limits={limits} onClose={() => closed++} />)
const titles = () => screen.getAllByTestId<HTMLInputElement>('choice-title')
const say = (field: Element, value: string) => fireEvent.input(field, { target: { value } })
const drafts = () => threadOf(ticket.id)?.drafts ?? []

test('by keys alone: Enter goes on, Backspace in an empty one goes back, Alt and an arrow moves', async () => {
  show()
  say(screen.getByTestId('choices-question'), 'Sure?')
  say(titles()[0]!, 'Yes')
  fireEvent.keyDown(titles()[0]!, { key: 'Enter' })
  await vi.waitFor(() => expect(document.activeElement).toBe(titles()[1]))
  say(titles()[1]!, 'No')
  fireEvent.keyDown(titles()[1]!, { key: 'Enter' })
  await vi.waitFor(() => expect(titles()).toHaveLength(3))
  await vi.waitFor(() => expect(document.activeElement).toBe(titles()[2]))
  fireEvent.keyDown(titles()[2]!, { key: 'Backspace' })
  await vi.waitFor(() => expect(document.activeElement).toBe(titles()[1]))
  expect(titles()).toHaveLength(2)
  fireEvent.keyDown(titles()[1]!, { key: 'ArrowUp', altKey: true })
  expect(titles().map(({ value }) => value)).toEqual(['No', 'Yes'])
  fireEvent.keyDown(titles()[1]!, { key: 'Enter', ctrlKey: true })
  expect(closed).toBe(1)
  expect(drafts()).toMatchObject([
    { body: 'Sure?', interactive: { type: 'buttons', buttons: [{ title: 'No' }, { title: 'Yes' }] } },
  ])
})

test('no more than the channel takes, and nothing goes before all is right', async () => {
  show()
  for (let count = 0; count < 4; count++) fireEvent.click(screen.getByTestId('choices-add'))
  expect(titles()).toHaveLength(3)
  expect(screen.getByTestId<HTMLButtonElement>('choices-add').disabled).toBe(true)
  say(titles()[0]!, 'x'.repeat(21))
  await screen.findByText('At most 20 characters; these are 21.')
  expect(screen.queryByText('This is missing.')).toBeNull()
  fireEvent.click(screen.getByTestId('choices-send'))
  expect(screen.getAllByText('This is missing.')).toHaveLength(3)
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('choices-question')))
  expect([closed, drafts()]).toEqual([0, []])
})

test('what was begun is there when it is opened again, and gone once it was sent', () => {
  const first = show()
  say(screen.getByTestId('choices-question'), 'Sure?')
  say(titles()[0]!, 'Yes')
  first.unmount()
  const second = show()
  expect(titles().map(({ value }) => value)).toEqual(['Yes', ''])
  say(titles()[1]!, 'No')
  fireEvent.click(screen.getByTestId('choices-send'))
  second.unmount()
  show()
  expect(titles().map(({ value }) => value)).toEqual(['', ''])
})

test('a channel without lists offers none', () => {
  const first = show({ ...LIMITS, list: null })
  expect(screen.queryByTestId('tab-list')).toBeNull()
  first.unmount()
  show()
  fireEvent.click(screen.getByTestId('tab-list'))
  screen.getByTestId('choices-opener')
})
