import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { createSignal } from 'solid-js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HistoryEntry } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aSession } from '../../testing/samples.ts'
import { SessionHistory } from './session-history.tsx'
import { StateChart } from './state-chart.tsx'

const entry = (revision: number, type: string, data: HistoryEntry['data'] = {}): HistoryEntry => ({
  revision,
  id: `fact-${revision}`,
  type,
  at: '2026-03-01T12:00:00.000Z',
  actor: { kind: 'user', id: 'user-1', name: 'Marina' },
  commandId: 'c',
  causationId: null,
  correlationId: 'c',
  rule: null,
  data,
})
let log: HistoryEntry[]
let status: number

beforeEach(async () => {
  status = 200
  log = [
    entry(5, 'session.gapRecorded', { from: '2026-03-01T12:00:00.000Z', to: '2026-03-01T12:01:00.000Z' }),
    entry(4, 'session.connected', { account: null }),
    entry(3, 'session.disconnected', { reason: 'connection-lost', code: '408' }),
    entry(2, 'session.owned', { node: 'node-a' }),
    entry(1, 'session.startRequested'),
    entry(0, 'session.created'),
  ]
  answerFetch(({ query }) => {
    if (status !== 200) return { status, body: { status, code: 'forbidden', title: '', detail: '' } }
    const before = Number(query.get('cursor') ?? Infinity)
    const rest = log.filter(({ revision }) => revision < before)
    const items = rest.slice(0, 4)
    return { body: { items, nextCursor: rest.length > 4 ? String(items.at(-1)?.revision) : null } }
  })
  await setLocale('en')
})
afterEach(cleanup)
const told = () => screen.getAllByTestId('session-history-entry').map(row => row.dataset['type'])

test('the past is told in words, newest first, and older on demand', async () => {
  render(() => <SessionHistory sessionId="s" revision={5} />)
  expect(await screen.findByText(/Connection lost: the connection was lost/)).toBeTruthy()
  expect(screen.getByText(/code 408/)).toBeTruthy()
  expect(screen.getByText('Server node-a took it over')).toBeTruthy()
  fireEvent.click(screen.getByText('Show older'))
  expect(await screen.findByText('Marina created the channel')).toBeTruthy()
  expect(screen.queryByText('Show older')).toBeNull()
  expect(told()).toHaveLength(6)
})

test('interruptions can be looked at alone', async () => {
  render(() => <SessionHistory sessionId="s" revision={5} />)
  fireEvent.click(await screen.findByText('Interruptions'))
  await screen.findByText(/Offline from/)
  expect(told()).toEqual(['session.gapRecorded', 'session.disconnected'])
})

test('a past that could not be had is told as that, and is no interruption', async () => {
  const [from, to] = ['2026-03-01T12:00:00.000Z', '2026-03-01T12:01:00.000Z']
  log = [entry(6, 'session.gapRecorded', { from, to, of: 'history' }), ...log]
  render(() => <SessionHistory sessionId="s" revision={6} />)
  expect(await screen.findByText(/^Part of the earlier conversations/)).toBeTruthy()
  fireEvent.click(screen.getByText('Interruptions'))
  await screen.findByText(/Offline from/)
  expect(told()).toEqual(['session.gapRecorded', 'session.disconnected'])
})

test('what happens meanwhile comes on top', async () => {
  const [revision, setRevision] = createSignal(5)
  render(() => <SessionHistory sessionId="s" revision={revision()} />)
  await screen.findByText(/Offline from/)
  log = [entry(6, 'session.stopped', { reason: 'stopped by an admin' }), ...log]
  setRevision(6)
  expect(await screen.findByText('Stopped: stopped by an admin')).toBeTruthy()
  expect(told()).toHaveLength(5)
})

test('a past that cannot be read says why, with another try', async () => {
  status = 403
  render(() => <SessionHistory sessionId="s" revision={5} />)
  const retry = await screen.findByText('Try again')
  status = 200
  fireEvent.click(retry)
  await vi.waitFor(() => expect(told()).toHaveLength(4))
})

test('the chart lights the present state, says it in words, and knows no scan where none is', () => {
  render(() => <StateChart session={aSession({ provider: 'cloud', status: 'reconnecting' })} />)
  const chart = screen.getByTestId('state-chart')
  expect(chart.querySelector('[aria-current="step"]')?.textContent).toBe('Reconnecting')
  expect(chart.textContent).toContain('It is tried again by itself')
  expect(chart.textContent).toContain('From here it can become: Connected,')
  expect(chart.textContent).not.toContain('Waiting for a scan')
})

test('an arrow follows its state, so that no broken row begins with one', () => {
  render(() => <StateChart session={aSession({ provider: 'baileys', status: 'connected' })} />)
  const steps = [...screen.getByTestId('state-chart').querySelectorAll('ol > li')]
  expect(steps).toHaveLength(6)
  for (const step of steps) expect(step.firstElementChild?.tagName).toBe('SPAN')
  expect(steps.map(step => step.querySelectorAll('svg').length)).toEqual([1, 1, 1, 1, 2, 0])
  expect(steps.every(step => step.firstElementChild?.querySelector('svg') === null)).toBe(true)
})
