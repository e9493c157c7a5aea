import { createHmac } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { loadConfig, type Config } from '../../src/config.ts'
import { startServer, type Running } from '../../src/main/server.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { createLog } from '../../src/shared/log.ts'
import { apiClient, type Api, type Made } from '../support/api.ts'
import { foundCompany } from '../support/second-company.ts'
import { until } from '../support/until.ts'

/** Two companies on one real server, and one trying to get at the other; then everything that was written down. */
const ACME = { email: 'admin@example.com', password: 'correct-horse-battery' }
const GLOBEX = { email: 'mallory@example.com', password: 'another-long-password' }
const SECRETS = {
  accessToken: 'ACCESS-TOKEN-OF-ACME',
  appSecret: 'APP-SECRET-OF-ACME',
  verifyToken: 'VERIFY-OF-ACME',
}
const CUSTOMER = { phone: '5511987650001', name: 'Fulana Secreta', words: 'words-of-a-customer' }

let folder: string
let config: Config
let server: Running
let acme: Api
let globex: Api
const logged: string[] = []
const theirs = { session: '', cloud: '', queue: '', contact: '', ticket: '', message: '', user: '' }

const person = async ({ email, password }: typeof ACME): Promise<Api> => {
  const api = apiClient(() => server.url)
  await api.login(email, password)
  return api
}

