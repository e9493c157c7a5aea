import { ApiProblem, problemFrom } from './problem.ts'

const REQUEST_MILLISECONDS_MAX = 20_000

const API = '/api/v1'
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

/** The login is over: found out elsewhere than in a request. */
export const endLogin = (): void => onSignedOut()

/** One request with everything that every request carries. */
const send = async (url: string, init: RequestInit): Promise<Response> => {
  const method = init.method ?? 'GET'
  const headers = new Headers(init.headers)
  headers.set('accept', 'application/json')
  if (accessToken) headers.set('authorization', `Bearer ${accessToken}`)
  if (method === 'GET' && ownWrite && Date.now() - ownWrite.at < OWN_WRITE_MILLISECONDS) {
    headers.set('x-min-position', ownWrite.position)
  }
  const signal = AbortSignal.timeout(REQUEST_MILLISECONDS_MAX)
  try {
    return await fetch(url, { ...init, method, headers, credentials: 'same-origin', signal })
  } catch (cause) {
    throw new ApiProblem({ status: 0, code: 'unreachable', detail: String(cause) })
  }
}

const renew = async (): Promise<string | null> => {
  const response = await send(`${API}/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  if (response.ok) return ((await response.json()) as { accessToken: string }).accessToken
  if (response.status >= 500 || response.status === 429) throw await problemFrom(response)
  return null
}

/** One refresh at a time, whoever asks. `null`: the login is over. */
export const refresh = (): Promise<string | null> => {
  refreshing ??= renew()
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

const keyed = (init: RequestInit): RequestInit => {
  const headers = new Headers(init.headers)
  if (init.method === 'POST' && !headers.has('idempotency-key')) {
    headers.set('idempotency-key', crypto.randomUUID())
  }
  return { ...init, headers }
}

/**
 * What the typed client calls instead of `fetch`. An expired token is renewed once, and the second try carries the same
 * idempotency key; whatever is no success is thrown as the problem that it is.
 */
export const request = async (input: RequestInfo | URL, given: RequestInit = {}): Promise<Response> => {
  const url = input instanceof Request ? input.url : input.toString()
  const init = keyed(given)
  let response = await send(url, init)
  if (response.status === 401 && !url.startsWith(`${API}/auth/`)) {
    if ((await refresh()) === null) {
      onSignedOut()
      throw await problemFrom(response)
    }
    response = await send(url, init)
  }
  if (!response.ok) throw await problemFrom(response)
  const position = response.headers.get('x-position')
  if (init.method !== 'GET' && position) ownWrite = { position, at: Date.now() }
  return response
}
