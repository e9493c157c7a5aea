import { createRoot } from 'solid-js'
import { beforeEach, expect, test, vi } from 'vitest'
import { answerFetch } from '../testing/fake-fetch.ts'
import { aTicket } from '../testing/samples.ts'
import type { Ticket } from '../api/index.ts'

beforeEach(() => vi.resetModules())

const at = (minute: number, change: Partial<Ticket> = {}): Ticket =>
  aTicket({
    id: `t${minute}`,
    updatedAt: `2026-03-01T12:${String(minute).padStart(2, '0')}:00.000Z`,
    lastMessage: {
      preview: '',
      at: `2026-03-01T12:${String(minute).padStart(2, '0')}:00.000Z`,
      fromMe: false,
      kind: 'text',
      ack: 'received',
    },
    ...change,
  })

const list = async (items: Ticket[], nextCursor: string | null = null) => {
  answerFetch(() => ({ body: { items, nextCursor } }))
  const [{ createTicketList }, tickets] = await Promise.all([
    import('./ticket-list.ts'),
    import('./tickets.ts'),
  ])
  const made = createRoot(() =>
    createTicketList({ query: { status: 'pending' }, holds: ticket => ticket.status === 'pending' }),
  )
  await vi.waitFor(() => expect(made.loading()).toBe(false))
  return { made, tickets }
}

test('a ticket that hears something new goes to the top; one that no longer belongs goes away', async () => {
  const { made, tickets } = await list([at(30), at(20), at(10)])
  expect(made.ids()).toEqual(['t30', 't20', 't10'])
  tickets.putTicket(at(40, { id: 't10', revision: 2 }))
  expect(made.ids()).toEqual(['t10', 't30', 't20'])
  tickets.putTicket(at(30, { revision: 2, status: 'open' }))
  expect(made.ids()).toEqual(['t10', 't20'])
  tickets.putTicket(at(25))
  expect(made.ids()).toEqual(['t10', 't25', 't20'])
  tickets.dropTicket('t20')
  expect(made.ids()).toEqual(['t10', 't25'])
})

test('a ticket that belongs below what is loaded waits for its page', async () => {
  const { made, tickets } = await list([at(30), at(20)], 'more')
  tickets.putTicket(at(5))
  expect(made.ids()).toEqual(['t30', 't20'])
  tickets.putTicket(at(50))
  expect(made.ids()).toEqual(['t50', 't30', 't20'])
})

test('the numbers of the tabs move with a ticket', async () => {
  answerFetch(() => ({ body: { mine: 1, mineUnread: 0, pending: 3, open: 4, closed: 9 } }))
  const tickets = await import('./tickets.ts')
  await tickets.loadCounts()
  const mine = aTicket({ status: 'open', user: { id: 'user-1', name: 'Marina' } })
  tickets.shiftCounts(aTicket(), mine, 'user-1')
  expect(tickets.counts()).toEqual({ mine: 2, mineUnread: 1, pending: 2, open: 5, closed: 9 })
})
