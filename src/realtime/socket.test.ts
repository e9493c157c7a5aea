import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '../database/port.ts'
import type { UserPrincipal } from '../events/principal.ts'
import { dropTables } from '../projections/tables.ts'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { createStory, type Story } from '../../test/support/company-story.ts'
import { testDatabase } from '../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../test/support/projected.ts'
import { createRealtime, type Realtime } from './socket.ts'

const RING_EMISSIONS = 12
const WAIT = { timeout: 10_000, interval: 5 }

/** One push as a client got it. */
type Got = { event: string; payload: { position?: string; action?: string; [key: string]: unknown } }
type Client = {
  socket: Socket
  got: Got[]
  of(event: string): Got['payload'][]
  last(): string
  close(): void
}

describe('sockets', () => {
  let database: Database<unknown>
  let log: FactLog
  let story: Story
  let projected: Projected
  let realtime: Realtime
  let server: Server
  let url: string
  const tokens = new Map<string, UserPrincipal>()
  const clients: Client[] = []

  const connect = async (who: UserPrincipal, position?: string): Promise<Client> => {
    // Who was just made is let in once the read models know them.
    await projected.upToDate()
    const token = randomUUID()
    tokens.set(token, who)
    const socket = io(url, {
      auth: { token, ...(position === undefined ? {} : { position }) },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    })
    const got: Got[] = []
    socket.onAny((event: string, payload: Got['payload']) => got.push({ event, payload }))
    const client: Client = {
      socket,
      got,
      of: event => got.filter(one => one.event === event).map(one => one.payload),
      last: () => got.findLast(one => one.payload.position !== undefined)?.payload.position ?? '',
      close: () => void socket.close(),
    }
    clients.push(client)
    await vi.waitFor(() => expect(client.of('ready')).toHaveLength(1), WAIT)
    return client
  }

  /** Until everything said was shown and told, and told before now to this client too. */
  const told = async (...to: Client[]): Promise<void> => {
    await projected.upToDate()
    await vi.waitFor(
      () => expect(projected.committed.at(-1)?.position).toBe(projected.progress.position()),
      WAIT,
    )
    await realtime.idle()
    // The answer to a question comes after everything sent before it.
    await Promise.all(to.map(({ socket }) => socket.emitWithAck('join', randomUUID())))
  }

  beforeAll(async () => {
    database = await testDatabase('pglite')
  })
  afterAll(() => database.close())

  beforeEach(async () => {
    log = await openFactLog()
    story = createStory(log)
    await story.found()
    server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    projected = startProjected(log, database, { onCommit: batch => realtime.committed(batch) })
    realtime = createRealtime({
      httpServer: server,
      readModels: projected.reads,
      authenticate: token => Promise.resolve(tokens.get(token) ?? null),
      epoch: log.store.epoch,
      clock: systemClock,
      log: silentLog,
      ringEmissionsMax: RING_EMISSIONS,
      recheckMs: 50,
    })
    await projected.upToDate()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await projected.stop()
    await realtime.close()
    await new Promise(resolve => server.close(resolve))
    await log.close()
    await dropTables(database.db)
  })

  test('nothing that a client sends breaks the server', async () => {
    const client = await connect(await story.user('admin'))
    const strange: unknown[] = [{ toString: 1, valueOf: 1 }, null, [], 7]
    const events = ['join', 'leave', 'typing', 'constructor', '__proto__']
    for (const event of events) for (const what of strange) client.socket.emit(event, what, what)
    await told(client)
    expect(client.socket.connected).toBe(true)
  })

  test('a socket does not outlive its token', async () => {
    const [gone, stays] = [await connect(await story.user('admin')), await connect(await story.user('agent'))]
    tokens.delete((gone.socket.auth as { token: string }).token)
    await vi.waitFor(() => expect(gone.socket.connected).toBe(false), WAIT)
    expect(stays.socket.connected).toBe(true)
  })

  test('a server that stops hangs up, which is no logout: the client comes back by itself', async () => {
    const client = await connect(await story.user('agent'))
    const reasons: string[] = []
    client.socket.on('disconnect', reason => reasons.push(reason))
    await realtime.close()
    await vi.waitFor(() => expect(reasons).toEqual(['transport close']), WAIT)
  })

  test('a stranger is not let in', async () => {
    const socket = io(url, {
      auth: { token: 'nobody' },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    })
    const refused = await new Promise<Error>(resolve => socket.on('connect_error', resolve))
    expect(refused.message).toBe('unauthorized')
    socket.close()
  })

  test('each hears what the role may see, and nobody hears another company', async () => {
    const [sales, support] = [await story.queue('Sales'), await story.queue('Support')]
    const users = {
      admin: await story.user('admin'),
      auditor: await story.user('auditor'),
      supervisor: await story.user('supervisor', [sales]),
      agent: await story.user('agent', [sales]),
      outsider: await story.user('agent', [support]),
      analyst: await story.user('analyst', [sales]),
    }
    const other = createStory(log)
    await other.found()
    const stranger = await other.user('admin')
    await told()
    const heard = Object.fromEntries(
      await Promise.all(
        Object.entries({ ...users, stranger }).map(
          async ([name, who]) => [name, await connect(who)] as const,
        ),
      ),
    )
    const ticket = await story.ticket({ queueId: sales })
    await story.receive(ticket, 'hello')
    await told(...Object.values(heard))
    const bodies = (client: Client) =>
      client.of('appMessage').map(push => (push['message'] as { body: string }).body)
    expect(Object.fromEntries(Object.entries(heard).map(([name, client]) => [name, bodies(client)]))).toEqual(
      {
        admin: ['hello'],
        auditor: ['hello'],
        supervisor: ['hello'],
        agent: ['hello'],
        outsider: [],
        analyst: [],
        stranger: [],
      },
    )
    expect(heard['analyst']!.got.map(one => one.event)).toEqual(['ready'])
    expect(heard['stranger']!.got.filter(one => one.event !== 'presence').map(one => one.event)).toEqual([
      'ready',
    ])
  })

  test('a ticket that is accepted drops from the colleagues and stays with whoever has it', async () => {
    const sales = await story.queue('Sales')
    const [ana, bia] = [await story.user('agent', [sales]), await story.user('agent', [sales])]
    const ticket = await story.ticket({ queueId: sales })
    await told()
    const [a, b] = [await connect(ana), await connect(bia)]
    await b.socket.emitWithAck('join', ticket.id)
    await log.say(story.companyId, 'ticket', ticket.id, [
      { type: 'ticket.accepted', data: { userId: ana.userId, waitedMs: 1 } },
    ])
    await story.receive(ticket, 'only for Ana')
    await told(a, b)
    expect(b.of('ticket')).toMatchObject([{ action: 'drop', id: ticket.id }])
    expect(b.of('appMessage')).toEqual([])
    expect(a.of('ticket')).toMatchObject([
      { action: 'update', ticket: { id: ticket.id, user: { id: ana.userId } } },
    ])
    expect(a.of('appMessage')).toHaveLength(1)
    // Bia had it on screen, and no longer hears who types there.
    expect(await a.socket.emitWithAck('join', ticket.id)).toBe(true)
    expect(await b.socket.emitWithAck('join', ticket.id)).toBe(false)
    a.socket.emit('typing', ticket.id, true)
    await told(a, b)
    expect(b.of('typing')).toEqual([])
    // Returned: it enters again, whole.
    await log.say(story.companyId, 'ticket', ticket.id, [
      { type: 'ticket.returned', data: { fromUserId: ana.userId } },
    ])
    await told(a, b)
    expect(b.of('ticket').at(-1)).toMatchObject({ action: 'update', ticket: { status: 'pending' } })
  })

  test('what comes in beside a ticket is told to those who have it open, and to nobody else', async () => {
    const sales = await story.queue('Sales')
    const [ana, bia] = [await story.user('agent', [sales]), await story.user('agent', [sales])]
    const [ticket, other] = [await story.ticket({ queueId: sales }), await story.ticket({ queueId: sales })]
    await told()
    const [a, b] = [await connect(ana), await connect(bia)]
    expect(await a.socket.emitWithAck('join', ticket.id)).toBe(true)
    expect(await b.socket.emitWithAck('join', other.id)).toBe(true)
    await story.beside(ticket, 'said before the link', { at: '2026-01-01T12:00:00.000Z', history: true })
    await told(a, b)
    await vi.waitFor(() => expect(a.of('beside')).toMatchObject([{ ticketId: ticket.id }]), WAIT)
    expect(a.of('appMessage')).toEqual([])
    expect(b.of('beside')).toEqual([])
  })

  test('a client that comes back gets exactly what it missed', async () => {
    const admin = await story.user('admin')
    await told()
    const [first, witness] = [await connect(admin), await connect(admin)]
    const ticket = await story.ticket()
    await story.receive(ticket, 'seen')
    await told(first, witness)
    first.close()
    const position = first.last()
    await story.receive(ticket, 'missed 1')
    await told(witness)
    const { messageId } = await story.reply(ticket, admin.userId, 'missed 2')
    await told(witness)
    await log.say(story.companyId, 'ticket', ticket.id, [
      { type: 'message.sending', data: { messageId, attempt: 1, fence: '1' } },
    ])
    await told(witness)
    const again = await connect(admin, position)
    const facts = (client: Client) =>
      client.got.filter(one => one.payload.position !== undefined && one.event !== 'ready')
    expect(facts(again)).toEqual(
      facts(witness).filter(one => !facts(first).some(seen => JSON.stringify(seen) === JSON.stringify(one))),
    )
    expect(facts(again).map(one => one.event)).toEqual([
      'appMessage',
      'appMessage',
      'message:ack',
      'ticket:update',
    ])
    expect(again.of('ready')).toMatchObject([{ resumed: true, position: projected.progress.position() }])
    expect(again.of('resync')).toEqual([])
  })

  test('who was away too long, or comes from another log, loads everything again', async () => {
    const admin = await story.user('admin')
    await told()
    const first = await connect(admin)
    const ticket = await story.ticket()
    await told(first)
    const position = first.last()
    for (let i = 0; i < RING_EMISSIONS * 2; i++) {
      await story.receive(ticket, `m${i}`)
      await told()
    }
    expect((await connect(admin, position)).of('resync')).toMatchObject([{ reason: 'too-old' }])
    expect((await connect(admin, `ffffffff${position.slice(8)}`)).of('resync')).toMatchObject([
      { reason: 'epoch' },
    ])
  })

  test('rights that change move the sockets at once, and a login that ends is put out', async () => {
    const sales = await story.queue('Sales')
    const ana = await story.user('agent', [sales])
    await told()
    const client = await connect(ana)
    const before = client.last()
    await log.say(story.companyId, 'user', ana.userId, [
      { type: 'user.changed', data: { queueIds: [], personal: {} } },
    ])
    const ticket = await story.ticket({ queueId: sales })
    await story.receive(ticket, 'not for Ana any more')
    await told(client)
    expect(client.of('resync')).toMatchObject([{ reason: 'permissions' }])
    expect(client.of('appMessage')).toEqual([])
    expect((await connect(ana, before)).of('resync')).toMatchObject([{ reason: 'permissions' }])
    await log.say(story.companyId, 'user', ana.userId, [{ type: 'user.deactivated', data: {} }])
    await vi.waitFor(() => expect(client.socket.connected).toBe(false), WAIT)
  })

  test('codes to link by reach admins only, also those who come later, until they are used or over', async () => {
    const [admin, supervisor] = [await story.user('admin'), await story.user('supervisor')]
    await told()
    const [a, s] = [await connect(admin), await connect(supervisor)]
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const { sessionId } = story
    const shown = [
      { action: 'qr', sessionId, qr: 'qr-1', expiresAt },
      { action: 'pairingCode', sessionId, pairingCode: 'ABCD1234', expiresAt },
    ] as const
    for (const code of shown) realtime.publishCode(story.companyId, code)
    await told(a, s)
    expect(a.of('whatsappSession')).toEqual(shown)
    expect(s.of('whatsappSession')).toEqual([])
    const later = await connect(admin)
    await told(later)
    expect(later.of('whatsappSession')).toEqual(shown)
    expect(realtime.currentCodes(story.companyId, sessionId)).toEqual(shown)
    expect(realtime.currentCodes('another', sessionId)).toEqual([])
    await log.say(story.companyId, 'session', story.sessionId, [
      { type: 'session.connected', data: { account: '5511' } },
    ])
    await told(a)
    const last = await connect(admin)
    await told(last)
    expect(last.of('whatsappSession')).toEqual([])
  })

  test('when a lost connection is tried again reaches admins only, while it is lost', async () => {
    const [admin, supervisor] = [await story.user('admin'), await story.user('supervisor')]
    await told()
    const [a, s] = [await connect(admin), await connect(supervisor)]
    const { sessionId } = story
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const next = { action: 'retry', sessionId, attempt: 4, attemptsMax: 600, expiresAt } as const
    realtime.publishCode(story.companyId, next)
    await log.say(story.companyId, 'session', sessionId, [
      { type: 'session.disconnected', data: { reason: 'connection-lost', code: '408' } },
    ])
    await told(a, s)
    expect(a.of('whatsappSession')).toMatchObject([next, { action: 'update' }])
    expect(s.of('whatsappSession')).toMatchObject([{ action: 'update' }])
    const later = await connect(admin)
    await told(later)
    expect(later.of('whatsappSession')).toEqual([next])
    await log.say(story.companyId, 'session', sessionId, [
      { type: 'session.connected', data: { account: '5511' } },
    ])
    await told(a)
    expect(realtime.currentCodes(story.companyId, sessionId)).toEqual([])
  })

  test("a customer's typing reaches whoever may see the ticket, and nobody else; it has no position", async () => {
    const [queue, other] = [await story.queue('Sales'), await story.queue('Support')]
    const [ana, bia] = [await story.user('agent', [queue]), await story.user('agent', [other])]
    const ticket = await story.ticket({ queueId: queue })
    const [sees, not] = [await connect(ana), await connect(bia)]
    const { companyId } = story
    const push = { ticketId: ticket.id, userId: null, name: 'Maria', typing: true }
    realtime.publishTyping({ companyId, status: 'pending', queueId: queue, userId: null }, push)
    await vi.waitFor(() => expect(sees.of('typing')).toEqual([push]), WAIT)
    await told(not)
    expect(not.of('typing')).toEqual([])
  })

  test('presence and typing reach those who look at the same ticket', async () => {
    const [ana, bia] = [await story.user('admin', [], 'Ana'), await story.user('admin', [], 'Bia')]
    const ticket = await story.ticket()
    await told()
    const a = await connect(ana)
    const b = await connect(bia)
    await told(a, b)
    expect(a.of('presence')).toContainEqual({ userId: bia.userId, online: true })
    expect(b.of('presence')).toContainEqual({ userId: ana.userId, online: true })
    expect(await a.socket.emitWithAck('join', ticket.id)).toBe(true)
    expect(await b.socket.emitWithAck('join', ticket.id)).toBe(true)
    a.socket.emit('typing', ticket.id, true)
    await vi.waitFor(
      () =>
        expect(b.of('typing')).toEqual([
          { ticketId: ticket.id, userId: ana.userId, name: 'Ana', typing: true },
        ]),
      WAIT,
    )
    expect(a.of('typing')).toEqual([])
    a.close()
    await vi.waitFor(
      () => expect(b.of('presence')).toContainEqual({ userId: ana.userId, online: false }),
      WAIT,
    )
  })

  test('another process, which writes nothing, tells its own sockets the same', async () => {
    const sales = await story.queue('Sales')
    const [ana, bia] = [await story.user('agent', [sales]), await story.user('agent', [sales])]
    const ticket = await story.ticket({ queueId: sales })
    await told()
    const secondServer = createServer()
    await new Promise<void>(resolve => secondServer.listen(0, '127.0.0.1', resolve))
    const follower = startProjected(log, database, {
      acquireLease: () => Promise.resolve(null),
      onCommit: batch => second.committed(batch),
    })
    const second = createRealtime({
      httpServer: secondServer,
      readModels: follower.reads,
      authenticate: token => Promise.resolve(tokens.get(token) ?? null),
      epoch: log.store.epoch,
      clock: systemClock,
      log: silentLog,
    })
    try {
      await follower.upToDate()
      const here = await connect(bia)
      url = `http://127.0.0.1:${(secondServer.address() as AddressInfo).port}`
      const [a, b] = [await connect(ana), await connect(bia)]
      const accepted = { type: 'ticket.accepted' as const, data: { userId: ana.userId, waitedMs: 1 } }
      await log.say(story.companyId, 'ticket', ticket.id, [accepted])
      await follower.upToDate()
      await vi.waitFor(() => expect(a.of('ticket')).toMatchObject([{ action: 'update' }]), WAIT)
      await vi.waitFor(() => expect(b.of('ticket')).toMatchObject([{ action: 'drop', id: ticket.id }]), WAIT)
      await told(here)
      expect(b.of('ticket')).toEqual(here.of('ticket'))
    } finally {
      for (const client of clients.splice(0)) client.close()
      await follower.stop()
      await second.close()
      await new Promise(resolve => secondServer.close(resolve))
    }
  })
})
