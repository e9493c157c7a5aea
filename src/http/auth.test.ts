import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Revoked } from './auth.ts'
import { idOf } from './testing/fixtures.ts'
import { PASSWORD, startApp, type Started } from './testing/start-app.ts'

type Tokens = {
  accessToken: string
  refreshToken: string
  expiresIn: number
  user: { id: string; name: string }
}
let http: Started
beforeEach(async () => {
  http = await startApp()
  return () => http.close()
})

const logIn = (json: object) => http.call('/api/v1/auth/login', { method: 'POST', json })
const asBob = async (): Promise<Tokens> =>
  (await (await logIn({ email: 'Bob@Example.com ', password: PASSWORD })).json()) as Tokens
const refresh = (refreshToken: string) =>
  http.call('/api/v1/auth/refresh', { method: 'POST', json: { refreshToken } })
const me = (token: string) => http.call('/api/v1/me', { token })
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code

describe('logging in', () => {
  test('answers tokens and the user, and sets cookies that scripts cannot read', async () => {
    const answer = await logIn({ email: 'bob@example.com', password: PASSWORD })
    expect(answer.status).toBe(200)
    const tokens = (await answer.json()) as Tokens
    expect(tokens).toMatchObject({ expiresIn: 900, user: { id: idOf('acme bob'), name: 'bob' } })
    expect(JSON.stringify(tokens)).not.toContain(PASSWORD)
    const cookies = answer.headers.getSetCookie()
    expect(cookies).toHaveLength(2)
    for (const cookie of cookies) {
      expect(cookie).toMatch(/HttpOnly/)
      expect(cookie).toMatch(/SameSite=Strict/)
      expect(cookie).not.toMatch(/Secure/)
    }
    expect((await me(tokens.accessToken)).status).toBe(200)
  })

  test('a wrong password, an unknown e-mail and a deactivated user look the same', async () => {
    const wrong = await logIn({ email: 'bob@example.com', password: 'something else' })
    const unknown = await logIn({ email: 'nobody@example.com', password: PASSWORD })
    http.readModels.deactivated.add(idOf('acme bob'))
    const gone = await logIn({ email: 'bob@example.com', password: PASSWORD })
    const bodies = await Promise.all([wrong, unknown, gone].map(answer => answer.json()))
    expect([wrong, unknown, gone].map(({ status }) => status)).toEqual([401, 401, 401])
    expect(bodies[1]).toEqual(bodies[0])
    expect(bodies[2]).toEqual(bodies[0])
    expect(bodies[0]).toMatchObject({ code: 'login-failed' })
  })

  test('who is in several companies chooses, but only after the right password', async () => {
    const wrong = await logIn({ email: 'ana@example.com', password: 'something else' })
    expect(await codeOf(wrong)).toBe('login-failed')
    const choice = await logIn({ email: 'ana@example.com', password: PASSWORD })
    expect(choice.status).toBe(409)
    const { code, choices } = (await choice.json()) as { code: string; choices: unknown[] }
    expect(code).toBe('company-choice')
    expect(choices).toEqual([
      { companyId: idOf('acme'), name: 'acme' },
      { companyId: idOf('globex'), name: 'globex' },
    ])
    const there = await logIn({ email: 'ana@example.com', password: PASSWORD, companyId: idOf('globex') })
    expect(((await there.json()) as Tokens).user.id).toBe(idOf('globex ana'))
    const nowhere = await logIn({ email: 'ana@example.com', password: PASSWORD, companyId: idOf('third') })
    expect(await codeOf(nowhere)).toBe('login-failed')
  })

  test('while read models are being filled it is 503, not a wrong password', async () => {
    http.readModels.fresh = { position: null, stale: true }
    http.readModels.deactivated.add(idOf('acme bob'))
    const answer = await logIn({ email: 'bob@example.com', password: PASSWORD })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(await codeOf(answer)).toBe('not-ready')
  })

  test('guessing is slowed down per e-mail and address; a right password costs nothing', async () => {
    for (let n = 0; n < 15; n++)
      await (await logIn({ email: 'sol@example.com', password: PASSWORD })).body?.cancel()
    const statuses: number[] = []
    for (let n = 0; n < 11; n++) {
      const answer = await logIn({ email: 'bob@example.com', password: `guess ${n}` })
      statuses.push(answer.status)
      if (n === 10) {
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(await codeOf(answer)).toBe('rate-limited')
      }
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429])
    const right = await logIn({ email: 'bob@example.com', password: PASSWORD })
    expect(right.status).toBe(429)
    http.clock.push(61_000)
    expect((await logIn({ email: 'bob@example.com', password: PASSWORD })).status).toBe(200)
  })

  test('https makes the cookies Secure and asks for https from then on', async () => {
    const secure = await startApp({ publicUrl: 'https://fio.example.com' })
    try {
      const json = { email: 'bob@example.com', password: PASSWORD }
      const answer = await secure.call('/api/v1/auth/login', { method: 'POST', json })
      for (const cookie of answer.headers.getSetCookie()) expect(cookie).toMatch(/Secure/)
      expect(answer.headers.get('strict-transport-security')).toMatch(/max-age/)
    } finally {
      await secure.close()
    }
  })
})

