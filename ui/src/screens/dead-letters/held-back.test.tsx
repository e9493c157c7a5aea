import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { QuarantinedActor } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch, type Asked } from '../../testing/fake-fetch.ts'
import { HeldBack } from './held-back.tsx'

const actor: QuarantinedActor = {
  type: 'ticket',
  id: '00000000-0000-8000-8000-000000000001',
  reason: 'UndecodableEvent: unknown type',
  since: '2026-03-01T12:00:00.000Z',
  failures: 4,
}
let held: QuarantinedActor[]
let broken: boolean
let repaired: boolean
let asked: Asked[]
let recovered: number

beforeEach(async () => {
  held = [actor]
  broken = false
  repaired = true
  recovered = 0
  asked = answerFetch(({ method }) => {
    if (broken) return { status: 503, body: { code: 'store-unavailable' } }
    if (method !== 'POST') return { body: { items: held, nextCursor: null } }
    if (repaired) held = []
    return { body: { recovered: repaired, reason: repaired ? null : 'the same again' } }
  })
  await setLocale('en')
})
afterEach(cleanup)
const show = () => render(() => <HeldBack onRecovered={() => recovered++} />)

test('says when nothing is held back', async () => {
  held = []
  show()
  expect(await screen.findByText('Nothing is held back')).toBeTruthy()
})

test('shows what is held back and why; what recovers goes', async () => {
  show()
  const row = await screen.findByTestId('held-back-row')
  expect(row.textContent).toContain('UndecodableEvent: unknown type')
  fireEvent.click(screen.getByTestId('held-back-retry'))
  expect(await screen.findByText('Nothing is held back')).toBeTruthy()
  expect(
    asked.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/quarantine/')[1]),
  ).toEqual([`ticket/${actor.id}/retry`])
  expect(recovered).toBe(1)
})

test('what fails again stays', async () => {
  repaired = false
  show()
  fireEvent.click(await screen.findByTestId('held-back-retry'))
  await vi.waitFor(() => expect(asked).toHaveLength(3))
  expect(await screen.findByTestId('held-back-row')).toBeTruthy()
  expect(recovered).toBe(0)
})

test('a list that cannot be read says so, and can be asked for again', async () => {
  broken = true
  show()
  const again = await screen.findByRole('button', { name: 'Try again' })
  broken = false
  fireEvent.click(again)
  expect(await screen.findByTestId('held-back-row')).toBeTruthy()
})
