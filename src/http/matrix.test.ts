import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { idOf } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

/**
 * Every route of the document, tried in every wrong way. A route that is in the document and not here, or the other way
 * round, fails the first test.
 */
let http: Started
let admin: string
let superAdmin: string
let auditor: string
let stranger: string
beforeAll(async () => {
  http = await startApp()
  admin = await http.login('ana')
  superAdmin = await http.login('sue')
  auditor = await http.login('aud')
  stranger = await http.login('ana', 'globex')
})
afterAll(() => http.close())
beforeEach(() => {
  http.asked.length = 0
})

type Row = {
  route: string
  /** Good body. */
  json?: unknown
  /** A form instead of JSON. */
  form?: () => FormData
  /** Body with a field that is wrong. */
  wrong?: unknown
  /** The command that it asks for. */
  command?: string
  status?: number
  /** What it cannot do without. */
  query?: string
  /** Not one company's: nothing of another's can be named. */
  general?: true
  /** Concerns every company: no company's admin may. */
  superAdmin?: true
}
const ROWS: Row[] = [
  { route: 'get /me', general: true },
  { route: 'get /users', general: true },
  {
    route: 'post /users',
    command: 'user.create',
    status: 201,
    general: true,
    json: { name: 'New', email: 'new@example.com', password: 'long enough', role: 'agent', queueIds: [] },
    wrong: { name: 'New', email: 'no address', password: 'short', role: 'king', queueIds: ['x'] },
  },
  { route: 'get /users/{id}' },
  { route: 'get /users/{id}/history' },
  { route: 'patch /users/{id}', command: 'user.change', json: { name: 'Other' }, wrong: { role: 'king' } },
  { route: 'delete /users/{id}', command: 'user.deactivate' },
  { route: 'post /users/{id}/deactivate', command: 'user.deactivate' },
  { route: 'post /users/{id}/reactivate', command: 'user.reactivate' },
  { route: 'get /queues', general: true },
  {
    route: 'post /queues',
    command: 'queue.create',
    status: 201,
    general: true,
    json: { name: 'Q', color: '#aabbcc' },
    wrong: { name: '', color: 'red' },
  },
  { route: 'get /queues/{id}' },
  { route: 'patch /queues/{id}', command: 'queue.change', json: { name: 'R' }, wrong: { color: 1 } },
  { route: 'delete /queues/{id}', command: 'queue.remove' },
  { route: 'get /settings', general: true },
  {
    route: 'patch /settings',
    command: 'company.changeSettings',
    general: true,
    json: { outboundMediaBytesMax: 16_777_216, tellTooLarge: false, largeFilesAsLinks: false },
    wrong: { inboundMediaBytesMax: 12 },
  },
  { route: 'get /sessions', general: true },
  {
    route: 'post /sessions',
    command: 'session.create',
    status: 201,
    general: true,
    json: {
      name: 'S',
      provider: 'cloud',
      queueIds: [],
      settings: { phoneNumberId: '1', accessToken: 'a', appSecret: 'b', verifyToken: 'c' },
    },
    wrong: { name: 'S', provider: 'pigeon' },
  },
  { route: 'get /sessions/{id}' },
  {
    route: 'patch /sessions/{id}',
    command: 'session.change',
    json: { name: 'T' },
    wrong: { settings: { reopenMinutes: -1 } },
  },
  { route: 'delete /sessions/{id}', command: 'session.remove' },
  { route: 'post /sessions/{id}/start', command: 'session.start' },
  { route: 'post /sessions/{id}/stop', command: 'session.stop' },
  { route: 'post /sessions/{id}/restart', command: 'session.restart' },
  { route: 'post /sessions/{id}/logout', command: 'session.logout' },
  {
    route: 'post /sessions/{id}/pairing-code',
    command: 'session.requestPairingCode',
    status: 202,
    json: { phone: '+55 11 98765-4321' },
    wrong: { phone: 7 },
  },
  { route: 'post /sessions/{id}/retry', command: 'session.retryNow', status: 202 },
  { route: 'get /sessions/{id}/qr' },
  { route: 'get /sessions/{id}/history' },
  { route: 'get /sessions/{id}/activity' },
  { route: 'get /sessions/{id}/health' },
  { route: 'get /sessions/{id}/templates' },
  { route: 'get /contacts', general: true },
  {
    route: 'post /contacts',
    command: 'contact.create',
    status: 201,
    general: true,
    json: { name: 'C', phone: '+55 11 98765-4321' },
    wrong: { name: 7 },
  },
  { route: 'get /contacts/{id}' },
  { route: 'patch /contacts/{id}', command: 'contact.change', json: { email: null }, wrong: { email: 'x' } },
  { route: 'post /contacts/{id}/block', command: 'contact.block' },
  { route: 'post /contacts/{id}/unblock', command: 'contact.unblock' },
  {
    route: 'post /contacts/{id}/merge',
    command: 'contact.merge',
    json: { intoId: idOf('acme other') },
    wrong: { intoId: 'x' },
  },
  { route: 'post /contacts/{id}/unmerge', command: 'contact.unmerge' },
  { route: 'get /contacts/{id}/history' },
  {
    route: 'post /contacts/{id}/erase',
    command: 'contact.erase',
    json: { reason: 'requested' },
    wrong: { reason: 'because' },
  },
  { route: 'get /tickets', general: true },
  { route: 'get /tickets/counts', general: true },
  {
    route: 'post /tickets',
    command: 'ticket.open',
    status: 201,
    general: true,
    json: { contactId: idOf('acme contact') },
    wrong: { contactId: 'x' },
  },
  { route: 'get /tickets/{id}' },
  { route: 'post /tickets/{id}/accept', command: 'ticket.accept' },
  { route: 'post /tickets/{id}/return', command: 'ticket.return' },
  {
    route: 'post /tickets/{id}/close',
    command: 'ticket.close',
    json: { silent: true },
    wrong: { silent: 'yes' },
  },
  { route: 'post /tickets/{id}/reopen', command: 'ticket.reopen' },
  {
    route: 'post /tickets/{id}/snooze',
    command: 'ticket.snooze',
    json: { untilReply: true },
    wrong: { until: 'soon' },
  },
  { route: 'post /tickets/{id}/wake', command: 'ticket.wake' },
  { route: 'post /tickets/{id}/read', command: 'ticket.read' },
  { route: 'post /tickets/{id}/takeover', command: 'ticket.takeover' },
  { route: 'get /tickets/{id}/at/{revision}' },
  { route: 'get /tickets/{id}/messages' },
  {
    route: 'post /tickets/{id}/messages',
    command: 'message.send',
    status: 201,
    json: { body: 'hello' },
    wrong: { body: '' },
  },
  { route: 'post /tickets/{id}/messages/{messageId}/retry', command: 'message.retry' },
  {
    route: 'patch /tickets/{id}/messages/{messageId}',
    command: 'message.edit',
    json: { body: 'hello again' },
    wrong: { body: ' ' },
  },
  { route: 'delete /tickets/{id}/messages/{messageId}', command: 'message.revoke' },
  {
    route: 'post /tickets/{id}/messages/{messageId}/reactions',
    command: 'message.react',
    json: { emoji: '👍' },
    wrong: { emoji: 7 },
  },
  {
    route: 'post /tickets/{id}/messages/{messageId}/forward',
    command: 'message.forward',
    status: 201,
    json: { ticketId: idOf('acme ticket') },
    wrong: { ticketId: 'x' },
  },
  { route: 'get /tickets/{id}/messages/{messageId}/history' },
  { route: 'get /channels', general: true },
  { route: 'get /tickets/{id}/history' },
  { route: 'get /messages/search', query: '?q=hello', general: true },
  { route: 'get /media/{messageId}' },
  { route: 'get /media/{messageId}/thumbnail' },
  { route: 'get /media/{messageId}/link' },
  {
    route: 'post /uploads',
    status: 201,
    general: true,
    form: () => {
      const form = new FormData()
      form.append('file', new Blob(['hello']), 'hello.txt')
      return form
    },
  },
  { route: 'get /dead-letters', general: true },
  { route: 'get /dead-letters/{id}' },
  { route: 'post /dead-letters/{id}/retry', command: 'deadLetter.retry' },
  { route: 'post /dead-letters/{id}/drop', command: 'deadLetter.drop' },
  { route: 'get /quarantine', general: true },
  { route: 'post /quarantine/{type}/{id}/retry' },
  { route: 'get /audit/verification', general: true },
  { route: 'post /audit/verification', general: true, status: 202 },
  { route: 'get /projections', general: true },
  { route: 'post /projections/rebuild', status: 202, general: true, superAdmin: true },
  {
    route: 'post /simulator/{sessionId}/inbound',
    status: 202,
    json: { from: '5511987654321', text: 'hi' },
    wrong: { from: '5511987654321' },
  },
  { route: 'get /simulator/{sessionId}/outbound' },
  {
    route: 'post /simulator/{sessionId}/acks',
    json: { messageId: 'm', ack: 'read' },
    wrong: { messageId: 'm', ack: 'seen' },
  },
  { route: 'post /simulator/{sessionId}/connection', json: { state: 'drop' }, wrong: { state: 'explode' } },
]
const OPEN = [
  'post /api/v1/auth/login',
  'post /api/v1/auth/refresh',
  'post /api/v1/auth/logout',
  'get /files/{messageId}',
  'get /files/shared/{messageId}',
  'get /webhooks/whatsapp/{sessionId}',
  'post /webhooks/whatsapp/{sessionId}',
  'get /webhooks/messenger/{sessionId}',
  'post /webhooks/messenger/{sessionId}',
  'get /webhooks/instagram/{sessionId}',
  'post /webhooks/instagram/{sessionId}',
  'get /health',
  'get /health/live',
  'get /health/ready',
  'get /metrics',
]

