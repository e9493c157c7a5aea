import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProjectionsStatus, RebuildStatus } from '../api/index.ts'
import type { User } from '../../../src/realtime/protocol.ts'
import { setLocale } from '../i18n/index.ts'
import { signIn } from '../stores/auth.ts'
import { answerFetch, type Asked } from '../testing/fake-fetch.ts'
import System from './system.tsx'

type Role = User['role']

const rebuild: RebuildStatus = {
  state: 'reading',
  reason: 'asked',
  factsDone: 250,
  factsTotal: 1000,
  factsPerSecond: 50,
  etaSeconds: 15,
  error: null,
  startedAt: '2026-03-01T12:00:00.000Z',
  updatedAt: '2026-03-01T12:00:00.000Z',
  endedAt: null,
}
let role: Role
let status: ProjectionsStatus
let asked: Asked[]

const enterAs = async (as: Role): Promise<void> => {
  role = as
  await signIn({ email: 'me@example.com', password: 'secret' })
  asked.length = 0
}

beforeEach(async () => {
  status = {
    position: 'p',
    generation: 1,
    lagSeconds: 0,
    behind: 0,
    projections: [{ name: 'ticket', version: 1, position: 'p', poisoned: 0 }],
    poisoned: [],
    rebuild: null,
  }
  asked = answerFetch(({ method, path }) => {
    if (path.endsWith('/login')) return { body: { accessToken: 't', user: { id: 'u', role } } }
    if (method === 'POST') status = { ...status, rebuild }
    return { body: method === 'POST' ? rebuild : status }
  })
  await setLocale('en')
  await enterAs('super-admin')
})
afterEach(cleanup)

test('all is well: up to date, and nothing left out', async () => {
  render(() => <System />)
  expect((await screen.findByTestId('lag')).textContent).toBe('Up to date')
  expect(screen.getByText('Every fact is shown')).toBeTruthy()
})

test('a fact that could not be shown is named with its stream and reason', async () => {
  status = {
    ...status,
    poisoned: [
      {
        eventId: 'e1',
        stream: 'ticket-c.t',
        revision: 3,
        position: 'p',
        type: 'ticket.teleported',
        readModel: 'all',
        reason: 'unknown type',
        at: '2026-03-01T12:00:00.000Z',
      },
    ],
  }
  render(() => <System />)
  const row = await screen.findByTestId('poisoned-row')
  expect(row.textContent).toContain('ticket.teleported')
  expect(row.textContent).toContain('ticket-c.t@3')
  expect(row.textContent).toContain('unknown type')
})

test('making again asks first, then shows how far it is, and cannot be asked for twice', async () => {
  render(() => <System />)
  await screen.findByTestId('lag')
  fireEvent.click(screen.getByTestId('rebuild'))
  expect(asked.some(({ method }) => method === 'POST')).toBe(false)
  const [, confirm] = await screen.findAllByRole('button', { name: 'Make again', hidden: true })
  fireEvent.click(confirm!)
  await vi.waitFor(() =>
    expect(screen.getByRole('progressbar', { hidden: true }).getAttribute('aria-valuenow')).toBe('25'),
  )
  expect(screen.getByTestId('rebuild-state').textContent).toContain('250 of 1,000 facts, 50/s')
  expect(asked.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/').at(-1))).toEqual([
    'rebuild',
  ])
  expect((screen.getByTestId('rebuild') as HTMLButtonElement).disabled).toBe(true)
})

test("a company's admin sees how they are, and is not offered to make them again", async () => {
  await enterAs('admin')
  render(() => <System />)
  await screen.findByTestId('lag')
  expect(screen.queryByTestId('rebuild')).toBeNull()
})

test('one that failed says why', async () => {
  status = { ...status, rebuild: { ...rebuild, state: 'failed', error: 'disk full' } }
  render(() => <System />)
  expect((await screen.findByTestId('rebuild-state')).textContent).toContain('disk full')
})