const furnish = async (): Promise<void> => {
  theirs.queue = (await acme.post('/queues', { name: 'Sales', color: '#112233' })).id
  theirs.session = await acme.openSession({ name: 'Sim', provider: 'simulator', queueIds: [theirs.queue] })
  const settings = { phoneNumberId: '777', ...SECRETS }
  theirs.cloud = (await acme.post('/sessions', { name: 'C', provider: 'cloud', settings })).id
  const media = { mime: 'image/png', base64: Buffer.from('a picture').toString('base64') }
  const { messageId } = await acme.post<{ messageId: string }>(`/simulator/${theirs.session}/inbound`, {
    from: CUSTOMER.phone,
    name: CUSTOMER.name,
    text: CUSTOMER.words,
    media,
  })
  theirs.message = messageId
  const ticket = await until('the ticket', async () => (await acme.tickets())[0])
  theirs.ticket = ticket.id
  theirs.contact = ticket.contact.id
  theirs.user = (await acme.get<{ id: string }>('/me')).id
  await until('the picture', async () => (await acme.ask('GET', `/media/${messageId}`)).status === 200)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-two-companies-'))
  const { email, password } = ACME
  const env = { DATA_DIR: join(folder, 'data'), PORT: '0', ADMIN_EMAIL: email, ADMIN_PASSWORD: password }
  config = loadConfig({ ...env, LOG_LEVEL: 'trace' })
  await foundCompany(config, 'Globex', GLOBEX)
  const destination = { write: (line: string) => void logged.push(line) }
  const log = createLog({ level: 'trace', version: 'test', environment: 'test', destination })
  server = await startServer(config, systemClock, log)
  await until('ready', async () => (await fetch(`${server.url}/health/ready`)).status === 200)
  ;[acme, globex] = [await person(ACME), await person(GLOBEX)]
  await furnish()
}, 120_000)
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('somebody of another company', () => {
  test('finds nothing by id, and lists nothing', async () => {
    const { session, queue, contact, ticket, message, user } = theirs
    const reads = [
      `/users/${user}`,
      `/queues/${queue}`,
      `/sessions/${session}`,
      `/sessions/${session}/qr`,
      `/sessions/${session}/history`,
      `/sessions/${session}/health`,
      `/sessions/${session}/templates`,
      `/contacts/${contact}`,
      `/contacts/${contact}/history`,
      `/tickets/${ticket}`,
      `/tickets/${ticket}/messages`,
      `/tickets/${ticket}/history`,
      `/tickets/${ticket}/messages/${message}/history`,
      `/tickets/${ticket}/at/0`,
      `/media/${message}`,
      `/simulator/${session}/outbound`,
    ]
    for (const path of reads) expect([path, (await globex.ask('GET', path)).status]).toEqual([path, 404])
    for (const path of [
      `/tickets?q=Fulana`,
      `/messages/search?q=${CUSTOMER.words.split('-')[0]}`,
      `/messages/search?q=words&ticketId=${ticket}`,
      `/messages/search?q=words&contactId=${contact}`,
      `/tickets?contactId=${contact}`,
      '/contacts',
      '/sessions',
      '/queues',
    ])
      expect(await globex.get(path)).toEqual({ items: [], nextCursor: null })
    expect(await acme.get<{ items: unknown[] }>('/messages/search?q=words')).toMatchObject({
      items: [{ messageId: message, ticket: { id: ticket } }],
    })
    for (const what of ['health', 'templates'])
      expect((await acme.ask('GET', `/sessions/${session}/${what}`)).status).toBe(200)
    expect(await globex.get('/tickets/counts')).toMatchObject({ pending: 0, open: 0 })
  })

  test('and an agent of the same company reads no past of a session', async () => {
    const agent = { email: 'agent@example.com', password: 'a-third-long-password' }
    await acme.post('/users', { ...agent, name: 'Agent', role: 'agent', queueIds: [theirs.queue] })
    const path = `/sessions/${theirs.session}/history`
    expect((await (await person(agent)).ask('GET', path)).status).toBe(403)
    const { items } = await acme.get<{ items: { type: string }[] }>(`${path}?limit=100`)
    expect(items.map(({ type }) => type)).toContain('session.owned')
  })

  test('changes nothing by id', async () => {
    const { session, queue, contact, ticket, message, user } = theirs
    const writes: [string, string, object?][] = [
      ['PATCH', `/users/${user}`, { password: 'taken-over-password' }],
      ['POST', `/users/${user}/deactivate`],
      ['PATCH', `/queues/${queue}`, { name: 'Mine' }],
      ['DELETE', `/queues/${queue}`],
      ['PATCH', `/sessions/${session}`, { name: 'Mine' }],
      ...['start', 'stop', 'restart', 'logout'].map((action): [string, string] => [
        'POST',
        `/sessions/${session}/${action}`,
      ]),
      ['POST', `/sessions/${session}/pairing-code`, { phone: '+55 11 98765-4321' }],
      ['DELETE', `/sessions/${session}`],
      ['PATCH', `/contacts/${contact}`, { name: 'Mine' }],
      ['POST', `/contacts/${contact}/block`],
      ['POST', `/contacts/${contact}/merge`, { intoId: contact }],
      ['POST', `/contacts/${contact}/unmerge`],
      ['POST', '/tickets', { contactId: contact, sessionId: session }],
      ...['accept', 'return', 'close', 'reopen', 'read', 'takeover', 'wake'].map(
        (action): [string, string] => ['POST', `/tickets/${ticket}/${action}`],
      ),
      ['POST', `/tickets/${ticket}/snooze`, { untilReply: true }],
      ['POST', `/tickets/${ticket}/messages`, { body: 'hello' }],
      ['POST', `/tickets/${ticket}/messages/${message}/retry`],
      ['PATCH', `/tickets/${ticket}/messages/${message}`, { body: 'mine' }],
      ['DELETE', `/tickets/${ticket}/messages/${message}`],
      ['POST', `/tickets/${ticket}/messages/${message}/reactions`, { emoji: '👎' }],
      ['POST', `/tickets/${ticket}/messages/${message}/forward`, { ticketId: ticket }],
      ['POST', `/simulator/${session}/inbound`, { from: '5511900000000', text: 'x' }],
      ['POST', `/simulator/${session}/acks`, { messageId: 'x', ack: 'read' }],
      ['POST', `/simulator/${session}/connection`, { state: 'drop' }],
    ]
    for (const [method, path, body = {}] of writes)
      expect([path, (await globex.ask(method, path, { body })).status]).toEqual([path, 404])
    expect(await acme.ticket(ticket)).toMatchObject({ status: 'pending' })
    expect(await acme.get(`/me`)).toMatchObject({ active: true })
  })

  test('hears nothing, and opens nobody’s ticket', async () => {
    const { accessToken } = await globex.post<{ accessToken: string }>('/auth/login', GLOBEX)
    const socket = io(server.url, { auth: { token: accessToken }, transports: ['websocket'], forceNew: true })
    const got: string[] = []
    socket.onAny((event: string) => void got.push(event))
    await until('the socket', async () => got.includes('ready'))
    const text = { from: CUSTOMER.phone, text: 'again' }
    await acme.post(`/simulator/${theirs.session}/inbound`, text)
    const shown = async () => (await acme.messages(theirs.ticket)).some(({ body }) => body === text.text)
    await until('it is shown', shown)
    expect(await socket.emitWithAck('join', theirs.ticket)).toBe(false)
    // Its own presence, and nobody else's.
    expect(got.filter(event => event !== 'presence')).toEqual(['ready'])
    expect(got.length).toBeLessThanOrEqual(2)
    socket.close()
  })

  test('gets no delivery by naming their number, and moves no message by naming its reference', async () => {
    const settings = { phoneNumberId: '777', accessToken: 'm', appSecret: 'mallory', verifyToken: 'm' }
    const mine: Made = await globex.post('/sessions', { name: 'Trap', provider: 'cloud', settings })
    await acme.post(`/tickets/${theirs.ticket}/accept`)
    const sent: Made = await acme.post(`/tickets/${theirs.ticket}/messages`, { body: 'an answer' })
    const reached = async () => (await acme.messages(theirs.ticket)).find(({ id }) => id === sent.id)
    const status = {
      id: 'wamid.x',
      status: 'failed',
      timestamp: '1790000000',
      biz_opaque_callback_data: `ticket.${theirs.ticket}.${sent.id}`,
    }
    expect(await deliver(mine.id, 'mallory', { statuses: [status] })).toBe(200)
    await vi.waitFor(async () => expect(await reached()).toBeDefined())
    expect((await reached())?.ack).not.toBe('failed')
    const message = {
      id: 'wamid.y',
      from: '5511900000001',
      timestamp: '1790000000',
      type: 'text',
      text: { body: 'hi' },
    }
    expect(await deliver(theirs.cloud, 'mallory', { messages: [message] })).toBe(401)
    expect(await deliver(mine.id, 'mallory', { messages: [message] })).toBe(200)
    await vi.waitFor(async () => expect(await globex.tickets()).toHaveLength(1))
    expect(await acme.tickets()).toHaveLength(1)
  })
})