describe('tokens', () => {
  test('an access token expires after 15 minutes', async () => {
    const { accessToken } = await asBob()
    http.clock.push(899_000)
    expect((await me(accessToken)).status).toBe(200)
    http.clock.push(2_000)
    const answer = await me(accessToken)
    expect(answer.status).toBe(401)
    expect(await codeOf(answer)).toBe('token-expired')
  })

  test('a token that is changed, unsigned or signed with another key is none', async () => {
    const { accessToken } = await asBob()
    const [header, payload, signature] = accessToken.split('.') as [string, string, string]
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const raised = b64({ ...claims, role: 'super-admin' })
    const none = b64({ alg: 'none', typ: 'JWT' })
    const other = createHmac('sha256', 'another key').update(`${header}.${raised}`).digest('base64url')
    const forged = [
      `${header}.${raised}.${signature}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${raised}.${other}`,
      `${accessToken}.x`,
      `${header}..${signature}`,
    ]
    for (const token of forged) expect((await me(token)).status).toBe(401)
  })

  test('a refresh token works once; using it again ends the whole login', async () => {
    const first = await asBob()
    const revoked: Revoked[] = []
    http.auth.onRevoked(login => revoked.push(login))
    const second = (await (await refresh(first.refreshToken)).json()) as Tokens
    expect(second.refreshToken).not.toBe(first.refreshToken)
    expect((await me(second.accessToken)).status).toBe(200)
    const stolen = await refresh(first.refreshToken)
    expect(stolen.status).toBe(401)
    expect(await codeOf(stolen)).toBe('refresh-invalid')
    expect((await refresh(second.refreshToken)).status).toBe(401)
    expect((await me(second.accessToken)).status).toBe(401)
    expect(revoked).toEqual([
      { companyId: idOf('acme'), userId: idOf('acme bob'), family: expect.any(String) },
    ])
  })

  test('of two refreshes at once one wins and the login ends', async () => {
    const { refreshToken } = await asBob()
    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken)])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401])
    const winner = (await answers.find(({ status }) => status === 200)!.json()) as Tokens
    expect((await refresh(winner.refreshToken)).status).toBe(401)
  })

  test('an invented refresh token ends nothing', async () => {
    const { refreshToken, accessToken } = await asBob()
    const [text = ''] = refreshToken.split('.')
    const parts = JSON.parse(Buffer.from(text, 'base64url').toString()) as string[]
    const invented = Buffer.from(JSON.stringify([...parts.slice(0, 3), 'guess'])).toString('base64url')
    expect((await refresh(`${invented}.${'A'.repeat(43)}`)).status).toBe(401)
    expect((await refresh('nonsense')).status).toBe(401)
    expect((await me(accessToken)).status).toBe(200)
    expect((await refresh(refreshToken)).status).toBe(200)
  })

  test('a refresh token expires after 30 days without use', async () => {
    const { refreshToken } = await asBob()
    http.clock.push(31 * 86_400_000)
    expect((await refresh(refreshToken)).status).toBe(401)
  })

  test('tokens are stored only as hashes', async () => {
    const { refreshToken } = await asBob()
    const keys = await http.vault.keys('refresh-tokens', '')
    expect(keys).toHaveLength(1)
    const stored = await http.vault.get('refresh-tokens', keys[0]!)
    const [text = ''] = refreshToken.split('.')
    const secret = (JSON.parse(Buffer.from(text, 'base64url').toString()) as string[])[3]!
    expect(stored).not.toContain(secret)
    expect(await http.vault.get('passwords', `${idOf('acme')}/${idOf('acme bob')}`)).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
    )
  })

  test('no user keeps more than fifty logins', async () => {
    for (let n = 0; n < 52; n++) await http.login('bob')
    expect(await http.vault.keys('refresh-tokens', `${idOf('acme')}/${idOf('acme bob')}/`)).toHaveLength(50)
  })
})

