import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hc, type InferResponseType } from 'hono/client'
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { refused } from '../commands/define.ts'
import type { Message, Ticket } from '../realtime/protocol.ts'
import type { AppType } from './app.ts'
import { PROBLEM_STATUS } from './problem.ts'
import { idOf, POSITION } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

let http: Started
let token: string
beforeAll(async () => {
  http = await startApp()
  token = await http.login('ana')
})
afterAll(() => http.close())
beforeEach(() => {
  http.asked.length = 0
  http.readModels.asked.length = 0
  http.answers.clear()
  http.readModels.fresh = { position: POSITION, stale: false }
})

const ticket = `/api/v1/tickets/${idOf('acme ticket')}`
const accept = (headers: Record<string, string> = {}) =>
  http.call(`${ticket}/accept`, { method: 'POST', token, headers })
const bodyOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>

describe('commands', () => {
  test('carry principal, key, revision and correlation to the door', async () => {
    const answer = await accept({
      'Idempotency-Key': 'k-1',
      'If-Match': '"12"',
      'X-Request-Id': 'request-0001',
    })
    expect(http.asked).toEqual([
      {
        principal: expect.objectContaining({
          kind: 'user',
          companyId: idOf('acme'),
          userId: idOf('acme ana'),
          role: 'admin',
        }),
        command: 'ticket.accept',
        input: { id: idOf('acme ticket') },
        options: { key: 'k-1', ifMatch: 12, correlationId: 'request-0001' },
      },
    ])
    expect(await bodyOf(answer)).toEqual({ id: idOf('acme ticket'), revision: 7, position: POSITION })
    expect(answer.headers.get('x-position')).toBe(POSITION)
    expect(answer.headers.get('x-request-id')).toBe('request-0001')
    expect(answer.headers.get('idempotent-replayed')).toBeNull()
  })

  test('say so when they were carried out before', async () => {
    http.answers.set('ticket.accept', { id: idOf('x'), revision: 1, position: null, duplicate: true })
    const answer = await accept()
    expect(answer.headers.get('idempotent-replayed')).toBe('true')
    expect(answer.headers.get('x-position')).toBeNull()
  })

  test('that create say where the new thing is', async () => {
    const answer = await http.call('/api/v1/queues', {
      method: 'POST',
      token,
      json: { name: 'Q', color: '#aabbcc' },
    })
    const { id } = await bodyOf(answer)
    expect(answer.headers.get('location')).toBe(`/api/v1/queues/${String(id)}`)
  })

  test('take the id of the path, never of the body', async () => {
    const path = `/api/v1/queues/${idOf('acme queue')}`
    await http.call(path, { method: 'PATCH', token, json: { id: idOf('globex queue'), name: 'N' } })
    expect(http.asked[0]?.input).toEqual({ id: idOf('acme queue'), name: 'N' })
  })

  test('that open a ticket take the default session unless told', async () => {
    const open = (json: object) => http.call('/api/v1/tickets', { method: 'POST', token, json })
    await open({ contactId: idOf('acme contact') })
    await open({ contactId: idOf('acme contact'), sessionId: idOf('other') })
    const sessions = http.asked.map(({ input }) => input['sessionId'])
    expect(sessions).toEqual([idOf('acme session'), idOf('other')])
  })

  test('a refused input names its field', async () => {
    http.answers.set('ticket.accept', refused('invalid', 'phone: no country knows such a number.'))
    expect(await bodyOf(await accept())).toMatchObject({
      issues: [{ path: 'phone', message: 'no country knows such a number.' }],
    })
  })

  test('read a revision with and without quotes, and nothing else', async () => {
    await accept({ 'If-Match': '7' })
    expect(http.asked[0]?.options.ifMatch).toBe(7)
    for (const value of ['*', 'W/"7"', '-1', '"x"', '7"']) {
      const answer = await accept({ 'If-Match': value })
      expect({ value, status: answer.status }).toEqual({ value, status: 422 })
    }
    expect(http.asked).toHaveLength(1)
  })

  test.each([
    'conflict',
    'ticket-taken',
    'ticket-live',
    'not-found',
    'forbidden',
    'invalid',
    'busy',
    'store-unavailable',
  ] as const)('a refusal %s becomes its problem', async code => {
    http.answers.set('ticket.accept', refused(code, 'Because.', { userId: idOf('acme bob') }))
    const answer = await accept()
    expect(answer.status).toBe(PROBLEM_STATUS[code])
    expect(await bodyOf(answer)).toMatchObject({
      code,
      detail: 'Because.',
      data: { userId: idOf('acme bob') },
    })
    expect(answer.headers.get('retry-after')).toBe(answer.status === 503 ? '1' : null)
  })

  test('a surprise is 500 without its story', async () => {
    http.answers.set('ticket.accept', new Error('the secret story'))
    const answer = await accept({ 'X-Request-Id': 'request-0002' })
    const text = await answer.text()
    expect(answer.status).toBe(500)
    expect(text).not.toContain('secret story')
    expect(JSON.parse(text)).toMatchObject({
      code: 'internal',
      detail: expect.stringContaining('request-0002'),
    })
  })
})

