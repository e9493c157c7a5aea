import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Message } from '../../src/realtime/protocol.ts'
import { startApp } from '../support/app.ts'
import { hasRedisServer, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { columnAvailable } from '../support/world.ts'
import { everythingSent, isResting } from './fail-point-load.ts'

/**
 * Redis holds doorbells and leases and nothing else: it is emptied and killed in the middle of sending, and what agents
 * wrote still goes out, once each and in order, because the log says what is unsent.
 */
const PEOPLE = ['Ana', 'Bia', 'Caio']
const REPLIES = 12
const available =
  (await columnAvailable('outside')) && (process.env['REQUIRE_COLUMNS'] === 'all' || hasRedisServer())

describe.skipIf(!available)('Redis emptied and restarted in the middle of work', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  let app: Awaited<ReturnType<typeof startApp>>
  let sessionId = ''
  const tickets = new Map<string, string>()
  const written = new Map<string, string[]>(PEOPLE.map(name => [name, []]))

  beforeAll(async () => {
    redis = await startRedis()
    app = await startApp({ column: 'outside', env: { REDIS_URL: redis.url } })
    sessionId = await app.api.openSession({ name: 'Loja', provider: 'simulator' })
    for (const [index, name] of PEOPLE.entries()) {
      const from = `551193333000${index}`
      await app.world.phone.inbound(sessionId, { from, name, text: 'oi', id: `${name}-1` })
      const { id } = await until(
        `a ticket of ${name}`,
        async () => (await app.api.ticketsOf(sessionId, name))[0],
      )
      await app.api.post(`/tickets/${id}/accept`)
      tickets.set(name, id)
    }
  })
  afterAll(async () => {
    await app?.close()
    await redis?.stop()
  })

  const flush = async (): Promise<void> => {
    const client = new Redis(redis.url)
    await client.flushdb()
    client.disconnect()
  }
  const reply = async (name: string): Promise<void> => {
    const list = written.get(name)!
    const body = `to ${name} ${String(list.length).padStart(3, '0')}`
    await app.api.post(`/tickets/${tickets.get(name)}/messages`, { body })
    list.push(body)
  }
  const repliesOf = async (name: string): Promise<Message[]> =>
    (await app.api.messages(tickets.get(name)!)).filter(({ fromMe }) => fromMe)
  const allAtRest = () =>
    until('every reply to come to rest', async () => {
      const all = await Promise.all(PEOPLE.map(repliesOf))
      return all.flat().every(isResting)
    })

  /** What the network has, it has once and in order, and it is known; what it has not, is said to be unknown. */
  const judge = async (): Promise<number> => {
    const sent = await everythingSent(app.world, sessionId)
    let unknown = 0
    for (const name of PEOPLE) {
      const got = sent.filter(body => body.startsWith(`to ${name} `))
      expect(got).toEqual([...new Set(got)].sort())
      const replies = await repliesOf(name)
      expect(replies.map(({ body }) => body)).toEqual(written.get(name))
      for (const { body, ack } of replies)
        expect([body, ack]).toEqual([body, got.includes(body) ? 'delivered' : 'unknown'])
      unknown += replies.length - got.length
    }
    return unknown
  }

  test('emptied while messages are sent: each goes out once', async () => {
    await Promise.all([
      ...PEOPLE.map(async name => {
        for (let n = 0; n < REPLIES; n++) await reply(name)
      }),
      (async () => {
        for (const part of [1, 2, 3]) {
          const enough = (REPLIES * part) / 4
          await until('some replies', () => (written.get(PEOPLE[0]!)?.length ?? 0) >= enough)
          await flush()
        }
      })(),
    ])
    await allAtRest()
    expect(await judge()).toBeLessThanOrEqual(PEOPLE.length)
  })

  test('emptied while messages wait for their session: they are rung for when it is back', async () => {
    await app.world.phone.connection(sessionId, 'drop')
    await until(
      'the session to be away',
      async () => (await app.api.session(sessionId)).status !== 'connected',
    )
    for (const name of PEOPLE) for (let n = 0; n < 3; n++) await reply(name)
    await flush()
    await app.world.phone.connection(sessionId, 'restore')
    await allAtRest()
    expect((await repliesOf('Ana')).slice(-3).map(({ ack }) => ack)).toEqual([
      'delivered',
      'delivered',
      'delivered',
    ])
    await judge()
  })

  test('killed and started again, empty: agents go on writing meanwhile, and it all goes out', async () => {
    for (const name of PEOPLE) await reply(name)
    await redis.stop()
    for (const name of PEOPLE) for (let n = 0; n < 3; n++) await reply(name)
    await redis.start()
    for (const name of PEOPLE) await reply(name)
    await allAtRest()
    await judge()
  })

  test('emptied while the server is down: it rings for what is unsent when it starts', async () => {
    await app.world.phone.connection(sessionId, 'drop')
    await until(
      'the session to be away',
      async () => (await app.api.session(sessionId)).status !== 'connected',
    )
    for (const name of PEOPLE) await reply(name)
    await app.kill('SIGKILL')
    await flush()
    await app.world.phone.connection(sessionId, 'restore')
    await app.start()
    await allAtRest()
    for (const name of PEOPLE) expect((await repliesOf(name)).at(-1)?.ack).toBe('delivered')
    await judge()
  })
})
