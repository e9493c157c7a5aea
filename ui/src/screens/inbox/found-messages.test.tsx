import { Route, Router } from '@solidjs/router'
import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch } from '../../testing/fake-fetch.ts'
import { aTicket } from '../../testing/samples.ts'
import FoundMessages, { marked } from './found-messages.tsx'

const hit = (revision: number, snippet: string) => ({
  messageId: `message-${revision}`,
  revision,
  kind: 'text',
  fromMe: false,
  timestamp: '2026-03-01T12:00:00.000Z',
  snippet,
  ticket: aTicket(),
})
const show = (q: string) =>
  render(() => (
    <Router>
      <Route path="*" component={() => <FoundMessages q={q} />} />
    </Router>
  ))

beforeEach(() => setLocale('en'))
afterEach(cleanup)

test('words are marked as they are found: by their beginnings, without accents and capitals', () => {
  const hits = marked('A Conceição não concorda: só CONCEDE.', 'concei cóncede').filter(piece => piece.hit)
  expect(hits.map(piece => piece.text)).toEqual(['Conceição', 'CONCEDE'])
  expect(
    marked('tudo bem?', 'x')
      .map(piece => piece.text)
      .join(''),
  ).toBe('tudo bem?')
})

test('each message leads to its place in its ticket; more come when asked for', async () => {
  const asked = answerFetch(({ query }) => ({
    body: query.get('cursor')
      ? { items: [hit(3, 'older pedido')], nextCursor: null }
      : { items: [hit(7, 'onde está meu pedido?')], nextCursor: 'page-2' },
  }))
  const { container } = show('pedido')
  expect(container.querySelector('.skeleton')).not.toBeNull()
  const first = await screen.findByTestId('found-message')
  expect(first.getAttribute('href')).toBe('/tickets/ticket-1?at=7')
  expect(first.textContent).toContain('João Conceição')
  expect(first.querySelector('mark')?.textContent).toBe('pedido')
  fireEvent.click(screen.getByText('Show more'))
  await screen.findByText(/older/)
  expect(screen.getAllByTestId('found-message')).toHaveLength(2)
  expect(screen.queryByText('Show more')).toBeNull()
  expect(asked.map(({ path, query }) => [path, query.get('q'), query.get('cursor')])).toEqual([
    ['/api/v1/messages/search', 'pedido', null],
    ['/api/v1/messages/search', 'pedido', 'page-2'],
  ])
})

test('what belongs to no ticket leads to itself, above the ticket', async () => {
  answerFetch(() => ({ body: { items: [{ ...hit(7, 'pedido de antes'), beside: true }], nextCursor: null } }))
  show('pedido')
  const found = await screen.findByTestId('found-message')
  expect(found.getAttribute('href')).toBe('/tickets/ticket-1?message=message-7')
})

test('what failed is told and can be tried again; nothing found is said', async () => {
  let broken = true
  answerFetch(() => (broken ? { status: 503, body: {} } : { body: { items: [], nextCursor: null } }))
  show('xyzzy')
  await screen.findByRole('alert')
  broken = false
  fireEvent.click(screen.getByText('Try again'))
  expect((await screen.findByRole('status')).textContent).toBe('No message has these words.')
})