const deliver = async (sessionId: string, secret: string, value: object, number = '777'): Promise<number> => {
  const metadata = { phone_number_id: number }
  const change = { field: 'messages', value: { metadata, ...value } }
  return deliverText(sessionId, secret, JSON.stringify({ object: 'x', entry: [{ changes: [change] }] }))
}
const deliverText = async (sessionId: string, secret: string, body: string): Promise<number> => {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const headers = { 'x-hub-signature-256': signature }
  return (await fetch(`${server.url}/webhooks/whatsapp/${sessionId}`, { method: 'POST', body, headers }))
    .status
}

describe('what nobody sends who means well', () => {
  test('is the sender’s mistake, never ours', async () => {
    const cursor = (...key: unknown[]) => Buffer.from(JSON.stringify(key)).toString('base64url')
    const { ticket, user } = theirs
    const asked = [
      '/tickets?q=%00',
      '/contacts?q=%00a',
      '/messages/search?q=a%00',
      '/messages/search',
      '/messages/search?q=a&from=yesterday',
      `/messages/search?q=a&cursor=${cursor('tickets', '', user)}`,
      `/tickets?cursor=${cursor('tickets', '\0', user)}`,
      `/users?cursor=${cursor('users', '\0', user)}`,
      `/tickets/${ticket}/messages?before=${cursor('messages', 2 ** 40)}`,
    ]
    for (const path of asked) expect([path, (await acme.ask('GET', path)).status]).toEqual([path, 422])
    expect((await acme.ask('GET', `/tickets/${ticket}/at/${Number.MAX_SAFE_INTEGER}`)).status).toBe(404)
    for (const email of ['a\0b', ' ']) {
      const body = { email, password: 'a long password' }
      expect((await acme.ask('POST', '/auth/login', { body })).status).toBe(422)
    }
    const settings = { ...SECRETS, phoneNumberId: '7\0' }
    const body = { name: 'N', provider: 'cloud', settings }
    expect((await acme.ask('POST', '/sessions', { body })).status).toBe(422)
  })

  test('a signed delivery that cannot be walked, or for a number that cannot be, is kept and not asked for again', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(await deliverText(theirs.cloud, SECRETS.appSecret, `{"object":"x","entry":[${deep}]}`)).toBe(200)
    for (const number of ['9'.repeat(2_000), '9\0'])
      expect(await deliver(theirs.cloud, SECRETS.appSecret, { messages: [{ id: 'x' }] }, number)).toBe(200)
    const kept = async () => (await acme.get<{ items: unknown[] }>('/dead-letters')).items
    await until('they are shown', async () => (await kept()).length >= 3)
    expect(await kept()).toHaveLength(3)
  })
})

test('neither logs, metrics nor the event log hold secrets, words, names or numbers, and nobody else may read the folders', async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const openapi = await (await fetch(`${server.url}/openapi.json`)).text()
  const log = await readFile(join(config.dataDir, 'events/log.mdb'), 'latin1')
  const vault = await readFile(join(config.dataDir, 'vault/data.mdb'), 'latin1')
  const secrets = [ACME.password, GLOBEX.password, config.secretKey, ...Object.values(SECRETS)]
  const personal = [CUSTOMER.phone, CUSTOMER.name, CUSTOMER.words, 'an answer', GLOBEX.email]
  const lines = logged.join('')
  expect(lines).toContain('/api/v1/tickets')
  for (const word of [...secrets, ...personal]) {
    for (const [where, text] of Object.entries({ lines, metrics, openapi, log }))
      expect([where, word, text.includes(word)]).toEqual([where, word, false])
  }
  for (const word of secrets) expect(vault).not.toContain(word)
  expect(lines).not.toMatch(/eyJ[\w-]{20,}\./)
  for (const name of ['', ...(await readdir(config.dataDir))]) {
    const { mode } = await stat(join(config.dataDir, name))
    expect([name, (mode & 0o077).toString(8)]).toEqual([name, '0'])
  }
})
