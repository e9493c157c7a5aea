import { ApiProblem, problemFrom } from './problem.ts'

const REQUEST_MILLISECONDS_MAX = 20_000

const OWN_WRITE_MILLISECONDS = 5000

/** Until the screen's own last change is surely everywhere, what is read must not be older than it. */
let ownWrite: { position: string; at: number } | null = null

let accessToken: string | null = null
let refreshing: Promise<string | null> | null = null
let onSignedOut: () => void = () => undefined

/** The token lives in memory only; the cookie beside it is out of every script's reach. */
export const setAccessToken = (token: string | null): void => {
  accessToken = token
}
export const whenSignedOut = (run: () => void): void => {
  onSignedOut = run
}

export type Ask = {
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>
  readonly body?: unknown
  readonly ifMatch?: number | undefined
  readonly key?: string
}

const urlOf = (path: string, query: Ask['query']): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return `/api/v1${path}${text ? `?${text}` : ''}`
}

const send = async (method: string, path: string, ask: Ask): Promise<Response> => {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (accessToken) headers['authorization'] = `Bearer ${accessToken}`
  const form = ask.body instanceof FormData
  if (ask.body !== undefined && !form) headers['content-type'] = 'application/json'
  if (ask.ifMatch !== undefined) headers['if-match'] = String(ask.ifMatch)
  if (method === 'GET' && ownWrite && Date.now() - ownWrite.at < OWN_WRITE_MILLISECONDS) {
    headers['x-min-position'] = ownWrite.position
  }
  if (method === 'POST') headers['idempotency-key'] = ask.key ?? crypto.randomUUID()
  try {
    return await fetch(urlOf(path, ask.query), {
      method,
      headers,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(REQUEST_MILLISECONDS_MAX),
      ...(ask.body === undefined ? {} : { body: form ? (ask.body as FormData) : JSON.stringify(ask.body) }),
    })
  } catch (cause) {
    throw new ApiProblem({ status: 0, code: 'unreachable', detail: String(cause) })
  }
}

/** One refresh at a time, whoever asks. `null`: the login is over. */
export const refresh = (): Promise<string | null> => {
  refreshing ??= send('POST', '/auth/refresh', { body: {} })
    .then(async response => {
      if (response.ok) return ((await response.json()) as { accessToken: string }).accessToken
      if (response.status >= 500 || response.status === 429) throw await problemFrom(response)
      return null
    })
    .then(token => {
      accessToken = token
      return token
    })
    .finally(() => {
      refreshing = null
    })
  return refreshing
}

export const currentToken = (): string | null => accessToken

/** Calls the API. An expired token is renewed once; the same idempotency key goes with the second try. */
export const call = async <T>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  ask: Ask = {},
): Promise<T> => {
  const keyed = method === 'POST' ? { ...ask, key: ask.key ?? crypto.randomUUID() } : ask
  let response = await send(method, path, keyed)
  if (response.status === 401 && !path.startsWith('/auth/')) {
    if ((await refresh()) === null) {
      onSignedOut()
      throw await problemFrom(response)
    }
    response = await send(method, path, keyed)
  }
  if (!response.ok) throw await problemFrom(response)
  const position = response.headers.get('x-position')
  if (method !== 'GET' && position) ownWrite = { position, at: Date.now() }
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}
