import { beforeEach, expect, test, vi } from 'vitest'
import { answerFetch } from '../testing/fake-fetch.ts'

beforeEach(() => vi.resetModules())
const client = async () => {
  const http = await import('./http.ts')
  const call = (method: string, path: string, headers: Record<string, string> = {}) =>
    http.request(`/api/v1${path}`, { method, headers })
  return { ...http, call }
}

test('an expired token is renewed once for all calls that met it, and each is asked again with its own key', async () => {
  const valid = 'new'
  const asked = answerFetch(({ path, headers }) => {
    if (path === '/api/v1/auth/refresh') return { body: { accessToken: valid } }
    return headers.get('authorization') === `Bearer ${valid}`
      ? { body: { id: 'done' } }
      : { status: 401, body: { code: 'token-expired' } }
  })
  const { call, setAccessToken } = await client()
  setAccessToken('old')
  await Promise.all([
    call('POST', '/tickets/1/accept'),
    call('POST', '/tickets/2/accept'),
    call('GET', '/me'),
  ])
  expect(asked.filter(one => one.path === '/api/v1/auth/refresh')).toHaveLength(1)
  const keys = asked
    .filter(one => one.path === '/api/v1/tickets/1/accept')
    .map(one => one.headers.get('idempotency-key'))
  expect(keys).toHaveLength(2)
  expect(keys[0]).toBe(keys[1])
})

test('a refused refresh ends the login', async () => {
  answerFetch(({ path }) => ({
    status: 401,
    body: { code: path.endsWith('refresh') ? 'refresh-invalid' : 'token-expired' },
  }))
  const { call, whenSignedOut } = await client()
  const out = vi.fn<() => void>()
  whenSignedOut(out)
  await expect(call('GET', '/me')).rejects.toMatchObject({ problem: { code: 'token-expired' } })
  expect(out).toHaveBeenCalledOnce()
})

test('a server that is down does not end the login', async () => {
  answerFetch(({ path }) =>
    path.endsWith('refresh')
      ? { status: 503, body: { code: 'not-ready' } }
      : { status: 401, body: { code: 'token-expired' } },
  )
  const { call, whenSignedOut } = await client()
  const out = vi.fn<() => void>()
  whenSignedOut(out)
  await expect(call('GET', '/me')).rejects.toMatchObject({ problem: { code: 'not-ready' } })
  expect(out).not.toHaveBeenCalled()
})

test('what is read after an own change asks for at least its position', async () => {
  const asked = answerFetch(({ method }) =>
    method === 'POST' ? { body: {}, headers: { 'X-Position': '000042' } } : { body: {} },
  )
  const { call } = await client()
  await call('GET', '/sessions')
  await call('POST', '/sessions')
  await call('GET', '/sessions')
  expect(asked.map(one => one.headers.get('x-min-position'))).toEqual([null, null, '000042'])
})

test('the revision that was seen goes along, and a page of HTML becomes a problem of its status', async () => {
  const asked = answerFetch(() => ({ status: 502 }))
  const { call } = await client()
  await expect(call('POST', '/tickets/1/close', { 'If-Match': '12' })).rejects.toMatchObject({
    problem: { status: 502, code: 'http-502' },
  })
  expect(asked[0]?.headers.get('if-match')).toBe('12')
})
