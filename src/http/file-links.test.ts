import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../shared/clock.ts'
import { createFileLinks } from './file-links.ts'
import { idOf } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

let http: Started
let key: string
beforeAll(async () => {
  http = await startApp()
  key = http.readModels.mediaKey
})
afterAll(() => http.close())
afterEach(() => {
  http.readModels.mediaKey = key
})

const DAY_MS = 24 * 3_600_000
const linkOf = (company = idOf('acme'), message = idOf('acme message'), days = 7): URL => {
  const at = new Date(http.clock.now() + days * DAY_MS).toISOString()
  const { pathname, search } = new URL(http.parts.fileLinks.make(company, message, at))
  return new URL(pathname + search, http.base)
}
const follow = async (link: URL): Promise<[number, string]> => {
  const answer = await fetch(link)
  const text = await answer.text()
  return [answer.status, answer.ok ? text : (JSON.parse(text) as { code: string }).code]
}
const REFUSED = [401, 'signature-invalid']

test('gives the file to whoever has the link, only as a download, and to no search engine', async () => {
  const answer = await fetch(linkOf())
  expect(await answer.text()).toBe('first second')
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-disposition': expect.stringMatching(/^attachment; /) as string,
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow',
    'cache-control': 'private, no-store',
    'content-security-policy': expect.stringContaining("default-src 'none'") as string,
  })
  expect(answer.headers.get('set-cookie')).toBeNull()
  const part = await fetch(linkOf(), { headers: { Range: 'bytes=6-' } })
  expect([part.status, await part.text()]).toEqual([206, 'second'])
})

test('altered anywhere it is refused, and so is the link of a person', async () => {
  const link = linkOf()
  const others: Record<string, string> = {
    company: idOf('globex'),
    expires: String(Number(link.searchParams.get('expires')) + 1),
    signature: 'A'.repeat(43),
  }
  for (const [name, value] of Object.entries(others)) {
    const altered = new URL(link)
    altered.searchParams.set(name, value)
    expect([name, await follow(altered)]).toEqual([name, REFUSED])
  }
  const ofAnother = new URL(link)
  ofAnother.pathname = `/files/shared/${idOf('acme page')}`
  expect(await follow(ofAnother)).toEqual(REFUSED)
  const without = new URL(link)
  without.searchParams.delete('signature')
  expect((await follow(without))[0]).toBe(422)
  const token = await http.login('bob')
  const own = await http.call(`/api/v1/media/${idOf('acme message')}/link`, { token })
  const { search } = new URL(((await own.json()) as { url: string }).url)
  expect(await follow(new URL(`/files/shared/${idOf('acme message')}${search}`, http.base))).toEqual(REFUSED)
})

test('another company’s link leads to no file of this one, though it was signed here', async () => {
  expect(await follow(linkOf(idOf('globex')))).toEqual([404, 'not-found'])
})

test('ends with its time', async () => {
  const link = linkOf(undefined, undefined, 1)
  http.clock.push(DAY_MS - 60_000)
  expect((await follow(link))[0]).toBe(200)
  http.clock.push(61_000)
  expect(await follow(link)).toEqual(REFUSED)
})

test('ends with the file', async () => {
  const link = linkOf()
  http.readModels.mediaKey = ''
  expect(await follow(link)).toEqual([404, 'not-found'])
  http.readModels.mediaKey = `${idOf('acme')}/${'0'.repeat(64)}`
  expect(await follow(link)).toEqual([404, 'not-found'])
})

test('one address asks for no more than its share', async () => {
  const app = await startApp({ trustProxy: 1 })
  try {
    const ask = (from: string) =>
      app.call(`/files/shared/${idOf('acme message')}?company=x`, { headers: { 'X-Forwarded-For': from } })
    const answers: Response[] = []
    while (answers.at(-1)?.status !== 429 && answers.length < 500) answers.push(await ask('192.0.2.1'))
    expect(answers.at(-1)?.status).toBe(429)
    expect((await ask('192.0.2.2')).status).toBe(422)
  } finally {
    await app.close()
  }
})

test.each([
  ['http://127.0.0.1:8080', false],
  ['http://localhost:8080', false],
  ['https://fio.example', true],
])('whether customers can open links to %s: %s', (publicUrl, reachable) => {
  expect(createFileLinks({ secretKey: 'x'.repeat(48), publicUrl, clock: systemClock }).reachable).toBe(
    reachable,
  )
})
