import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig, type Config } from '../../src/config.ts'
import { startServer, type Running } from '../../src/main/server.ts'
import { signatureOf } from '../../src/providers/meta/signature.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { createLog } from '../../src/shared/log.ts'
import { apiClient, type Api } from '../support/api.ts'
import { ACCOUNTS, pageEvent, pageText, type PageChannelName } from '../support/pages.ts'
import { foundCompany } from '../support/second-company.ts'
import { until } from '../support/until.ts'

/** The doors for Messenger's and Instagram's deliveries, with two companies behind them and one that means no good. */
const ACME = { email: 'admin@example.com', password: 'correct-horse-battery' }
const GLOBEX = { email: 'mallory@example.com', password: 'another-long-password' }
const CHANNELS = ['messenger', 'instagram'] as const
const WORDS = 'words-of-a-customer'
const PERSONS = { messenger: '7712345678901234', instagram: '7743210987654321' }

let folder: string
let config: Config
let server: Running
let acme: Api
let globex: Api
const logged: string[] = []
const doors = { acme: { messenger: '', instagram: '' }, globex: { messenger: '', instagram: '' } }
const tickets = { messenger: '', instagram: '' }

const secretOf = (company: string, channel: string) => `APP-SECRET-OF-${company}-${channel}`
const open = async (api: Api, company: 'acme' | 'globex', channel: PageChannelName): Promise<void> => {
  // Globex names the very page of the other company as its own.
  const settings = {
    pageId: ACCOUNTS[channel].id,
    pageAccessToken: `PAGE-TOKEN-OF-${company}-${channel}`,
    appSecret: secretOf(company, channel),
    verifyToken: `VERIFY-${company}-${channel}`,
  }
  doors[company][channel] = (await api.post('/sessions', { name: channel, provider: channel, settings })).id
}

const deliver = async (
  door: 'acme' | 'globex',
  channel: PageChannelName,
  body: string | object,
  signedBy: 'acme' | 'globex' = door,
): Promise<number> => {
  const raw = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const headers = { 'x-hub-signature-256': signatureOf(raw, secretOf(signedBy, channel)) }
  const url = `${server.url}/webhooks/${channel}/${doors[door][channel]}`
  return (await fetch(url, { method: 'POST', body: raw, headers })).status
}
const lettersOf = async (api: Api) => (await api.get<{ items: unknown[] }>('/dead-letters?limit=100')).items

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-page-doors-'))
  config = loadConfig({
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    ADMIN_EMAIL: ACME.email,
    ADMIN_PASSWORD: ACME.password,
    LOG_LEVEL: 'trace',
    // Nobody is there: names are asked for in vain.
    GRAPH_URL: 'http://127.0.0.1:9',
  })
  await foundCompany(config, 'Globex', GLOBEX)
  const destination = { write: (line: string) => void logged.push(line) }
  const log = createLog({ level: 'trace', version: 'test', environment: 'test', destination })
  server = await startServer(config, systemClock, log)
  await until('ready', async () => (await fetch(`${server.url}/health/ready`)).status === 200)
  const person = async ({ email, password }: typeof ACME): Promise<Api> => {
    const api = apiClient(() => server.url)
    await api.login(email, password)
    return api
  }
  ;[acme, globex] = [await person(ACME), await person(GLOBEX)]
  for (const channel of CHANNELS) {
    await open(acme, 'acme', channel)
    await open(globex, 'globex', channel)
    expect(await deliver('acme', channel, pageText(channel, PERSONS[channel], 'm_first', WORDS))).toBe(200)
    const all = `/tickets?sessionId=${doors.acme[channel]}`
    tickets[channel] = await until(
      'the ticket',
      async () => (await acme.get<{ items: { id: string }[] }>(all)).items[0]?.id,
    )
  }
}, 120_000)
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