const kindOf = (path: string): string =>
  ({
    users: 'bob',
    queues: 'queue',
    sessions: 'session',
    contacts: 'contact',
    tickets: 'ticket',
    'dead-letters': 'letter',
    quarantine: 'ticket',
  })[path.split('/')[1]!] ?? ''
const pathFor = ({ route, query = '' }: Row, ids?: string): { method: string; path: string } => {
  const [method = '', path = ''] = route.split(' ')
  const filled = path
    .replace('{id}', ids ?? idOf(`acme ${kindOf(path)}`))
    .replace('{messageId}', ids ?? idOf('acme message'))
    .replace('{sessionId}', ids ?? idOf('acme session'))
    .replace('{type}', 'ticket')
    .replace('{revision}', '2')
  return { method: method.toUpperCase(), path: `/api/v1${filled}${query}` }
}
const send = (
  row: Row,
  options: { token?: string; ids?: string; json?: unknown; raw?: RequestInit } = {},
) => {
  const { method, path } = pathFor(row, options.ids)
  const json = 'json' in options ? options.json : row.json
  return http.call(path, {
    method,
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(json === undefined ? {} : { json }),
    ...(row.form ? { body: row.form() } : {}),
    ...options.raw,
  })
}
const expectProblem = async (answer: Response, status: number, code: string) => {
  const body = (await answer.json()) as Record<string, unknown>
  expect({ status: answer.status, code: body['code'] }).toEqual({ status, code })
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(body).toMatchObject({
    type: `urn:fio:problem:${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
  })
  return body
}

/** Only where it makes sense for the route. */
const when = (applies: unknown): typeof test | (() => void) => (applies ? test : () => {})

test('the document lists every route of this table and no other', async () => {
  const document = (await (await http.call('/openapi.json')).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const listed = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map(method => `${method} ${path}`),
  )
  const here = [...OPEN, ...ROWS.map(({ route }) => route.replace(' ', ' /api/v1'))]
  expect(listed.sort()).toEqual(here.sort())
})

test('the application has no API route that the document leaves out', async () => {
  const served = http.app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`)
  const documented = [...OPEN, ...ROWS.map(({ route }) => route.replace(' ', ' /api/v1'))]
  const pages = ['get /openapi.json', 'get /docs', 'get /docs/{file}']
  expect([...new Set(served)].sort()).toEqual([...documented, ...pages].sort())
})

