import { beforeEach, expect, test, vi } from 'vitest'
import { aMessage, aTicket, aUser } from '../testing/samples.ts'
import { answerFetch } from '../testing/fake-fetch.ts'

beforeEach(() => vi.resetModules())

/** A screen on which somebody is logged in and has ticket-1 open. */
const screen = async (messages = [aMessage()]) => {
  answerFetch(({ path }) => {
    if (path === '/api/v1/auth/login') return { body: { accessToken: 't', user: aUser() } }
    if (path.endsWith('/messages')) return { body: { items: messages, nextCursor: null } }
    return { status: 404, body: { code: 'not-found' } }
  })
  const auth = await import('../stores/auth.ts')
  await auth.signIn({ email: 'marina@example.com', password: 'secret' })
  const [{ apply }, tickets, threads] = await Promise.all([
    import('./apply.ts'),
    import('../stores/tickets.ts'),
    import('../stores/threads.ts'),
  ])
  await threads.loadThread('ticket-1')
  return { apply, tickets, threads }
}

test('a patch older than the row is dropped, an equal or newer one is taken', async () => {
  const { apply, tickets } = await screen()
  apply([
    {
      event: 'ticket',
      push: { action: 'update', position: '1', ticket: aTicket({ revision: 5, status: 'open' }) },
    },
  ])
  apply([
    {
      event: 'ticket:update',
      push: { action: 'update', position: '2', ticket: aTicket({ revision: 4, status: 'pending' }) },
    },
  ])
  expect(tickets.ticketOf('ticket-1')?.status).toBe('open')
  apply([
    {
      event: 'ticket:update',
      push: { action: 'update', position: '3', ticket: aTicket({ revision: 6, status: 'closed' }) },
    },
  ])
  expect(tickets.ticketOf('ticket-1')?.status).toBe('closed')
})

test('a ticket that left what the user may see leaves the screen', async () => {
  const { apply, tickets } = await screen()
  apply([{ event: 'ticket', push: { action: 'create', position: '1', ticket: aTicket() } }])
  expect(tickets.ticketOf('ticket-1')).toBeDefined()
  apply([{ event: 'ticket', push: { action: 'drop', position: '2', id: 'ticket-1' } }])
  expect(tickets.ticketOf('ticket-1')).toBeUndefined()
})

test('whoever loses a ticket to somebody else is told to whom, and only then', async () => {
  const { apply } = await screen()
  const [{ setLocale }, toasts] = await Promise.all([
    import('../i18n/index.ts'),
    import('../parts/toasts.tsx'),
  ])
  await setLocale('en')
  const { render, screen: page } = await import('@solidjs/testing-library')
  render(() => toasts.Toasts())
  const mine = { status: 'open' as const, user: { id: aUser().id, name: aUser().name } }
  const give = (revision: number, change: object) =>
    apply([
      {
        event: 'ticket',
        push: { action: 'update', position: '1', ticket: aTicket({ revision, ...change }) },
      },
    ])
  give(1, mine)
  give(2, { status: 'pending', user: null })
  give(3, mine)
  expect(page.queryByText(/took over/)).toBeNull()
  give(4, { status: 'open', user: { id: 'user-9', name: 'Sofia' } })
  expect(page.getByText(/^Sofia took over ticket #/)).toBeTruthy()
  give(5, mine)
  apply([{ event: 'ticket', push: { action: 'drop', position: '6', id: 'ticket-1', takenBy: 'Paulo' } }])
  expect(page.getByText(/^Paulo took over ticket #/)).toBeTruthy()
})

test('messages take their place by revision, whatever order they come in, and once only', async () => {
  const { apply, threads } = await screen([])
  const push = (revision: number) => ({
    event: 'appMessage' as const,
    push: {
      action: 'create',
      position: String(revision),
      ticket: null,
      message: aMessage({ id: `m${revision}`, revision }),
    },
  })
  apply([push(3), push(1), push(2), push(3)])
  expect(threads.threadOf('ticket-1')?.items.map(item => item.id)).toEqual(['m1', 'm2', 'm3'])
})

test('acks go forward only; a failed message may be tried again', async () => {
  const { apply, threads } = await screen([aMessage({ fromMe: true, ack: 'sent' })])
  const ack = (value: string) =>
    apply([
      {
        event: 'message:ack',
        push: { position: '9', messageId: 'message-1', ticketId: 'ticket-1', ack: value },
      },
    ])
  const now = () => threads.threadOf('ticket-1')?.items[0]?.ack
  ack('read')
  ack('delivered')
  expect(now()).toBe('read')
  const again = await screen([aMessage({ fromMe: true, ack: 'failed' })])
  again.apply([
    {
      event: 'message:ack',
      push: { position: '9', messageId: 'message-1', ticketId: 'ticket-1', ack: 'queued' },
    },
  ])
  expect(again.threads.threadOf('ticket-1')?.items[0]?.ack).toBe('queued')
})

test('a contact that is renamed is renamed in the list', async () => {
  const { apply, tickets } = await screen()
  apply([{ event: 'ticket', push: { action: 'create', position: '1', ticket: aTicket() } }])
  const contact = {
    id: 'contact-1',
    name: 'João C.',
    phone: '5511988887777',
    email: null,
    isGroup: false,
    blocked: false,
    addresses: [],
    revision: 3,
    createdAt: '',
    updatedAt: '',
  }
  apply([{ event: 'contact:update', push: { action: 'update', position: '2', contact } }])
  expect(tickets.ticketOf('ticket-1')?.contact.name).toBe('João C.')
})
