import type {
  Contact,
  HistoryEntry,
  Message,
  Queue,
  Session,
  Ticket,
  User,
} from '../../../src/realtime/protocol.ts'
import { call } from './http.ts'

export type { Contact, HistoryEntry, Message, Queue, Session, Ticket, User }
export type Page<T> = { items: T[]; nextCursor: string | null }
/** Every command answers this: whose revision it now is, and the position up to which to wait. */
export type Answer = {
  id: string
  revision: number
  position: string | null
  data?: Record<string, string | number | boolean | null>
}
export type Counts = { mine: number; mineUnread: number; pending: number; open: number; closed: number }
export type TicketQuery = {
  status?: string
  userId?: string
  queueId?: string
  sessionId?: string
  contactId?: string
  q?: string
  sort?: 'newest' | 'oldest'
  limit?: number
  cursor?: string | null
}
export type NewSession = {
  name: string
  provider: Session['provider']
  queueIds: string[]
  settings: Record<string, string | number>
}
export type TicketAction = 'accept' | 'return' | 'close' | 'reopen' | 'takeover' | 'read'
export type UserChange = {
  name?: string
  email?: string
  role?: User['role']
  queueIds?: string[]
  password?: string
  locale?: string
  active?: boolean
}
export type PhoneItem = {
  messageId: string
  to: string
  kind: string
  body: string
  at: string
}

/** Every call that the screen makes, by the route's noun. */
export const api = {
  tickets: {
    list: (query: TicketQuery) => call<Page<Ticket>>('GET', '/tickets', { query }),
    counts: () => call<Counts>('GET', '/tickets/counts'),
    get: (id: string) => call<Ticket>('GET', `/tickets/${id}`),
    open: (contactId: string, sessionId: string) =>
      call<Answer>('POST', '/tickets', { body: { contactId, sessionId } }),
    act: (id: string, action: TicketAction, ifMatch?: number) =>
      call<Answer>('POST', `/tickets/${id}/${action}`, { ifMatch }),
    messages: (id: string, query: { before?: string | null; limit?: number }) =>
      call<Page<Message>>('GET', `/tickets/${id}/messages`, { query }),
    reply: (id: string, body: { body: string; quotedId?: string }, key: string) =>
      call<Answer>('POST', `/tickets/${id}/messages`, { body, key }),
    retry: (id: string, messageId: string) =>
      call<Answer>('POST', `/tickets/${id}/messages/${messageId}/retry`),
    history: (id: string, query: { cursor?: string | null; limit?: number }) =>
      call<Page<HistoryEntry>>('GET', `/tickets/${id}/history`, { query }),
    at: (id: string, revision: number) =>
      call<{ ticket: Ticket; messages: Message[] }>('GET', `/tickets/${id}/at/${revision}`),
  },
  contacts: {
    list: (query: { q?: string; limit?: number; cursor?: string | null }) =>
      call<Page<Contact>>('GET', '/contacts', { query }),
    get: (id: string) => call<Contact>('GET', `/contacts/${id}`),
    create: (body: { name: string; phone: string; email?: string }) =>
      call<Answer>('POST', '/contacts', { body }),
    change: (id: string, body: { name?: string; email?: string | null }) =>
      call<Answer>('PATCH', `/contacts/${id}`, { body }),
    block: (id: string, on: boolean) => call<Answer>('POST', `/contacts/${id}/${on ? 'block' : 'unblock'}`),
  },
  sessions: {
    list: () => call<Page<Session>>('GET', '/sessions', { query: { limit: 100 } }),
    create: (body: NewSession) => call<Answer>('POST', '/sessions', { body }),
    act: (id: string, action: 'start' | 'stop' | 'restart' | 'logout') =>
      call<Answer>('POST', `/sessions/${id}/${action}`),
    remove: (id: string) => call<Answer>('DELETE', `/sessions/${id}`),
  },
  users: {
    list: () => call<Page<User>>('GET', '/users', { query: { limit: 100 } }),
    create: (body: UserChange) => call<Answer>('POST', '/users', { body }),
    change: (id: string, body: UserChange) => call<Answer>('PATCH', `/users/${id}`, { body }),
    deactivate: (id: string) => call<Answer>('POST', `/users/${id}/deactivate`),
    reactivate: (id: string) => call<Answer>('POST', `/users/${id}/reactivate`),
  },
  queues: {
    list: () => call<Page<Queue>>('GET', '/queues', { query: { limit: 100 } }),
    create: (body: { name: string; color: string }) => call<Answer>('POST', '/queues', { body }),
    change: (id: string, body: { name?: string; color?: string }) =>
      call<Answer>('PATCH', `/queues/${id}`, { body }),
    remove: (id: string) => call<Answer>('DELETE', `/queues/${id}`),
  },
  simulator: {
    inbound: (
      sessionId: string,
      body: {
        from: string
        name?: string
        text?: string
        media?: { mime: string; name: string; base64: string }
      },
    ) => call<{ messageId: string; duplicate: boolean }>('POST', `/simulator/${sessionId}/inbound`, { body }),
    outbound: (sessionId: string, after: string | null) =>
      call<Page<PhoneItem>>('GET', `/simulator/${sessionId}/outbound`, { query: { after } }),
    ack: (sessionId: string, messageId: string, ack: 'delivered' | 'read') =>
      call<unknown>('POST', `/simulator/${sessionId}/acks`, { body: { messageId, ack } }),
    connection: (sessionId: string, state: string) =>
      call<unknown>('POST', `/simulator/${sessionId}/connection`, { body: { state } }),
  },
}