describe.each(ROWS.map(row => [row.route, row] as const))('%s', (_, row) => {
  test('works for who may, and asks its command', async () => {
    const answer = await send(row, { token: row.superAdmin ? superAdmin : admin })
    expect(answer.status).toBe(row.status ?? 200)
    expect(http.asked.map(({ command }) => command)).toEqual(row.command ? [row.command] : [])
    await answer.body?.cancel()
  })

  test('without a token: 401', async () => {
    const answer = await send(row)
    await expectProblem(answer, 401, 'unauthenticated')
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(http.asked).toEqual([])
  })

  test('with a token that is none: 401', async () => {
    await expectProblem(await send(row, { token: 'a.b.c' }), 401, 'unauthenticated')
  })

  when(!row.general)("another company's id: 404, and so is an id that is none", async () => {
    await expectProblem(await send(row, { token: stranger }), 404, 'not-found')
    await expectProblem(await send(row, { token: admin, ids: 'not-a-uuid' }), 404, 'not-found')
    await expectProblem(await send(row, { token: admin, ids: idOf('nobody') }), 404, 'not-found')
  })

  when(row.command)('a role that may not: 403', async () => {
    await expectProblem(await send(row, { token: auditor }), 403, 'forbidden')
  })

  when(row.superAdmin)("a company's admin: 403", async () => {
    await expectProblem(await send(row, { token: admin }), 403, 'forbidden')
  })

  when(row.wrong !== undefined)('wrong fields: 422 that names them', async () => {
    const body = await expectProblem(await send(row, { token: admin, json: row.wrong }), 422, 'invalid')
    expect(body['issues']).toContainEqual({ path: expect.stringMatching(/\w/), message: expect.any(String) })
    expect(http.asked).toEqual([])
  })

  when(row.json !== undefined)('bad JSON 400, another type 415, too large 413', async () => {
    const raw = (body: string, type: string) =>
      send(row, { token: admin, json: undefined, raw: { body, headers: { 'Content-Type': type } } })
    await expectProblem(await raw('{"a":', 'application/json'), 400, 'bad-json')
    await expectProblem(await raw('a=b', 'application/x-www-form-urlencoded'), 415, 'unsupported-media-type')
    await expectProblem(await raw('<a/>', 'text/xml'), 415, 'unsupported-media-type')
    const large = JSON.stringify({ body: 'x'.repeat(8 * 1024 * 1024) })
    await expectProblem(await raw(large, 'application/json'), 413, 'too-large')
    expect(http.asked).toEqual([])
  })

  when(row.route.startsWith('post'))('a bad idempotency key: 422', async () => {
    for (const key of ['with space', 'x'.repeat(201)]) {
      const answer = await send(row, { token: admin, raw: { headers: { 'Idempotency-Key': key } } })
      await expectProblem(answer, 422, 'invalid')
    }
    expect(http.asked).toEqual([])
  })

  when(row.route.startsWith('get'))('a malformed position: 422', async () => {
    const answer = await send(row, { token: admin, raw: { headers: { 'X-Min-Position': '17' } } })
    await expectProblem(answer, 422, 'invalid')
  })
})
