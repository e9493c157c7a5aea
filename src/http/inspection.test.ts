import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGraphServer, type GraphServer } from '../../test/doubles/graph/server.ts'
import { channelInspection } from '../main/channel-inspection.ts'
import { keptLooks, LOOK_MINUTES } from '../main/kept-looks.ts'
import { openEmbeddedVault } from '../vault/embedded.ts'
import { cloudProvider } from '../providers/cloud/provider.ts'
import { systemClock, type Clock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import type { Session } from '../realtime/protocol.ts'
import { must } from '../shared/must.ts'
import { idOf, principalIn } from './testing/fixtures.ts'
import type { Vault } from '../vault/port.ts'
import { startApp, type Started } from './testing/start-app.ts'

/** The routes over a real Cloud channel, with a Graph API at the other end of a real socket. */
const NUMBER = '106540352242922'
const ACCOUNT = '215589313241560883'
const TOKEN = 'the-token-of-acme'
const TEMPLATES = ['a', 'b', 'c'].map(name => ({
  name,
  language: 'en',
  status: 'APPROVED',
  category: 'UTILITY',
  parameter_format: 'NAMED',
  components: [{ type: 'BODY', text: 'Hi {{first_name}}' }],
}))
const SESSION = `/api/v1/sessions/${idOf('acme session')}`

let graph: GraphServer
let http: Started
let folder: string
let vault: Vault
/** How much later it is now, as far as kept looks know. */
let later = 0
let token = TOKEN
let change: Partial<Pick<Session, 'provider' | 'settings'>>
const asCloud = (): typeof change => ({
  provider: 'cloud',
  settings: {
    reopenPolicy: 'reopen',
    reopenMinutes: 0,
    phoneNumberId: NUMBER,
    businessAccountId: ACCOUNT,
  },
})
const asked: string[] = []

/** So long that it is never the provider which gives up. */
const TIMEOUT_MS = 600_000

/** The door as main makes it. */
const inspectionWithin = (waitMs: number) => {
  const clock: Clock = { ...systemClock, now: () => Date.now() + later }
  return channelInspection({
    providers: {
      cloud: cloudProvider({ graphUrl: graph.url, clock, log: silentLog, timeoutMs: TIMEOUT_MS }),
    },
    credentials: async (companyId, sessionId) => {
      asked.push(`${companyId} ${sessionId}`)
      return { accessToken: token }
    },
    looks: keptLooks(vault, clock),
    waitMs,
    clock,
    log: silentLog,
  })
}

beforeAll(async () => {
  graph = await startGraphServer()
  folder = await mkdtemp(join(tmpdir(), 'fio-looks-'))
  vault = await openEmbeddedVault({ folder, masterKey: randomBytes(32) })
  http = await startApp({}, { inspection: inspectionWithin(TIMEOUT_MS) })
  const rows = http.readModels.session
  http.readModels.session = async (who, id) => {
    const found = await rows(who, id)
    return found && { ...found, ...change }
  }
})
afterAll(async () => {
  await http.close()
  await graph.close()
  await vault.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  asked.length = 0
  // What an earlier test was told is forgotten.
  later += LOOK_MINUTES * 60_000
  token = TOKEN
  change = asCloud()
  graph.addNumber(NUMBER, TOKEN)
  graph.addAccount(ACCOUNT, TOKEN, TEMPLATES)
})
afterEach(() => graph.clearFaults())

const get = async (what: 'health' | 'templates', person = 'ana', company: 'acme' | 'globex' = 'acme') => {
  const answer = await http.call(`${SESSION}/${what}`, { token: await http.login(person, company) })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as unknown }
}

test('tells what the channel says, without a word of our own bookkeeping', async () => {
  expect(await get('health')).toMatchObject({
    status: 200,
    body: {
      checkedAt: expect.any(String) as string,
      displayName: 'Fio',
      phone: '+55 11 5555-0100',
      quality: 'green',
    },
  })
  const { status, body } = await get('templates')
  expect([status, body]).toEqual([
    200,
    {
      items: ['a', 'b', 'c'].map(name => ({
        name,
        language: 'en',
        category: 'utility',
        status: 'approved',
        body: 'Hi {{first_name}}',
        places: 1,
      })),
    },
  ])
  expect(asked).toEqual(Array(2).fill(`${principalIn('acme', 'ana').companyId} ${idOf('acme session')}`))
})