describe('queries', () => {
  test('wait for the position that the client has written', async () => {
    const answer = await http.call(ticket, { token, headers: { 'X-Min-Position': POSITION } })
    expect(http.readModels.asked).toEqual([{ position: POSITION, ms: 2000 }])
    expect(answer.headers.get('x-position')).toBe(POSITION)
    expect(answer.headers.get('x-stale')).toBeNull()
  })

  test('say so when it was not reached', async () => {
    http.readModels.fresh = { position: 'abcdef0100000000000000000001', stale: true }
    const answer = await http.call(ticket, { token, headers: { 'X-Min-Position': POSITION } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-stale')).toBe('1')
    expect(answer.headers.get('x-position')).toBe('abcdef0100000000000000000001')
  })

  test('always say how far they are', async () => {
    expect((await http.call(ticket, { token })).headers.get('x-position')).toBe(POSITION)
  })

  test('understand every filter of the ticket list', async () => {
    const ids = ['queue', 'contact', 'session'].map(name => idOf(`acme ${name}`)) as [string, string, string]
    const ask = new URLSearchParams({
      status: 'open,pending',
      queueId: ids[0],
      userId: 'me',
      contactId: ids[1],
      sessionId: ids[2].toUpperCase(),
      unread: 'true',
      q: ' João ',
      sort: 'oldest',
      limit: '7',
    })
    expect((await http.call(`/api/v1/tickets?${ask.toString()}&status=closed`, { token })).status).toBe(200)
    expect(http.readModels.asked).toEqual([
      {
        status: ['open', 'pending', 'closed'],
        queueId: ids[0],
        userId: idOf('acme ana'),
        contactId: ids[1],
        sessionId: ids[2],
        unread: true,
        q: 'João',
        sort: 'oldest',
        limit: 7,
      },
    ])
  })

  test('have a limit of 40 unless told', async () => {
    await http.call('/api/v1/tickets', { token })
    expect(http.readModels.asked).toEqual([{ limit: 40 }])
  })

  test.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'limit=',
    'status=odd',
    'queueId=1',
    'unread=maybe',
    'sort=up',
    'cursor=foreign',
    'nonsense=1',
  ])('refuse ?%s', async query => {
    const answer = await http.call(`/api/v1/tickets?${query}`, { token })
    expect(answer.status).toBe(422)
    const { code, issues } = await bodyOf(answer)
    expect(code).toBe('invalid')
    expect(issues).toEqual([{ path: expect.any(String), message: expect.any(String) }])
  })

  test('go on from a cursor', async () => {
    const first = await bodyOf(await http.call('/api/v1/contacts', { token }))
    expect(first['nextCursor']).toBe('next')
    const second = await bodyOf(await http.call('/api/v1/contacts?cursor=next', { token }))
    expect(second['nextCursor']).toBeNull()
  })

  test('an id in upper case is the same id', async () => {
    const path = `/api/v1/tickets/${idOf('acme ticket').toUpperCase()}`
    expect((await http.call(path, { token })).status).toBe(200)
  })

  test('only admins see a QR code', async () => {
    const path = `/api/v1/sessions/${idOf('acme session')}/qr`
    expect(await bodyOf(await http.call(path, { token }))).toMatchObject({
      qr: 'scan me',
      status: 'connected',
    })
    expect((await http.call(path, { token: await http.login('bob') })).status).toBe(403)
  })
})

