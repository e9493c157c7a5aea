import { afterEach, beforeEach, expect, test } from 'vitest'
import { startGraphServer, type GraphServer } from '../../../test/doubles/graph/server.ts'
import type { GraphPage } from '../../../test/doubles/graph/pages.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { must } from '../../shared/must.ts'
import { instagramChannel } from '../instagram/channel.ts'
import { messengerChannel } from '../messenger/channel.ts'
import type { PageChannel } from './page-channel.ts'
import { pageProvider } from './page-provider.ts'

const TOKEN = 'a-page-token'
const SECRET = 'the-secret-of-the-app'
const PAGE = '1906385232743451'
const IG = '17841405822304914'
const DAY_MS = 86_400_000

let graph: GraphServer
beforeEach(async () => {
  graph = await startGraphServer()
})
afterEach(() => graph.close())

const page = (change: Partial<GraphPage> = {}) => {
  graph.pages.add(TOKEN, {
    pageId: PAGE,
    name: 'Loja',
    appId: '77',
    appSecret: SECRET,
    instagram: { id: IG, username: 'loja' },
    scopes: [...messengerChannel.permissions, ...instagramChannel.permissions],
    ...change,
  })
}
const subscribed = async (channel: PageChannel) => {
  const fields = channel.subscribedFields.join(',')
  await fetch(`${graph.url}/v23.0/me/subscribed_apps?subscribed_fields=${fields}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
  })
}
const health = (channel: PageChannel = messengerChannel, appSecret = SECRET, token = TOKEN) => {
  const clock = systemClock
  const provider = pageProvider(channel, { graphUrl: graph.url, clock, log: silentLog, timeoutMs: 1_000 })
  const inspected = must(
    provider.inspect,
    'inspect',
  )({
    credentials: { pageAccessToken: token, appSecret },
    settings: { pageId: channel.kind === 'instagram' ? IG : PAGE },
  })
  return must(inspected.health, 'health')()
}

test.each([
  ['messenger', messengerChannel, 'Loja'],
  ['instagram', instagramChannel, 'loja'],
] as const)('%s: all is well, and that is all', async (_, channel, displayName) => {
  page()
  await subscribed(channel)
  expect(await health(channel)).toEqual({ displayName, tokenExpiresAt: null })
  // The token is debugged in the app's name, not in its own.
  const asked = graph.requests.findLast(({ path }) => path.includes('debug_token'))
  expect(asked?.token).toBe(`77|${SECRET}`)
})

test('what is missing is named: the page, the subscription, permissions; and a token that runs out soon', async () => {
  const expiresAt = Math.floor((Date.now() + 3 * DAY_MS) / 1000)
  page({ pageId: '5', scopes: ['pages_manage_metadata'], expiresAt })
  const until = new Date(expiresAt * 1000).toISOString()
  expect(await health()).toEqual({
    tokenExpiresAt: until,
    problems: [
      { code: 'page-does-not-match-token' },
      { code: 'not-subscribed' },
      { code: 'permission-missing', detail: 'pages_messaging' },
      { code: 'token-expires', detail: until },
    ],
  })
  expect(graph.requests.every(({ method }) => method === 'GET')).toBe(true)
})

test('a token that lasts is no problem', async () => {
  page({ expiresAt: Math.floor((Date.now() + 50 * DAY_MS) / 1000) })
  await subscribed(messengerChannel)
  const { problems, tokenExpiresAt } = await health()
  expect([problems, typeof tokenExpiresAt]).toEqual([undefined, 'string'])
})

test('a secret that is not the app’s is found out before a delivery is refused for it', async () => {
  page()
  await subscribed(messengerChannel)
  expect(await health(messengerChannel, 'another')).toEqual({
    displayName: 'Loja',
    problems: [{ code: 'app-secret-rejected' }],
  })
})

test('a token that Graph refuses, and a Graph in trouble, are told apart', async () => {
  page()
  await expect(health(messengerChannel, SECRET, 'no-token')).rejects.toMatchObject({
    code: 'credentials-rejected',
    retryable: false,
  })
  graph.fault({ kind: 'error', status: 500 })
  await expect(health()).rejects.toMatchObject({ code: 'channel-unreachable', retryable: true })
})
