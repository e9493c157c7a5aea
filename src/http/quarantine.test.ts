import { afterAll, beforeAll, expect, test } from 'vitest'
import { idOf } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

let http: Started
beforeAll(async () => {
  http = await startApp()
})
afterAll(() => http.close())

const LIST = '/api/v1/quarantine'
const retryOf = (company: string) => `${LIST}/ticket/${idOf(`${company} ticket`)}/retry`
const post = (path: string, token: string) => http.call(path, { method: 'POST', token })

test.each(['sol', 'bob', 'aud'])('%s, who is no admin, sees and changes nothing of it', async person => {
  const token = await http.login(person)
  for (const answer of [await http.call(LIST, { token }), await post(retryOf('acme'), token)]) {
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'forbidden' })
  }
})

test('an admin sees those of the own company, and no others', async () => {
  for (const company of ['acme', 'globex'] as const) {
    const answer = await http.call(LIST, { token: await http.login('ana', company) })
    expect(await answer.json()).toEqual({
      items: [
        {
          type: 'ticket',
          id: idOf(`${company} ticket`),
          reason: `${company}: it cannot be read`,
          since: '2026-01-02T03:04:05.000Z',
          failures: 4,
        },
      ],
      nextCursor: null,
    })
  }
})

test("an admin has one of the own company tried again; another company's is not there", async () => {
  const token = await http.login('ana')
  const own = await post(retryOf('acme'), token)
  expect([own.status, await own.json()]).toEqual([
    200,
    { recovered: false, reason: 'acme: it cannot be read' },
  ])
  expect((await post(retryOf('globex'), token)).status).toBe(404)
  expect((await post(`${LIST}/session/${idOf('acme ticket')}/retry`, token)).status).toBe(404)
})
