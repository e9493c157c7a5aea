import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Message } from '../../src/realtime/protocol.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { statusBodyOf } from '../doubles/graph/webhook-bodies.ts'
import { startApp } from '../support/app.ts'
import { cloudSession, postDelivery, texts } from '../support/cloud.ts'
import { until } from '../support/until.ts'

/**
 * The channel took a message and its answer was lost, on real sockets: nobody knows what became of it. It is said so, it
 * is never sent again by itself, a later word of the channel resolves it, and a person may send it again knowingly.
 */
describe('a message whose answer never came', () => {
  let app: Awaited<ReturnType<typeof startApp>>
  let graph: GraphServer
  let simulator = ''
  let cloud = ''
  beforeAll(async () => {
    graph = await startGraphServer()
    app = await startApp({ column: 'embedded', env: { GRAPH_URL: graph.url } })
    simulator = await app.api.openSession({ name: 'Loja', provider: 'simulator' })
    cloud = await app.api.openSession(cloudSession(graph))
  })
  afterAll(async () => {
    await app.close()
    await graph.close()
  })

  const acceptedTicket = async (sessionId: string, name: string): Promise<string> => {
    const { id } = await until(
      `a ticket of ${name}`,
      async () => (await app.api.ticketsOf(sessionId, name))[0],
    )
    await app.api.post(`/tickets/${id}/accept`)
    return id
  }
  const reply = async (ticketId: string, body: string): Promise<string> =>
    (await app.api.post<{ id: string }>(`/tickets/${ticketId}/messages`, { body })).id
  const message = async (ticketId: string, id: string): Promise<Message> =>
    (await app.api.messages(ticketId)).find(one => one.id === id)!
  const becomes = (ticketId: string, id: string, ack: Message['ack']): Promise<Message> =>
    until(`${id} to be ${ack}`, async () => {
      const found = await message(ticketId, id)
      return found.ack === ack && found
    })
  const retry = (ticketId: string, id: string) => app.api.post(`/tickets/${ticketId}/messages/${id}/retry`)
  const sending = async (ticketId: string) =>
    (await app.api.history(ticketId)).filter(({ type }) => type === 'message.sending').length

  test('on the simulator: unknown, not repeated on the next connection, resolved by the network’s word', async () => {
    const { phone } = app.world
    await phone.inbound(simulator, { from: '5511911110001', name: 'Ana', text: 'oi', id: 'ana-1' })
    const ticketId = await acceptedTicket(simulator, 'Ana')
    await phone.misbehave(simulator, { loseAnswer: true, autoDeliver: false })
    const first = await reply(ticketId, 'first')
    const taken = await until(
      'the network to have it',
      async () => (await phone.outbound(simulator)).items[0],
    )
    await phone.connection(simulator, 'drop')
    expect((await becomes(ticketId, first, 'unknown')).error).toMatchObject({ code: 'outcome-unknown' })
    await phone.misbehave(simulator, { loseAnswer: false })
    await phone.connection(simulator, 'restore')
    // Whatever waits is rung for when the line is back: this one is not among it, the next one is.
    const second = await reply(ticketId, 'second')
    await becomes(ticketId, second, 'sent')
    expect((await phone.outbound(simulator)).items.map(({ body }) => body)).toEqual(['first', 'second'])
    expect((await message(ticketId, first)).ack).toBe('unknown')
    await phone.ack(simulator, taken.messageId, 'delivered')
    expect((await becomes(ticketId, first, 'delivered')).error).toBeUndefined()
    expect(await sending(ticketId)).toBe(2)
  })

  test('on the simulator: a person sends it again, knowing that it may come twice', async () => {
    const { phone } = app.world
    await phone.inbound(simulator, { from: '5511911110002', name: 'Bia', text: 'oi', id: 'bia-1' })
    const ticketId = await acceptedTicket(simulator, 'Bia')
    await phone.misbehave(simulator, { loseAnswer: true, autoDeliver: false })
    const id = await reply(ticketId, 'twice')
    const copies = async () => (await phone.outbound(simulator)).items.filter(({ body }) => body === 'twice')
    const [first] = await until('the network to have it', async () => {
      const got = await copies()
      return got.length > 0 && got
    })
    await phone.connection(simulator, 'drop')
    await becomes(ticketId, id, 'unknown')
    await phone.misbehave(simulator, { loseAnswer: false })
    await phone.connection(simulator, 'restore')
    await retry(ticketId, id)
    await becomes(ticketId, id, 'sent')
    expect(await copies()).toHaveLength(2)
    // The first copy's arrival is the message's arrival.
    await phone.ack(simulator, first!.messageId, 'delivered')
    await becomes(ticketId, id, 'delivered')
    expect(await app.api.ask('POST', `/tickets/${ticketId}/messages/${id}/retry`)).toMatchObject({
      status: 409,
    })
  })

  test('on the official channel: unknown, sent once, resolved by a status that carries our reference', async () => {
    await postDelivery(app.url, cloud, texts('5511922220001', 'Caio', [{ id: 'wamid.c1', body: 'oi' }]))
    const ticketId = await acceptedTicket(cloud, 'Caio')
    // Not the receipt that follows the acceptance: only what is sent next.
    await until('the acceptance to be told', () => graph.read.length > 0)
    graph.fault({ kind: 'lost-answer' }, 1, 'POST')
    const id = await reply(ticketId, 'official')
    await becomes(ticketId, id, 'unknown')
    const next = await reply(ticketId, 'next')
    await becomes(ticketId, next, 'sent')
    const bodies = graph.sent.map(({ body }) => (body['text'] as { body: string }).body)
    expect(bodies).toEqual(['official', 'next'])
    const status = statusBodyOf(graph.sent[0]!, 'delivered', Date.now())
    expect((await postDelivery(app.url, cloud, status)).status).toBe(200)
    await becomes(ticketId, id, 'delivered')
  })

  test('on the official channel: what was refused is tried again, what may have arrived only by a person', async () => {
    await postDelivery(app.url, cloud, texts('5511922220002', 'Duda', [{ id: 'wamid.d1', body: 'oi' }]))
    const before = graph.read.length
    const ticketId = await acceptedTicket(cloud, 'Duda')
    await until('the acceptance to be told', () => graph.read.length > before)
    const sentOf = (text: string) =>
      graph.sent.filter(({ body }) => (body['text'] as { body: string }).body === text).length
    graph.fault({ kind: 'error', status: 429, code: 130429, retryAfter: 1 }, 1, 'POST')
    const refused = await reply(ticketId, 'refused first')
    await becomes(ticketId, refused, 'sent')
    expect(sentOf('refused first')).toBe(1)
    graph.fault({ kind: 'lost-answer' }, 1, 'POST')
    const lost = await reply(ticketId, 'lost')
    await becomes(ticketId, lost, 'unknown')
    expect(sentOf('lost')).toBe(1)
    await retry(ticketId, lost)
    await becomes(ticketId, lost, 'sent')
    expect(sentOf('lost')).toBe(2)
  })
})
