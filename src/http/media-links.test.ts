import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { idOf } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

let http: Started
let key: string
beforeAll(async () => {
  http = await startApp()
  key = http.readModels.mediaKey
})
afterAll(() => http.close())
beforeEach(() => http.readModels.deactivated.clear())
afterEach(() => {
  http.readModels.mediaKey = key
})

const MESSAGE = idOf('acme message')
/** The link as `person` gets it, on the test's own port. */
const linkOf = async (person: string): Promise<URL> => {
  const token = await http.login(person)
  const answer = await http.call(`/api/v1/media/${MESSAGE}/link`, { token })
  expect(answer.status).toBe(200)
  const { url, expiresAt } = (await answer.json()) as { url: string; expiresAt: string }
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/files\//)
  expect(Date.parse(expiresAt)).toBeGreaterThan(http.clock.now())
  const { pathname, search } = new URL(url)
  return new URL(pathname + search, http.base)
}
const follow = async (link: URL): Promise<[number, string]> => {
  const answer = await fetch(link)
  const text = await answer.text()
  return [answer.status, answer.ok ? text : (JSON.parse(text) as { code: string }).code]
}
const REFUSED = [401, 'signature-invalid']

test('a link gives the file without a login, as a download, and parts of it', async () => {
  const link = await linkOf('bob')
  const answer = await fetch(link)
  expect(await answer.text()).toBe('first second')
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; /)
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
  const part = await fetch(link, { headers: { Range: 'bytes=6-' } })
  expect([part.status, await part.text()]).toEqual([206, 'second'])
})

test('altered anywhere it is refused', async () => {
  const link = await linkOf('bob')
  const others: Record<string, string> = {
    company: idOf('globex'),
    user: idOf('acme ana'),
    role: 'admin',
    expires: String(Number(link.searchParams.get('expires')) + 1),
    signature: 'A'.repeat(43),
  }
  for (const [name, value] of Object.entries(others)) {
    const altered = new URL(link)
    altered.searchParams.set(name, value)
    expect([name, await follow(altered)]).toEqual([name, REFUSED])
  }
  const ofAnother = new URL(link)
  ofAnother.pathname = `/files/${idOf('acme page')}`
  expect(await follow(ofAnother)).toEqual(REFUSED)
  const without = new URL(link)
  without.searchParams.delete('signature')
  expect((await follow(without))[0]).toBe(422)
})

test('it ends with its time', async () => {
  const link = await linkOf('bob')
  http.clock.push(9 * 60_000)
  expect((await follow(link))[0]).toBe(200)
  http.clock.push(61_000)
  expect(await follow(link)).toEqual(REFUSED)
})

test('it ends with the person, and with the role in which it was made', async () => {
  const link = await linkOf('bob')
  http.readModels.deactivated.add(idOf('acme bob'))
  expect(await follow(link)).toEqual(REFUSED)
  http.readModels.deactivated.clear()
  expect((await follow(link))[0]).toBe(200)
  const forged = http.parts.mediaLinks.make(
    { kind: 'user', companyId: idOf('acme'), userId: idOf('acme bob'), role: 'admin', queueIds: [] } as never,
    MESSAGE,
  )
  const { pathname, search } = new URL(forged.url)
  expect(await follow(new URL(pathname + search, http.base))).toEqual(REFUSED)
})

test('what was erased is gone from its links too', async () => {
  const link = await linkOf('bob')
  http.readModels.mediaKey = `${idOf('acme')}/${'0'.repeat(64)}`
  expect(await follow(link)).toEqual([404, 'not-found'])
})

test('nobody gets a link to what they cannot see', async () => {
  const stranger = await http.login('ana', 'globex')
  expect((await http.call(`/api/v1/media/${MESSAGE}/link`, { token: stranger })).status).toBe(404)
})

test('one address asks for no more than its share; another is not kept waiting', async () => {
  const app = await startApp({ trustProxy: 1 })
  try {
    const ask = (from: string) =>
      app.call(`/files/${MESSAGE}?company=x`, { headers: { 'X-Forwarded-For': from } })
    const answers: Response[] = []
    while (answers.at(-1)?.status !== 429 && answers.length < 500) answers.push(await ask('192.0.2.1'))
    const last = answers.at(-1)!
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask('192.0.2.2')).status).toBe(422)
    app.clock.push(10_000)
    expect((await ask('192.0.2.1')).status).toBe(422)
  } finally {
    await app.close()
  }
})
