import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { startApp } from '../support/app.ts'
import { cloudSession, postDelivery, texts } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import { columnAvailable } from '../support/world.ts'

/** Parts that go away and come back: what was promised is kept, and what cannot be promised is said. */
describe.skipIf(!(await columnAvailable('outside')))('an event store that stops answering', () => {
  let app: Awaited<ReturnType<typeof startApp>>
  let graph: GraphServer
  let sessionId = ''
  const ana = (n: number) => texts('5511933330001', 'Ana', [{ id: `wamid.ana-${n}`, body: `oi ${n}` }])
  beforeAll(async () => {
    graph = await startGraphServer()
    app = await startApp({ column: 'outside', env: { GRAPH_URL: graph.url } })
    sessionId = await app.api.openSession(cloudSession(graph))
  })
  afterAll(async () => {
    await app.close()
    await graph.close()
  })

  test('deliveries and commands are told so, and what is repeated afterwards counts once', async () => {
    expect((await postDelivery(app.url, sessionId, ana(0))).status).toBe(200)
    const { id } = await until('the ticket', async () => (await app.api.ticketsOf(sessionId, 'Ana'))[0])
    const { pid } = app.world.eventStore!
    const command = { headers: { 'idempotency-key': 'accept-once' } }
    // Frozen: its port still takes connections, and nothing ever comes back.
    process.kill(pid, 'SIGSTOP')
    try {
      const [taken, accepted, health] = await Promise.all([
        postDelivery(app.url, sessionId, ana(1)),
        app.api.ask<{ code: string }>('POST', `/tickets/${id}/accept`, command),
        fetch(`${app.url}/health`, { signal: AbortSignal.timeout(30_000) }),
      ])
      expect(taken.status).toBe(503)
      expect(accepted).toMatchObject({ status: 503, body: { code: 'store-unavailable', status: 503 } })
      expect(accepted.headers.get('content-type')).toContain('application/problem+json')
      expect(((await health.json()) as { status: string }).status).not.toBe('healthy')
      // Reading goes on.
      expect((await app.api.messages(id)).map(({ body }) => body)).toEqual(['oi 0'])
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    const again = async (n: number) => (await postDelivery(app.url, sessionId, ana(n))).status === 200
    await until('the delivery to be taken', () => again(1))
    await until(
      'the ticket to be accepted',
      async () => (await app.api.ask('POST', `/tickets/${id}/accept`, command)).status === 200,
    )
    expect(await again(1)).toBe(true)
    expect(await again(2)).toBe(true)
    await until('three messages', async () => (await app.api.messages(id)).length >= 3)
    const types = (await app.api.history(id)).map(({ type }) => type)
    expect(types.filter(type => type === 'message.received')).toHaveLength(3)
    expect(types.filter(type => type === 'ticket.accepted')).toHaveLength(1)
    expect((await app.api.messages(id)).map(({ body }) => body)).toEqual(['oi 0', 'oi 1', 'oi 2'])
  })

  test('an event store that dies and comes back is found again', async () => {
    const restarted = await app.world.restartEventStore()
    expect(restarted).toBe(true)
    await until(
      'a delivery to be taken',
      async () => (await postDelivery(app.url, sessionId, ana(3))).status === 200,
    )
    const [ticket] = await app.api.ticketsOf(sessionId, 'Ana')
    await until('the message to be shown', async () => (await app.api.messages(ticket!.id)).length === 4)
  })
})

for (const column of ['embedded', 'outside'] as const)
  describe.skipIf(!(await columnAvailable(column)))(`a server that is stopped and started, ${column}`, () => {
    let app: Awaited<ReturnType<typeof startApp>>
    beforeAll(async () => {
      app = await startApp({ column })
    })
    afterAll(() => app.close())

    test('connects its sessions by itself and sends what waited', async () => {
      const { api, world } = app
      const sessionId = await api.openSession({ name: 'Loja', provider: 'simulator' })
      const inbound = (n: number) => ({ from: '5511933330002', name: 'Bia', text: `oi ${n}`, id: `bia-${n}` })
      await api.post(`/simulator/${sessionId}/inbound`, inbound(0))
      const { id } = await until('the ticket', async () => (await api.ticketsOf(sessionId, 'Bia'))[0])
      await api.post(`/tickets/${id}/accept`)
      await api.post(`/simulator/${sessionId}/connection`, { state: 'drop' })
      await until('the session to notice', async () => (await api.session(sessionId)).status !== 'connected')
      for (const body of ['um', 'dois', 'três']) await api.post(`/tickets/${id}/messages`, { body })
      // Kept by the network for a session that is away.
      await expect(world.phone.inbound(sessionId, inbound(1))).rejects.toThrow()
      const acks = async () => (await api.messages(id)).filter(({ fromMe }) => fromMe).map(({ ack }) => ack)
      expect(await acks()).toEqual(['queued', 'queued', 'queued'])

      await app.kill('SIGTERM')
      await world.phone.connection(sessionId, 'restore')
      await app.start()
      await api.connected(sessionId)
      await until('everything to go out', async () => (await acks()).every(ack => ack === 'delivered'))
      const { items } = await world.phone.outbound(sessionId)
      expect(items.map(({ body }) => body)).toEqual(['um', 'dois', 'três'])
      const late = await until('what waited', async () =>
        (await api.messages(id)).find(({ body }) => body === 'oi 1'),
      )
      expect(late).toMatchObject({ fromMe: false, late: true })
      expect((await api.history(id)).filter(({ type }) => type === 'message.sending')).toHaveLength(3)
    })

    test('ends in order: nothing is logged as an error, and the log is closed as it should be', async () => {
      await app.restart()
      const lines = app.logs()
      expect(lines).not.toContain('"level":"error"')
      expect(lines).not.toContain('not closed in order')
    })
  })
