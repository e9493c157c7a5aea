import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type Started } from './testing/start-app.ts'

let http: Started
beforeAll(async () => {
  http = await startApp()
})
afterAll(() => http.close())

test.each(['sol', 'bob', 'aud'])(
  '%s, who is no admin, neither sees the read models nor has them made',
  async person => {
    const token = await http.login(person)
    for (const [method, path] of [
      ['GET', '/api/v1/projections'],
      ['POST', '/api/v1/projections/rebuild'],
    ] as const) {
      const answer = await http.call(path, { method, token })
      expect([answer.status, await answer.json()]).toEqual([
        403,
        expect.objectContaining({ code: 'forbidden' }),
      ])
    }
  },
)

test('an admin of one company sees them, and does not have those of all companies made again', async () => {
  const token = await http.login('ana')
  const seen = await http.call('/api/v1/projections', { token })
  await seen.body?.cancel()
  expect(seen.status).toBe(200)
  const asked = await http.call('/api/v1/projections/rebuild', { method: 'POST', token })
  expect([asked.status, await asked.json()]).toEqual([403, expect.objectContaining({ code: 'forbidden' })])
})

test('a super-admin has them made again', async () => {
  const token = await http.login('sue')
  const asked = await http.call('/api/v1/projections/rebuild', { method: 'POST', token })
  expect([asked.status, await asked.json()]).toEqual([202, expect.objectContaining({ state: 'asked' })])
})