describe('bodies', () => {
  const post = (body: RequestInit['body'], headers: Record<string, string>) =>
    http.call(`${ticket}/messages`, {
      method: 'POST',
      token,
      body: body!,
      headers,
      duplex: 'half',
    } as RequestInit & { token: string })

  test('of unknown length are measured as they come', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(64 * 1024))
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ < 40) controller.enqueue(chunk)
        else controller.close()
      },
    })
    expect((await post(body, { 'Content-Type': 'application/json' })).status).toBe(413)
  })

  test('that are missing where one is needed are wrong fields', async () => {
    const answer = await http.call(`${ticket}/messages`, { method: 'POST', token })
    expect(answer.status).toBe(422)
    expect(http.asked).toEqual([])
  })

  test('are not needed where all of it is optional', async () => {
    expect((await http.call(`${ticket}/close`, { method: 'POST', token })).status).toBe(200)
    expect(http.asked[0]?.input).toEqual({ id: idOf('acme ticket') })
  })

  test('with a charset are JSON too', async () => {
    expect((await post('{"body":"ok"}', { 'Content-Type': 'application/json; charset=utf-8' })).status).toBe(
      201,
    )
  })
})

describe('addresses', () => {
  test('that do not exist are a 404 problem', async () => {
    const answer = await http.call('/api/v1/nothing', { token })
    expect(answer.status).toBe(404)
    expect(await bodyOf(answer)).toMatchObject({ code: 'not-found' })
  })

  test('that do not know the method say which they know', async () => {
    const answer = await http.call(ticket, { method: 'PUT', token, json: {} })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toMatch(/GET/)
    expect(await bodyOf(answer)).toMatchObject({ code: 'method-not-allowed' })
    expect((await http.call('/health', { method: 'DELETE' })).status).toBe(405)
  })

  test('every answer carries the security headers and an id', async () => {
    for (const path of ['/api/v1/me', '/api/v1/nothing', '/health', '/docs', '/openapi.json', '/']) {
      const { headers } = await http.call(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/)
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('a request id that could break a log line is replaced', async () => {
    const answer = await http.call('/health/live', { headers: { 'X-Request-Id': 'a b {"x":1}' } })
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('media', () => {
  const get = (name: string) => http.call(`/api/v1/media/${idOf(`acme ${name}`)}`, { token })
  test('streams a picture inside the page', async () => {
    const answer = await get('message')
    expect(await answer.text()).toBe('first second')
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('content-length')).toBe('12')
    expect(answer.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''f%C3%B4to%20%221%22.png")
    expect(answer.headers.get('content-security-policy')).toMatch(/sandbox/)
  })
  test('gives the part that a player asks for', async () => {
    const part = (range: string) =>
      http.call(`/api/v1/media/${idOf('acme message')}`, { token, headers: { Range: range } })
    const answer = await part('bytes=6-8')
    expect([answer.status, await answer.text()]).toEqual([206, 'sec'])
    expect(answer.headers.get('content-range')).toBe('bytes 6-8/12')
    expect(answer.headers.get('content-length')).toBe('3')
    expect(await (await part('bytes=-6')).text()).toBe('second')
    const outside = await part('bytes=12-')
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */12'])
  })
  test('gives a small picture, kept by the browser; and none where there is none', async () => {
    const answer = await http.call(`/api/v1/media/${idOf('acme message')}/thumbnail`, { token })
    expect(await answer.text()).toBe('small')
    expect(answer.headers.get('content-type')).toBe('image/jpeg')
    expect(answer.headers.get('cache-control')).toBe('private, max-age=86400, immutable')
    const key = http.readModels.mediaKey
    http.readModels.mediaKey = `${idOf('acme')}/${'0'.repeat(64)}`
    const none = await http.call(`/api/v1/media/${idOf('acme message')}/thumbnail`, { token })
    http.readModels.mediaKey = key
    expect([none.status, none.headers.get('cache-control')]).toEqual([404, 'no-store'])
    await none.body?.cancel()
  })
  test('lets nothing run that a customer sent', async () => {
    const page = await get('page')
    expect(page.headers.get('content-disposition')).toMatch(/^attachment/)
    await page.body?.cancel()
    const broken = await get('broken')
    expect(broken.headers.get('content-type')).toBe('application/octet-stream')
    expect(broken.headers.get('content-disposition')).toMatch(/^attachment/)
    await broken.body?.cancel()
  })
})

describe.each(['whatsapp', 'messenger', 'instagram'])('webhooks of %s', channel => {
  const path = `/webhooks/${channel}/${idOf('acme session')}`
  const deliver = (to: string, body: string, signature = 'right') =>
    http.call(to, {
      method: 'POST',
      body,
      headers: { 'X-Hub-Signature-256': signature, 'Content-Type': 'application/json' },
    })

  test('answer the challenge as it is', async () => {
    const good = await http.call(`${path}?hub.mode=subscribe&hub.verify_token=right&hub.challenge=42`)
    expect([good.status, await good.text()]).toEqual([200, '42'])
    expect(good.headers.get('content-type')).toMatch(/text\/plain/)
    expect((await http.call(`${path}?hub.verify_token=wrong`)).status).toBe(403)
    expect((await http.call(`/webhooks/${channel}/${idOf('other')}`)).status).toBe(404)
    expect((await http.call(`/webhooks/${channel}/nonsense`)).status).toBe(404)
  })

  test('hand on the raw bytes and the headers', async () => {
    const raw = '{"a" : "\u00e9",  "b":1}\n'
    expect((await deliver(path, raw)).status).toBe(200)
    expect(http.deliveries.at(-1)?.raw.toString()).toBe(raw)
    expect(http.deliveries.at(-1)?.headers['x-hub-signature-256']).toBe('right')
  })

  test('answer as the delivery went', async () => {
    const before = http.deliveries.length
    expect((await deliver(path, '{}', 'wrong')).status).toBe(401)
    expect((await deliver(`/webhooks/${channel}/${idOf('other')}`, '{}')).status).toBe(404)
    expect((await deliver(path, 'x'.repeat(3 * 1024 * 1024 + 1))).status).toBe(413)
    expect(http.deliveries).toHaveLength(before)
    const late = await deliver(path, 'late')
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1'])
  })
})

describe('operation', () => {
  test('health tells each service, and fails only for a vital one', async () => {
    const healthy = await http.call('/health')
    expect(healthy.status).toBe(200)
    expect(await bodyOf(healthy)).toMatchObject({
      status: 'healthy',
      services: { redis: { status: 'healthy', message: 'not used', responseTime: expect.any(Number) } },
      metrics: { uptime: expect.any(Number), memory: { rss: expect.any(Number) }, cpu: expect.any(Number) },
    })
    const down = () => Promise.reject(new Error('connection refused'))
    const { checks } = http.state
    http.state.checks = { ...checks, whatsapp: down }
    http.clock.push(1_001)
    const degraded = await http.call('/health')
    expect([degraded.status, (await bodyOf(degraded))['status']]).toEqual([200, 'degraded'])
    http.state.checks = { ...checks, eventstore: down }
    http.clock.push(1_001)
    const unhealthy = await http.call('/health')
    expect(unhealthy.status).toBe(503)
    expect(await bodyOf(unhealthy)).toMatchObject({
      status: 'unhealthy',
      services: { eventstore: { status: 'unhealthy', message: 'connection refused' } },
    })
    http.state.checks = checks
  })

  test('ready says why not', async () => {
    http.state.ready = { ready: false, reason: 'read models are being filled' }
    const answer = await http.call('/health/ready')
    expect(answer.status).toBe(503)
    expect(await bodyOf(answer)).toEqual({ ready: false, reason: 'read models are being filled' })
    http.state.ready = { ready: true, reason: 'ready' }
    expect((await http.call('/health/ready')).status).toBe(200)
    expect((await http.call('/health/live')).status).toBe(200)
  })

  test('metrics name the pattern of a route, never its ids', async () => {
    await http.call(ticket, { token })
    const text = await (await http.call('/metrics')).text()
    expect(text).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/tickets\/:id",status="200"\} \d+/,
    )
    expect(text).not.toContain(idOf('acme ticket'))
    for (const name of [
      'whatsapp_messages_total',
      'whatsapp_active_connections',
      'fio_command_duration_seconds',
      'fio_projection_lag_seconds',
    ]) {
      expect(text).toContain(`# TYPE ${name} `)
    }
  })

  test('metrics may ask for a token', async () => {
    const closed = await startApp({ metricsToken: 'only-for-prometheus' })
    try {
      expect((await closed.call('/metrics')).status).toBe(401)
      expect((await closed.call('/metrics', { token: 'something-else-here' })).status).toBe(401)
      expect((await closed.call('/metrics', { token: 'only-for-prometheus' })).status).toBe(200)
    } finally {
      await closed.close()
    }
  })

  test('one company has its share and no more', async () => {
    const slow = await startApp({ rateLimitPerSecond: 5 })
    try {
      const [mine, theirs] = [await slow.login('ana'), await slow.login('ana', 'globex')]
      const statuses: number[] = []
      for (let n = 0; n < 60; n++) statuses.push((await slow.call('/api/v1/me', { token: mine })).status)
      expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200))
      expect(statuses).toContain(429)
      expect((await slow.call('/api/v1/me', { token: theirs })).status).toBe(200)
      slow.clock.push(2_000)
      expect((await slow.call('/api/v1/me', { token: mine })).status).toBe(200)
    } finally {
      await slow.close()
    }
  })
})

describe('the reference', () => {
  test('is OpenAPI 3.1 whose every reference exists', async () => {
    const text = await (await http.call('/openapi.json')).text()
    const document = JSON.parse(text) as {
      openapi: string
      components: Record<string, Record<string, unknown>>
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)]
    expect(references.length).toBeGreaterThan(100)
    for (const [, kind = '', name = ''] of references) expect(document.components[kind]).toHaveProperty(name)
    const operations = Object.values(document.paths).flatMap(item => Object.values(item))
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { responses } of operations) expect(responses).toHaveProperty('default')
    expect(Object.keys(document.components['schemas']!)).toEqual(
      expect.arrayContaining(['Ticket', 'Message', 'Problem']),
    )
  })

  test('never shows a secret of a session as something that can be read', async () => {
    const document = (await (await http.call('/openapi.json')).json()) as {
      components: { schemas: Record<string, unknown> }
    }
    expect(JSON.stringify(document.components.schemas['Session'])).not.toMatch(
      /appSecret|accessToken|verifyToken/,
    )
  })

  test('is browsable without anything from elsewhere', async () => {
    const page = await (await http.call('/docs')).text()
    const parts = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
    expect(parts.length).toBeGreaterThan(3)
    for (const path of parts) {
      expect(path).toMatch(/^\/docs\//)
      expect((await http.call(path)).status).toBe(200)
    }
    expect((await http.call('/docs/package.json')).status).toBe(404)
    expect((await http.call('/docs/..%2f..%2fpackage.json')).status).toBe(404)
  })
})

describe('the typed client', () => {
  test('knows paths, inputs and answers', async () => {
    const { api } = hc<AppType>(http.base, { headers: { Authorization: `Bearer ${token}` } })
    const page = await (await api.v1.tickets.$get({ query: { status: 'open', limit: '2' } })).json()
    expectTypeOf(page.items).toEqualTypeOf<Ticket[]>()
    expect(page.items[0]?.id).toBe(idOf('acme ticket'))
    const one = api.v1.tickets[':id']
    const messages = await (await one.messages.$get({ param: { id: idOf('acme ticket') }, query: {} })).json()
    expectTypeOf(messages.items[0]!).toExtend<Message>()
    expect(messages.items[0]?.details).toEqual({ latitude: 1, nested: [{ a: null }] })
    const sent = await one.messages.$post({ param: { id: idOf('acme ticket') }, json: { body: 'hi' } })
    expectTypeOf<InferResponseType<typeof one.messages.$post, 201>['revision']>().toEqualTypeOf<number>()
    expect(sent.status).toBe(201)
    expect(http.asked.at(-1)).toMatchObject({
      command: 'message.send',
      input: { body: 'hi', ticketId: idOf('acme ticket') },
    })
  })
})

describe('the UI', () => {
  let folder: string
  let ui: Started
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fio-ui-'))
    await mkdir(join(folder, 'ui/assets'), { recursive: true })
    await writeFile(join(folder, 'secret.txt'), 'secret')
    await writeFile(join(folder, 'ui/index.html'), '<!doctype html>first page')
    await writeFile(join(folder, 'ui/assets/app-1a2b.js'), 'plain')
    await writeFile(join(folder, 'ui/assets/app-1a2b.js.br'), 'brotli bytes')
    ui = await startApp({ uiDir: join(folder, 'ui') })
  })
  afterAll(async () => {
    await ui.close()
    await rm(folder, { recursive: true })
  })
  /** Without the kindness of `fetch`, which tidies paths and unpacks bodies. */
  const raw = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(ui.base)
      request({ hostname, port, path, headers }, answer => {
        let body = ''
        answer.on('data', chunk => (body += String(chunk)))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
      })
        .on('error', reject)
        .end()
    })

  test('answers its first page for every address of its own', async () => {
    for (const path of ['/', '/tickets/123', '/login']) {
      const answer = await raw(path, { accept: 'text/html' })
      expect([answer.status, answer.body]).toEqual([200, '<!doctype html>first page'])
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.headers['content-security-policy']).toMatch(/script-src 'self';/)
    }
    expect((await raw('/assets/gone.js')).status).toBe(404)
    expect((await raw('/api/v2/x', { accept: 'text/html' })).status).toBe(404)
  })

  test('keeps hashed files for ever, packed where the browser can', async () => {
    const packed = await raw('/assets/app-1a2b.js', { 'accept-encoding': 'gzip, br' })
    expect(packed.body).toBe('brotli bytes')
    expect(packed.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'Accept-Encoding',
    })
    expect(packed.headers['cache-control']).toMatch(/immutable/)
    expect((await raw('/assets/app-1a2b.js', { 'accept-encoding': 'br;q=0' })).body).toBe('plain')
    expect((await raw('/assets/app-1a2b.js')).body).toBe('plain')
  })

  test('never leaves its folder', async () => {
    for (const path of [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '//secret.txt',
    ]) {
      const answer = await raw(path)
      expect({ path, leaked: answer.body.includes('secret') && answer.status === 200 }).toEqual({
        path,
        leaked: false,
      })
    }
  })
})
