import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startNode, startProcess, type App, type ServerProcess } from '../support/app.ts'
import { until } from '../support/until.ts'
import { columnAvailable, startWorld, type World } from '../support/world.ts'

/** One process for each role: together they are a whole server, and each does nothing but its own. */
describe.skipIf(!(await columnAvailable('outside')))('one process a role', () => {
  let world: World
  let api: App
  const others: Record<'sessions' | 'projections' | 'jobs', ServerProcess | null> = {
    sessions: null,
    projections: null,
    jobs: null,
  }
  let sessionId = ''

  beforeAll(async () => {
    world = await startWorld('outside')
    const role = (node: number, name: string) => startProcess(world, node, { ROLE: name })
    ;[api, others.sessions, others.projections, others.jobs] = await Promise.all([
      startNode(world, 0, { ROLE: 'api' }),
      role(1, 'sessions'),
      role(2, 'projections'),
      role(3, 'jobs'),
    ])
  })
  afterAll(async () => {
    for (const one of [api, ...Object.values(others)]) await one?.kill()
    await world.close()
  })

  const answerOf = async (url: string): Promise<number> => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) })
    await answer.arrayBuffer()
    return answer.status
  }
  const owned = async (server: ServerProcess): Promise<string> => {
    const health = await fetch(`${server.url}/health`, { signal: AbortSignal.timeout(30_000) })
    return ((await health.json()) as { services: { whatsapp: { message: string } } }).services.whatsapp
      .message
  }
  const write = (n: number) =>
    world.phone.inbound(sessionId, { from: '5511944440001', name: 'Ana', text: `oi ${n}`, id: `ana-${n}` })

  test.each(['sessions', 'projections', 'jobs'] as const)(
    '%s serves how it is, and nothing else',
    async role => {
      const { url } = others[role]!
      for (const path of ['/health', '/health/live', '/health/ready', '/metrics'])
        expect([path, await answerOf(`${url}${path}`)]).toEqual([path, 200])
      const closed = [
        '/',
        '/api/v1/me',
        '/api/v1/auth/login',
        '/openapi.json',
        '/docs',
        '/webhooks/whatsapp/x',
        '/socket.io/?EIO=4&transport=polling',
      ]
      for (const path of closed) expect([path, await answerOf(`${url}${path}`)]).toEqual([path, 404])
    },
  )

  test('together they take a message, show it, and send the answer', async () => {
    sessionId = await api.api.openSession({ name: 'Loja', provider: 'simulator' })
    await until(
      'the owner',
      async () => (await owned(others.sessions!)) === '1 of 1 sessions of this node connected',
    )
    for (const one of [api, others.projections!, others.jobs!])
      expect(await owned(one)).toBe('0 of 0 sessions of this node connected')
    await write(0)
    const { id } = await until('the ticket', async () => (await api.api.ticketsOf(sessionId, 'Ana'))[0])
    await api.api.post(`/tickets/${id}/accept`)
    await api.api.post(`/tickets/${id}/messages`, { body: 'pois não' })
    await until('the answer to go out', async () =>
      (await api.api.messages(id)).some(({ body, ack }) => body === 'pois não' && ack === 'delivered'),
    )
  })

  test('without the process that writes read models none are written; nothing is lost by it', async () => {
    const [ticket] = await api.api.ticketsOf(sessionId, 'Ana')
    const shown = async () => (await api.api.messages(ticket!.id)).map(({ body }) => body)
    await others.projections!.kill()
    await write(1)
    // Durable, and asked for after it: the answer says that it is behind.
    const { headers } = await api.api.ask('GET', `/tickets/${ticket!.id}/messages`, {
      headers: { 'x-min-position': await lastPosition() },
    })
    expect(headers.get('x-stale')).toBe('1')
    expect(await shown()).not.toContain('oi 1')
    await others.projections!.start()
    await until('it to be shown', async () => (await shown()).includes('oi 1'))
  })

  const lastPosition = async (): Promise<string> => {
    const answer = await api.api.ask('POST', '/queues', {
      body: { name: `Q${Math.random()}`, color: '#2563eb' },
    })
    return answer.headers.get('x-position') ?? ''
  }

  test('without the process of sessions nobody else takes them; back again it goes on', async () => {
    await others.sessions!.kill('SIGKILL')
    await expect(write(2)).rejects.toThrow()
    for (const one of [api, others.projections!, others.jobs!])
      expect(await owned(one)).toBe('0 of 0 sessions of this node connected')
    await others.sessions!.start()
    const [ticket] = await api.api.ticketsOf(sessionId, 'Ana')
    await until('what waited', async () =>
      (await api.api.messages(ticket!.id)).some(({ body }) => body === 'oi 2'),
    )
  })
})
