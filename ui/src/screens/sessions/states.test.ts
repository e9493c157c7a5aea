import { expect, test } from 'vitest'
import { aSession } from '../../testing/samples.ts'
import { byTrouble } from './states.ts'

test('what needs a person comes first, what works by itself last, by name among equals', () => {
  const named = (name: string, status: Parameters<typeof aSession>[0]) =>
    aSession({ name, id: name, ...status })
  const sessions = [
    named('well B', { status: 'connected' }),
    named('never started', { status: 'created' }),
    named('well A', { status: 'connected' }),
    named('unwell', { status: 'connected' }),
    named('lost', { status: 'reconnecting' }),
    named('banned', { status: 'restricted' }),
    named('waits', { status: 'awaiting-scan' }),
  ]
  expect(byTrouble(sessions, ({ name }) => name === 'unwell').map(({ name }) => name)).toEqual([
    'banned',
    'lost',
    'waits',
    'unwell',
    'never started',
    'well A',
    'well B',
  ])
})
