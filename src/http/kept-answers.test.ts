import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { idOf, POSITION } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

let http: Started
beforeAll(async () => {
  http = await startApp()
})
afterAll(() => http.close())
beforeEach(() => {
  http.kept.forget()
  http.readModels.asked.length = 0
  http.readModels.fresh = { position: POSITION, stale: false }
})

const LIST = '/api/v1/tickets?limit=40'
const list = async (token: string) => {
  const answer = await http.call(LIST, { token })
  return { answer, text: await answer.text() }
}

test('the same question of the same person is answered from memory, with the position of now', async () => {
  const token = await http.login('ana')
  const first = await list(token)
  http.readModels.fresh = { position: `${POSITION}9`, stale: false }
  const second = await list(token)
  expect(second.text).toBe(first.text)
  expect(second.answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(second.answer.headers.get('cache-control')).toBe('no-store')
  expect(second.answer.headers.get('x-position')).toBe(`${POSITION}9`)
  expect(http.readModels.asked).toHaveLength(1)
})

test('a fact of the company has it made again', async () => {
  const token = await http.login('ana')
  await list(token)
  http.kept.changed([{ meta: { companyId: idOf('globex') } }])
  await list(token)
  expect(http.readModels.asked).toHaveLength(1)
  http.kept.changed([{ meta: { companyId: idOf('acme') } }])
  await list(token)
  expect(http.readModels.asked).toHaveLength(2)
})

test('nobody gets what was made for somebody else, in the company or outside', async () => {
  const texts = []
  for (const token of [await http.login('ana'), await http.login('ana', 'globex'), await http.login('bob')])
    texts.push((await list(token)).text)
  expect(http.readModels.asked).toHaveLength(3)
  expect(texts[1]).not.toBe(texts[0])
})

test('without a login there is no answer, kept or not', async () => {
  await list(await http.login('ana'))
  expect((await http.call(LIST)).status).toBe(401)
})

test('what is not found, and what is asked while the read models are made, is not kept', async () => {
  const token = await http.login('ana')
  const unknown = `/api/v1/tickets/${idOf('globex ticket')}`
  for (let i = 0; i < 2; i++) expect((await http.call(unknown, { token })).status).toBe(404)
  http.readModels.fresh = { position: null, stale: true }
  await list(token)
  await list(token)
  expect(http.readModels.asked).toHaveLength(2)
})