test.each([
  ['health', { sue: 200, ana: 200, sol: 200, bob: 403, aud: 403 }],
  ['templates', { sue: 200, ana: 200, sol: 200, bob: 200, aud: 403 }],
] as const)('%s is for those whose work it is', async (what, expected) => {
  for (const [person, status] of Object.entries(expected))
    expect([person, (await get(what, person)).status]).toEqual([person, status])
})

test("another company's session is not there, and nobody is asked", async () => {
  const before = graph.requests.length
  for (const what of ['health', 'templates'] as const)
    expect(await get(what, 'ana', 'globex')).toMatchObject({ status: 404, body: { code: 'not-found' } })
  expect([asked, graph.requests.length]).toEqual([[], before])
})

test('a channel that cannot be asked such things says so', async () => {
  change = { provider: 'baileys' }
  expect(await get('health')).toMatchObject({ status: 422, body: { code: 'not-supported' } })
})

test('a channel that says no is no fault of ours, and its words, which may hold a token, stay here', async () => {
  graph.fault({ kind: 'error', status: 401, code: 190, message: `Malformed access token ${TOKEN}` })
  const { status, body } = await get('health')
  expect([status, body]).toMatchObject([
    502,
    { code: 'channel-refused', data: { reason: 'credentials-rejected' } },
  ])
  expect(JSON.stringify(body)).not.toContain(TOKEN)
  change = { provider: 'cloud', settings: { ...must(asCloud().settings, 's'), businessAccountId: undefined } }
  expect(await get('templates')).toMatchObject({
    status: 502,
    body: { code: 'channel-refused', data: { reason: 'business-account-missing' } },
  })
})

const checkedAt = (body: unknown): string => {
  const { checkedAt: direct, data } = body as { checkedAt?: string; data?: { checkedAt?: string } }
  return must(direct ?? data?.checkedAt, 'checkedAt')
}
const look = (query = '', person = 'ana') =>
  http
    .login(person, 'acme')
    .then(bearer => http.call(`${SESSION}/health${query}`, { token: bearer }))
    .then(async answer => ({ status: answer.status, body: (await answer.json()) as unknown }))

test('what one admin was told, the next one sees for ten minutes, and with it when', async () => {
  const first = await look()
  const before = graph.requests.length
  later += LOOK_MINUTES * 60_000 - 60_000
  expect(await look('', 'sue')).toEqual(first)
  expect(graph.requests.length).toBe(before)
  later += 60_000
  expect(checkedAt((await look()).body) > checkedAt(first.body)).toBe(true)
  expect(graph.requests.length).toBeGreaterThan(before)
})

test('who wants to know it now asks again, and everybody sees that', async () => {
  const first = await look()
  graph.addNumber(NUMBER, TOKEN, '+55 11 5555-0100', { quality_rating: 'RED' })
  expect(await look()).toEqual(first)
  const again = await look('?again=true')
  expect(again.body).toMatchObject({ quality: 'red' })
  expect(await look('', 'sue')).toEqual(again)
})

test('a refusal is kept as well, until there is another token', async () => {
  graph.fault({ kind: 'error', status: 401, code: 190 })
  const refused = await look()
  expect(refused).toMatchObject({ status: 502, body: { data: { reason: 'credentials-rejected' } } })
  expect(await look('', 'sue')).toEqual(refused)
  token = 'another-token'
  graph.addNumber(NUMBER, token)
  expect(await look()).toMatchObject({ status: 200, body: { quality: 'green' } })
})

test('that a channel could not be asked is not kept', async () => {
  graph.fault({ kind: 'error', status: 500 })
  expect((await look()).status).toBe(503)
  expect((await look()).status).toBe(200)
})

test('a channel in trouble may be asked again', async () => {
  graph.fault({ kind: 'error', status: 500 })
  const { status, headers, body } = await get('health')
  expect([status, body]).toMatchObject([503, { code: 'channel-unreachable' }])
  expect(headers.get('retry-after')).toBe('5')
})

test('a channel that is silent is waited for so long and no longer', async () => {
  graph.fault({ kind: 'silence' })
  const session = must(await http.readModels.session(principalIn('acme', 'ana'), idOf('acme session')), 's')
  expect(await inspectionWithin(50).health(idOf('acme'), session)).toMatchObject({
    untold: 'channel-unreachable',
  })
})
