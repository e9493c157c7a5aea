import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HistoryEntry } from '../../src/realtime/protocol.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import type { Api } from '../support/api.ts'
import { logOf, startNode, type App } from '../support/app.ts'
import { cloudSession, postDelivery, texts } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import { columnAvailable, startWorld, type World } from '../support/world.ts'
import { isOwnWork } from '../support/own-work.ts'

/** What happens when much happens at once, on one server and on two that share everything. */
const MANY = 20
const numbers = Array.from({ length: MANY }, (_, index) => index)

type Sent = { readonly body: string; readonly from: number; readonly to: number }
/** Notes when a message was handed in and when it was accepted. */
const timed = async (
  body: string,
  send: () => Promise<{ status: number }>,
): Promise<Sent & { status: number }> => {
  const from = performance.now()
  const { status } = await send()
  return { body, from, to: performance.now(), status }
}

const VARIANTS = [
  { column: 'embedded', servers: 1 },
  { column: 'outside', servers: 1 },
  { column: 'outside', servers: 2 },
] as const

for (const { column, servers } of VARIANTS)
  describe.skipIf(!(await columnAvailable(column)))(`much at once, ${column}, servers: ${servers}`, () => {
    let world: World
    let graph: GraphServer
    const apps: App[] = []
    let simulator = ''
    let cloud = ''
    let queue = ''
    const app = (index: number): App => apps[index % apps.length]!
    const api = (): Api => app(0).api

    beforeAll(async () => {
      graph = await startGraphServer()
      world = await startWorld(column, { GRAPH_URL: graph.url })
      for (let node = 0; node < servers; node++) apps.push(await startNode(world, node))
      queue = (await api().post('/queues', { name: 'Vendas', color: '#2563eb' })).id
      simulator = await api().openSession({ name: 'Loja', provider: 'simulator', queueIds: [queue] })
      cloud = await api().openSession(cloudSession(graph, [queue]))
    })
    afterAll(async () => {
      await Promise.all(apps.map(one => one.kill()))
      await world.close()
      await graph.close()
    })

    const messagesOf = async (sessionId: string, name: string, count: number) => {
      const ticket = await until(`${count} messages of ${name}`, async () => {
        const [found] = await api().ticketsOf(sessionId, name)
        return found && (await api().messages(found.id)).length >= count && found
      })
      expect(await api().ticketsOf(sessionId, name)).toHaveLength(1)
      return { ticket, messages: await api().messages(ticket.id), history: await api().history(ticket.id) }
    }

    /** One ticket, opened once, each message once, and what was accepted before another was sent stands before it. */
    const expectOneTicket = async (sessionId: string, name: string, sent: readonly Sent[]) => {
      const { ticket, messages, history } = await messagesOf(sessionId, name, sent.length)
      expect(messages.map(({ body }) => body).sort()).toEqual(sent.map(({ body }) => body).sort())
      expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index))
      expect(typesOf(history)).toEqual(['ticket.opened', ...sent.map(() => 'message.received')])
      expect(messages.map(({ revision }) => revision)).toEqual(sent.map((_, index) => index + 1))
      const place = new Map(messages.map(({ body }, index) => [body, index]))
      for (const earlier of sent)
        for (const later of sent)
          if (earlier.to < later.from) expect(place.get(earlier.body)).toBeLessThan(place.get(later.body)!)
      return { ticket, messages }
    }

    const write = (index: number, name: string, from: string, text: string, id: string) =>
      app(index).api.ask('POST', `/simulator/${simulator}/inbound`, { body: { from, name, text, id } })

    test('twenty first messages of one contact make one ticket', async () => {
      const all = await Promise.all(
        numbers.map(n => timed(`oi ${n}`, () => write(n, 'Ana', '5511911110001', `oi ${n}`, `ana-${n}`))),
      )
      expect(all.map(({ status }) => status)).toEqual(numbers.map(() => 202))
      await expectOneTicket(simulator, 'Ana', all)
    })

    test('twenty messages down one line keep the order of the line', async () => {
      const from = '5511911110002'
      await Promise.all(
        numbers.map(n =>
          world.phone.inbound(simulator, { from, name: 'Bia', text: `oi ${n}`, id: `bia-${n}` }),
        ),
      )
      const { messages } = await messagesOf(simulator, 'Bia', MANY)
      expect(messages.map(({ body }) => body)).toEqual(numbers.map(n => `oi ${n}`))
    })

    test('twenty deliveries of Meta at once, each message twice, make one ticket', async () => {
      const deliver = (index: number, n: number) =>
        postDelivery(
          app(index).url,
          cloud,
          texts('5511911110003', 'Caio', [{ id: `wamid.caio-${n}`, body: `oi ${n}` }]),
        )
      const all = await Promise.all(
        numbers.flatMap(n => [
          timed(`oi ${n}`, () => deliver(n, n)),
          timed(`oi ${n}`, () => deliver(n + 1, n)),
        ]),
      )
      expect(all.map(({ status }) => status)).toEqual(all.map(() => 200))
      const once = numbers.map(n =>
        all.filter(({ body }) => body === `oi ${n}`).reduce((a, b) => (a.to < b.to ? a : b)),
      )
      await expectOneTicket(cloud, 'Caio', once)
    })

    test('two deliveries at once keep each its own order, both ways in together', async () => {
      const half = (start: number) => numbers.slice(start, start + MANY / 2)
      const deliver = (index: number, ns: number[]) =>
        postDelivery(
          app(index).url,
          cloud,
          texts(
            '5511911110004',
            'Duda',
            ns.map(n => ({ id: `wamid.duda-${n}`, body: `oi ${n}` })),
          ),
        )
      const answers = await Promise.all([
        deliver(0, half(0)),
        ...numbers.map(n => write(n, 'Edu', '5511911110005', `eu ${n}`, `edu-${n}`)),
        deliver(1, half(MANY / 2)),
      ])
      expect(answers.map(({ status }) => status)).toEqual([200, ...numbers.map(() => 202), 200])
      const { messages } = await messagesOf(cloud, 'Duda', MANY)
      const order = messages.map(({ body }) => Number(body.split(' ')[1]))
      expect(order.filter(n => n < MANY / 2)).toEqual(half(0))
      expect(order.filter(n => n >= MANY / 2)).toEqual(half(MANY / 2))
      expect((await messagesOf(simulator, 'Edu', MANY)).messages).toHaveLength(MANY)
    })

    test('twenty agents accept one ticket: one has it, nineteen are told who', async () => {
      const password = 'correct-horse-battery'
      const emails = numbers.map(n => `agent${n}@example.com`)
      for (const [n, email] of emails.entries())
        await api().post('/users', { name: `Agent ${n}`, email, password, role: 'agent', queueIds: [queue] })
      const agents: Api[] = []
      for (const [n, email] of emails.entries()) agents.push(await app(n).person(email, password))
      await write(0, 'Fabi', '5511911110006', 'alguém?', 'fabi-1')
      const { ticket } = await messagesOf(simulator, 'Fabi', 1)
      expect(ticket.queue?.id).toBe(queue)

      type Answer = { code?: string; data?: { userId: string; userName: string } }
      const answers = await Promise.all(
        agents.map(agent => agent.ask<Answer>('POST', `/tickets/${ticket.id}/accept`)),
      )
      const winners = numbers.filter(n => answers[n]?.status === 200)
      expect(winners).toHaveLength(1)
      const winner = `Agent ${winners[0]}`
      const losers = answers.filter(({ status }) => status !== 200)
      expect(losers.map(({ status, body }) => [status, body.code, body.data?.userName])).toEqual(
        losers.map(() => [409, 'ticket-taken', winner]),
      )
      const shown = await until('the agent', async () => (await api().ticket(ticket.id)).user)
      expect(shown.name).toBe(winner)
      const history = await api().history(ticket.id)
      expect(typesOf(history).filter(type => type === 'ticket.accepted')).toHaveLength(1)
    })

    test('a message redelivered after its ticket was closed changes nothing', async () => {
      const [ana] = await api().ticketsOf(simulator, 'Ana')
      const [caio] = await api().ticketsOf(cloud, 'Caio')
      for (const { id } of [ana!, caio!]) {
        await api().post(`/tickets/${id}/accept`)
        await api().post(`/tickets/${id}/close`)
      }
      const redeliver = async (index: number) => {
        const again = await write(index, 'Ana', '5511911110001', 'oi 3', 'ana-3')
        expect(again).toMatchObject({ status: 202, body: { duplicate: true } })
        const delivery = texts('5511911110003', 'Caio', [{ id: 'wamid.caio-7', body: 'oi 7' }])
        expect((await postDelivery(app(index).url, cloud, delivery)).status).toBe(200)
      }
      const histories = () => Promise.all([ana!, caio!].map(({ id }) => api().history(id)))
      const before = await logOf(world, app(0))
      const told = await histories()
      for (const index of apps.keys()) await redeliver(index)
      // Who has just started remembers nothing but the log.
      await app(0).restart()
      for (const index of apps.keys()) await redeliver(index)
      expect(await histories()).toEqual(told)
      const changed = (await logOf(world, app(0))).slice(before.length)
      expect(changed.filter(one => !isOwnWork(one))).toEqual([])
      expect((await api().ticket(ana!.id)).status).toBe('closed')
    })
  })

const typesOf = (history: readonly HistoryEntry[]): string[] => history.map(({ type }) => type)
