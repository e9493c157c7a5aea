import { cleanup, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HistoryEntry } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aUser } from '../../testing/samples.ts'
import Past from './past.tsx'
import { en } from './words/en.ts'
import { es } from './words/es.ts'
import { pt } from './words/pt.ts'

const entry = (change: Partial<HistoryEntry>): HistoryEntry => ({
  revision: 0,
  id: 'e0',
  type: 'user.created',
  at: '2026-03-01T12:00:00.000Z',
  actor: { kind: 'user', id: 'user-2', name: 'Ana' },
  commandId: 'c',
  causationId: null,
  correlationId: 'r',
  rule: null,
  data: {},
  ...change,
})

beforeEach(() => setLocale('en'))
afterEach(cleanup)

test('a refused upload says which file and what was found; a type that nobody knows here is named as it is', async () => {
  answerFetch(() => ({
    body: {
      items: [
        entry({
          id: 'e2',
          type: 'user.uploadRefused',
          data: { found: 'Eicar-Test-Signature', personal: { fileName: 'invoice.pdf' } },
        }),
        entry({ id: 'e1', type: 'user.teleported' }),
        entry({ id: 'e0', actor: { kind: 'system', id: 'first-run', name: null } }),
      ],
      nextCursor: null,
    },
  }))
  render(() => <Past user={aUser()} onClose={() => undefined} />)
  const lines = (await screen.findAllByTestId('user-past')).map(line => line.textContent)
  expect(lines[0]).toContain('malware in invoice.pdf (Eicar-Test-Signature)')
  expect(lines[0]).toContain('by Ana')
  expect(lines[1]).toContain('user.teleported')
  expect(lines[2]).toContain('by the server')
})

const names = (text: string): string[] =>
  [...text.matchAll(/\{\{ (\w+) \}\}/g)].map(match => match[1] ?? '').sort()
test.each([
  ['pt', pt],
  ['es', es],
])('every text is there and names what the English one names: %s', (_, words) => {
  for (const [key, text] of Object.entries(en))
    expect(names(words[key as keyof typeof en]), key).toEqual(names(text))
})