describe('ending a login', () => {
  test('logging out ends it for both tokens, and drops the cookies', async () => {
    const { accessToken, refreshToken } = await asBob()
    const other = await asBob()
    const answer = await http.call('/api/v1/auth/logout', { method: 'POST', token: accessToken })
    expect(answer.status).toBe(204)
    expect(answer.headers.getSetCookie().every(cookie => /Max-Age=0/.test(cookie))).toBe(true)
    expect((await me(accessToken)).status).toBe(401)
    expect((await refresh(refreshToken)).status).toBe(401)
    expect((await me(other.accessToken)).status).toBe(200)
  })

  test('a deactivated user is out within two seconds', async () => {
    const { accessToken, refreshToken } = await asBob()
    expect((await me(accessToken)).status).toBe(200)
    http.readModels.deactivated.add(idOf('acme bob'))
    http.clock.push(2_001)
    expect((await me(accessToken)).status).toBe(401)
    expect((await refresh(refreshToken)).status).toBe(401)
  })

  test('deactivating through the API ends every login at once', async () => {
    const { accessToken, refreshToken } = await asBob()
    const revoked: Revoked[] = []
    http.auth.onRevoked(login => revoked.push(login))
    await me(accessToken)
    const path = `/api/v1/users/${idOf('acme bob')}/deactivate`
    await http.call(path, { method: 'POST', token: await http.login('ana') })
    expect((await me(accessToken)).status).toBe(401)
    expect((await refresh(refreshToken)).status).toBe(401)
    expect(revoked).toHaveLength(1)
  })

  test('a new password ends every login', async () => {
    const { accessToken } = await asBob()
    await http.auth.setPassword(idOf('acme'), idOf('acme bob'), 'a newer password')
    expect((await me(accessToken)).status).toBe(401)
    expect((await logIn({ email: 'bob@example.com', password: PASSWORD })).status).toBe(401)
    expect((await logIn({ email: 'bob@example.com', password: 'a newer password' })).status).toBe(200)
  })

  test('a password has 10 to 256 characters', async () => {
    await expect(http.auth.setPassword(idOf('acme'), idOf('acme bob'), 'too short')).rejects.toThrow(
      RangeError,
    )
    await expect(http.auth.setPassword(idOf('acme'), idOf('acme bob'), 'x'.repeat(257))).rejects.toThrow(
      RangeError,
    )
  })
})

describe('cookies', () => {
  let cookie: string
  const accept = (headers: Record<string, string>) =>
    http.call(`/api/v1/tickets/${idOf('acme ticket')}/accept`, {
      method: 'POST',
      headers: { Cookie: cookie, ...headers },
    })
  beforeEach(async () => {
    const answer = await logIn({ email: 'bob@example.com', password: PASSWORD })
    cookie = answer.headers
      .getSetCookie()
      .map(text => text.split(';')[0])
      .join('; ')
  })

  test('let a page read', async () => {
    expect((await http.call('/api/v1/me', { headers: { Cookie: cookie } })).status).toBe(200)
  })

  test('change something only when the request was made by our own page', async () => {
    expect((await accept({ 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200)
    expect((await accept({ Origin: http.base })).status).toBe(200)
    expect((await accept({ Origin: 'http://127.0.0.1:8080' })).status).toBe(200)
    const refused: Record<string, string>[] = [
      {},
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site', Origin: http.base },
    ]
    for (const headers of refused) {
      const answer = await accept(headers)
      expect({ headers, status: answer.status, code: await codeOf(answer) }).toEqual({
        headers,
        status: 403,
        code: 'cross-site',
      })
    }
  })

  test('refresh and log out too, from our own page only', async () => {
    const post = (path: string, site: string) =>
      http.call(`/api/v1/auth/${path}`, {
        method: 'POST',
        headers: { Cookie: cookie, 'Sec-Fetch-Site': site },
      })
    expect((await post('refresh', 'cross-site')).status).toBe(403)
    expect((await post('logout', 'cross-site')).status).toBe(403)
    const turned = await post('refresh', 'same-origin')
    expect(turned.status).toBe(200)
    expect(turned.headers.getSetCookie()).toHaveLength(2)
    const again = await post('refresh', 'same-origin')
    expect(again.status).toBe(401)
    expect(again.headers.getSetCookie().every(text => /Max-Age=0/.test(text))).toBe(true)
  })

  test('another site cannot log a browser in', async () => {
    const answer = await http.call('/api/v1/auth/login', {
      method: 'POST',
      json: { email: 'bob@example.com', password: PASSWORD },
      headers: { Origin: 'https://evil.example' },
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})
