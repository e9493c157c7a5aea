import type { HistoryEntry, Message, Session, Ticket } from '../../src/realtime/protocol.ts'
import { until } from './until.ts'

export type ApiAnswer<T = unknown> = { status: number; headers: Headers; body: T }
type Ask = { body?: unknown; headers?: Record<string, string>; waitMs?: number }
type Page<T> = { items: T[]; nextCursor: string | null }
export type Made = { id: string; revision: number; position: string | null }

const WAIT_MS = 60_000
const PAGE = 100

/** Talks to a running server as a person does through the API. `base` is asked at each call: servers move when they restart. */
export const apiClient = (base: () => string) => {
  let token: string | null = null
  let renew: (() => Promise<void>) | null = null
  let seen: string | null = null

  /** A long test outlives its token: it logs in again and asks once more. */
  const ask = async <T = unknown>(method: string, path: string, options: Ask = {}): Promise<ApiAnswer<T>> => {
    const answer = await askOnce<T>(method, path, options)
    const expired = answer.status === 401 && (answer.body as { code?: string }).code === 'token-expired'
    if (!expired || !renew) return answer
    await renew()
    return askOnce<T>(method, path, options)
  }

  const askOnce = async <T>(method: string, path: string, options: Ask): Promise<ApiAnswer<T>> => {
    const response = await fetch(`${base()}/api/v1${path}`, {
      method,
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(method === 'GET' && seen ? { 'x-min-position': seen } : {}),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(options.waitMs ?? WAIT_MS),
    })
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').includes('json')
    // Queries see what this client has written before.
    const position = method === 'GET' ? null : response.headers.get('x-position')
    if (position !== null && (seen === null || position > seen)) seen = position
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T }
  }

  const good = async <T>(method: string, path: string, options: Ask = {}): Promise<T> => {
    const { status, body } = await ask<T>(method, path, options)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }
  const get = <T>(path: string) => good<T>('GET', path)
  const post = <T = Made>(path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
    good<T>('POST', path, { body, headers })

  /** Every page; `cursor` is the name of the parameter that leads to the next. */
  const all = async <T>(path: string, cursor = 'cursor'): Promise<T[][]> => {
    const pages: T[][] = []
    let next: string | null = null
    do {
      const query = new URLSearchParams({ limit: String(PAGE), ...(next ? { [cursor]: next } : {}) })
      const page: Page<T> = await get(`${path}${path.includes('?') ? '&' : '?'}${query.toString()}`)
      pages.push(page.items)
      next = page.nextCursor
    } while (next !== null)
    return pages
  }

  return {
    ask,
    get,
    post,
    login: async (email: string, password: string) => {
      renew = async () => {
        const { accessToken } = await post<{ accessToken: string }>('/auth/login', { email, password })
        token = accessToken
      }
      await renew()
    },
    tickets: async (query = ''): Promise<Ticket[]> => (await all<Ticket>(`/tickets${query}`)).flat(),
    ticketsOf: async (sessionId: string, name: string): Promise<Ticket[]> =>
      (await all<Ticket>(`/tickets?sessionId=${sessionId}`))
        .flat()
        .filter(ticket => ticket.contact.name === name),
    ticket: (id: string) => get<Ticket>(`/tickets/${id}`),
    /** All of them, oldest first: the newest page comes first. */
    messages: async (ticketId: string): Promise<Message[]> =>
      (await all<Message>(`/tickets/${ticketId}/messages`, 'before')).reverse().flat(),
    history: async (ticketId: string): Promise<HistoryEntry[]> =>
      (await all<HistoryEntry>(`/tickets/${ticketId}/history`)).flat(),
    session: (id: string) => get<Session>(`/sessions/${id}`),
    connected: (id: string): Promise<Session> =>
      until(`session ${id} connected`, async () => {
        const session = await get<Session>(`/sessions/${id}`)
        return session.status === 'connected' && session
      }),
    /** Creates and connects a session. */
    openSession: async (session: Record<string, unknown>): Promise<string> => {
      const { id } = await post('/sessions', session)
      await post(`/sessions/${id}/start`)
      await until(
        `session ${id} connected`,
        async () => (await get<Session>(`/sessions/${id}`)).status === 'connected',
      )
      return id
    },
  }
}
export type Api = ReturnType<typeof apiClient>