describe.each(CHANNELS)('at the door for %s', channel => {
  const about = { person: PERSONS[channel] }
  const messages = () => acme.messages(tickets[channel])

  test('one company’s signature opens no door of another, and its token none either', async () => {
    const forged = pageText(channel, PERSONS[channel], 'm_forged', 'forged')
    expect(await deliver('acme', channel, forged, 'globex')).toBe(401)
    expect(await deliver('globex', channel, forged, 'acme')).toBe(401)
    const ask = (token: string) =>
      fetch(
        `${server.url}/webhooks/${channel}/${doors.acme[channel]}?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${token}`,
      )
    expect((await ask(`VERIFY-globex-${channel}`)).status).toBe(403)
    expect((await ask('')).status).toBe(403)
    expect((await ask(`VERIFY-acme-${channel}`)).status).toBe(200)
    expect(await messages()).toHaveLength(1)
  })

  test('naming another company’s page gets none of its deliveries, and gives it none', async () => {
    const word = `to-globex-${channel}`
    expect(await deliver('globex', channel, pageText(channel, '7700000000000001', 'm_theirs', word))).toBe(
      200,
    )
    const mine = `/tickets?sessionId=${doors.globex[channel]}`
    await until(
      'it is the sender’s own',
      async () => (await globex.get<{ items: unknown[] }>(mine)).items.length === 1,
    )
    expect(await messages()).toHaveLength(1)
    expect((await acme.tickets()).filter(({ lastMessage }) => lastMessage?.preview === word)).toEqual([])
  })

  test('a page that only the other company has is nobody’s here', async () => {
    const before = [await lettersOf(acme), await lettersOf(globex)].map(letters => letters.length)
    const stray = pageText(channel, PERSONS[channel], 'm_stray', 'stray')
    for (const entry of stray.entry) entry.id = '555000555000'
    expect(await deliver('globex', channel, stray)).toBe(200)
    await until('the dead letter', async () => (await lettersOf(globex)).length === (before[1] ?? 0) + 1)
    expect(await lettersOf(acme)).toHaveLength(before[0] ?? 0)
    expect(await messages()).toHaveLength(1)
  })

  test('no reference and no id of another company’s message moves, changes or takes away that message', async () => {
    const [first] = await messages()
    await acme.post(`/tickets/${tickets[channel]}/accept`)
    const sent = await acme.post(`/tickets/${tickets[channel]}/messages`, { body: 'an answer' })
    const ref = `ticket.${tickets[channel]}.${sent.id}.1`
    const told = [
      pageEvent(channel, 'deleted', { ...about, mid: 'm_first' }),
      pageEvent(channel, 'reaction', { ...about, mid: 'm_first' }),
      pageEvent(channel, channel === 'messenger' ? 'read' : 'seen', { ...about, mid: 'm_first' }),
      ...(channel === 'messenger' ? [pageEvent(channel, 'echo-of-ours', { ...about, ref })] : []),
    ]
    for (const delivery of told) expect(await deliver('globex', channel, delivery)).toBe(200)
    const [again, answer] = await messages()
    expect(again).toEqual(first)
    expect(answer?.ack).toBe('queued')
  })

  test('what cannot be walked is kept and not asked for again; what is no JSON, or too much, is refused', async () => {
    const before = (await lettersOf(acme)).length
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(await deliver('acme', channel, `{"object":"page","entry":[${deep}]}`)).toBe(200)
    await until('the dead letter', async () => (await lettersOf(acme)).length === before + 1)
    expect(await deliver('acme', channel, '{"object":')).toBe(400)
    expect(await deliver('acme', channel, 'x'.repeat(3 * 1024 * 1024 + 1))).toBe(413)
  })
})

test('neither logs, metrics nor the event log hold tokens, secrets, words or who wrote', async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const log = await readFile(join(config.dataDir, 'events/log.mdb'), 'latin1')
  const vault = await readFile(join(config.dataDir, 'vault/data.mdb'), 'latin1')
  const lines = logged.join('')
  const secrets = ['PAGE-TOKEN-OF-', 'APP-SECRET-OF-', 'VERIFY-acme', 'VERIFY-globex']
  for (const word of [...secrets, WORDS, ...Object.values(PERSONS)])
    for (const [where, text] of Object.entries({ lines, metrics, log }))
      expect([where, word, text.includes(word)]).toEqual([where, word, false])
  for (const word of secrets) expect(vault).not.toContain(word)
})
