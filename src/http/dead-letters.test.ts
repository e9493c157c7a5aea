import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { MediaStore } from '../media/port.ts'
import { idOf } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

let http: Started
beforeAll(async () => {
  http = await startApp()
})
afterAll(() => http.close())
beforeEach(() => {
  http.asked.length = 0
  http.readModels.asked.length = 0
})

const LIST = '/api/v1/dead-letters'
const ONE = `${LIST}/${idOf('acme letter')}`
const bodyOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>
const readOne = async () => bodyOf(await http.call(ONE, { token: await http.login('ana') }))
const keep = async (companyId: string, text: string): Promise<string> => {
  const media = http.parts.media as MediaStore
  const { key } = await media.put(companyId, Readable.from([Buffer.from(text)]), {
    mime: 'application/json',
    limit: 8 * 1024 * 1024,
  })
  return JSON.stringify({ rawKey: key })
}

test.each(['sol', 'bob', 'aud'])('%s, who is no admin, is told so before anything is asked', async person => {
  const token = await http.login(person)
  for (const path of [LIST, ONE]) {
    const answer = await http.call(path, { token })
    expect([answer.status, await bodyOf(answer)]).toEqual([
      403,
      expect.objectContaining({ code: 'forbidden' }),
    ])
  }
  expect(http.readModels.asked).toEqual([])
})

test('the list takes a status, and no other', async () => {
  const token = await http.login('ana')
  const answer = await http.call(`${LIST}?status=waiting&limit=3`, { token })
  expect(await bodyOf(answer)).toMatchObject({ items: [{ id: idOf('acme letter'), status: 'waiting' }] })
  expect(http.readModels.asked).toEqual([{ status: 'waiting', limit: 3, cursor: undefined }])
  expect((await http.call(`${LIST}?status=lost`, { token })).status).toBe(422)
})

test('a payload is shown as it came', async () => {
  http.readModels.payload = '{"item":"message"}'
  expect(await readOne()).toMatchObject({ payload: '{"item":"message"}', payloadCut: false })
  http.readModels.payload = null
  expect(await readOne()).toMatchObject({ payload: null, payloadCut: false })
})

test('one that was too large for a fact is read from where it is kept, up to a limit', async () => {
  http.readModels.payload = await keep(idOf('acme'), '{"whole":true}')
  expect(await readOne()).toMatchObject({ payload: '{"whole":true}', payloadCut: false })
  http.readModels.payload = await keep(idOf('acme'), 'x'.repeat(2 * 1024 * 1024))
  const long = await readOne()
  expect(long).toMatchObject({ payloadCut: true })
  expect((long['payload'] as string).length).toBe(1024 * 1024)
})

test("a payload that names another company's file, or one that is gone, shows nothing of it", async () => {
  http.readModels.payload = await keep(idOf('globex'), '{"secret":true}')
  expect(await readOne()).toMatchObject({ payload: null })
  http.readModels.payload = JSON.stringify({ rawKey: `${idOf('acme')}/${'0'.repeat(64)}` })
  expect(await readOne()).toMatchObject({ payload: null })
})
