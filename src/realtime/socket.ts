import type { Server as HttpServer } from 'node:http'
import { Server, type ServerOptions, type Socket } from 'socket.io'
import type { UserPrincipal } from '../events/principal.ts'
import type { Committed, Lookups, PushViews, ReadModels, TicketPlace } from '../projections/read-models.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { PROTOCOL_VERSION, type ClientEvents, type ServerEvents } from './protocol.ts'
import { createPush } from './push.ts'
import type { Peers } from './peers.ts'
import { codeOf, textOf, wordOf } from './code-words.ts'
import { createPresence } from './presence.ts'
import { createQrRelay, type ShownCode } from './qr-relay.ts'
import type { Emission } from './ring.ts'
import { rooms, roomsOf, roomsOfTicket, type Room } from './rooms.ts'

export type RealtimeOptions = {
  readonly httpServer: HttpServer
  readonly readModels: Pick<ReadModels, 'ticket' | 'user'> & Pick<Lookups, 'principal'> & PushViews
  /** The person whom an access token names; `null` for a token that is not good (any more). */
  authenticate(token: string): Promise<UserPrincipal | null>
  /** Of the event store: positions of another epoch cannot be resumed from. */
  readonly epoch: string
  readonly clock: Clock
  readonly log: Log
  /** Origins of browsers that may connect besides our own. */
  readonly origins?: readonly string[]
  /** Carries typing, and logins that end, to the sockets of other processes. Facts need none. */
  readonly adapter?: ServerOptions['adapter']
  /** The other processes, who know of sockets and QR codes of their own. */
  readonly peers?: Peers
  readonly ringEmissionsMax?: number
  /** How often it is looked again whether the token of each socket is still good. */
  readonly recheckMs?: number
}

export type Realtime = {
  /** For the projection runner's `onCommit`. */
  committed(batch: Committed): void
  /** To the company's admins, at every process. */
  publishCode(companyId: string, code: ShownCode): void
  /** To whoever may see the ticket, at every process: its customer writes, or stopped. */
  publishTyping(place: TicketPlace, typing: Parameters<ServerEvents['typing']>[0]): void
  disconnectUser(companyId: string, userId: string): void
  /** Whether the user has a socket, at any process. */
  isOnline(companyId: string, userId: string): boolean
  /** What a session shows right now to be linked, at any process. */
  currentCodes(companyId: string, sessionId: string): readonly ShownCode[]
  clients(): number
  /** Until everything that was committed so far was told. */
  idle(): Promise<void>
  close(): Promise<void>
}

type Data = { who: UserPrincipal; name: string; setting: Promise<void> }
type FioSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, Data>

const MESSAGE_BYTES_MAX = 16 * 1024
const RECHECK_MS = 60_000

export const createRealtime = (options: RealtimeOptions): Realtime => {
  const { readModels, log, clock } = options
  const io = new Server<ClientEvents, ServerEvents, Record<string, never>, Data>(options.httpServer, {
    serveClient: false,
    maxHttpBufferSize: MESSAGE_BYTES_MAX,
    ...(options.origins?.length ? { cors: { origin: [...options.origins], credentials: true } } : {}),
    ...(options.adapter ? { adapter: options.adapter } : {}),
  })
  const qrs = createQrRelay(clock)
  const presence = createPresence({
    ...(options.peers ? { peers: options.peers } : {}),
    clock,
    onChange: (companyId, userId, online) =>
      io.local.to(rooms.everyone(companyId)).emit('presence', { userId, online }),
  })
  const { peers } = options
  const showCode = (companyId: string, code: ShownCode): void => {
    qrs.publish(companyId, code)
    io.local.to(rooms.admins(companyId)).emit('whatsappSession', code)
  }
  /** Codes of sessions that this process runs: only it tells those who ask. */
  const ours = createQrRelay(clock)
  const sayCode = (companyId: string, code: ShownCode): void =>
    peers?.say(wordOf(peers.node, companyId, code))
  peers?.onWord(word => {
    if (word.t === 'ask') for (const { companyId, code } of ours.all()) sayCode(companyId, code)
    const told = codeOf(word)
    if (!told) return
    const { sessionId } = told.code
    const known = qrs
      .current(told.companyId)
      .some(one => one.sessionId === sessionId && textOf(one) === textOf(told.code))
    if (!known) showCode(told.companyId, told.code)
  })

  /** A fact is told by every process to its own sockets, so never through an adapter. An empty list would mean all. */
  const emit = ({ to, except, event, payload }: Emission): void => {
    if (to.length > 0)
      io.local
        .to([...to])
        .except([...except])
        .emit(event, payload as never)
    const told = payload as { action?: string; id?: string; session?: { id: string; status: string } }
    if (event === 'ticket' && told.action === 'drop' && told.id) closeViews(to, except, told.id)
    if (event === 'whatsappSession')
      for (const relay of [qrs, ours])
        relay.became(told.session?.id ?? told.id ?? '', told.session?.status ?? null)
  }

  /** Whoever may no longer see a ticket does not go on hearing who types in it. */
  const closeViews = (to: readonly Room[], except: readonly Room[], ticketId: string): void => {
    const companyId = to[0]?.slice(0, to[0].indexOf(':')) ?? ''
    const room = rooms.viewers(companyId, ticketId)
    io.local
      .in(room)
      .except([...except])
      .socketsLeave(room)
  }

  const push = createPush({
    views: readModels,
    log,
    emit,
    resyncAll: () => io.local.emit('resync', { position: push.position(), reason: 'too-old' }),
    rightsChanged: async (companyId, userId) => {
      const sockets = [...io.sockets.sockets.values()].filter(socket =>
        socket.rooms.has(rooms.login(companyId, userId)),
      )
      await Promise.all(sockets.map(socket => setRights(socket as FioSocket, true)))
    },
    ...(options.ringEmissionsMax ? { ringEmissionsMax: options.ringEmissionsMax } : {}),
  })

  /** Puts a socket into the rooms of its user's present rights, one call after the other. */
  const setRights = (socket: FioSocket, changed: boolean): Promise<void> => {
    const next = socket.data.setting.then(async () => {
      const who = await readModels.principal(socket.data.who.companyId, socket.data.who.userId)
      if (!who) return void socket.disconnect(true)
      socket.data.who = who
      const wanted = new Set<string>(roomsOf(who))
      for (const room of socket.rooms) if (room !== socket.id && !wanted.has(room)) void socket.leave(room)
      void socket.join([...wanted])
      if (changed) socket.emit('resync', { position: push.position(), reason: 'permissions' })
    })
    socket.data.setting = next.catch(error => {
      log.error({ err: error }, 'could not find out what a socket may hear')
      socket.disconnect(true)
    })
    return socket.data.setting
  }

  /** What was missed since the client's last position, or why it cannot be given. */
  const resume = (socket: FioSocket): boolean => {
    const auth = socket.handshake.auth as { position?: unknown }
    const from = auth.position
    if (typeof from !== 'string' || from === '') return false
    const position = push.position()
    const { companyId, userId } = socket.data.who
    const refuse = (reason: 'too-old' | 'epoch' | 'permissions'): false => {
      socket.emit('resync', { position, reason })
      return false
    }
    if (!from.startsWith(options.epoch)) return refuse('epoch')
    if ((push.rightsSince(companyId, userId) ?? '') > from) return refuse('permissions')
    const missed = push.ring.since(from, socket.rooms)
    if (!missed) return refuse('too-old')
    for (const { event, payload } of missed) socket.emit(event, payload as never)
    return true
  }

  const announce = (socket: FioSocket): void => {
    const { companyId, userId, role } = socket.data.who
    if (role !== 'analyst')
      for (const other of presence.online(companyId))
        if (other !== userId) socket.emit('presence', { userId: other, online: true })
    presence.enter(companyId, userId)
    socket.on('disconnect', () => presence.leave(companyId, userId))
  }

  const mayOpen = async (socket: FioSocket, ticketId: unknown): Promise<boolean> => {
    const { who } = socket.data
    if (typeof ticketId !== 'string' || who.role === 'analyst') return false
    const seen = await readModels.ticket(who, ticketId)
    // Rights that changed meanwhile are another person's answer.
    return seen !== null && who === socket.data.who
  }

  const listen = (socket: FioSocket): void => {
    socket.on('join', (ticketId, answer) => {
      mayOpen(socket, ticketId).then(
        may => {
          if (may) void socket.join(rooms.viewers(socket.data.who.companyId, ticketId))
          if (typeof answer === 'function') answer(may)
        },
        error => {
          log.error({ err: error }, 'could not open a ticket for a socket')
          if (typeof answer === 'function') answer(false)
        },
      )
    })
    // What a client sends may be anything, and an error thrown in here would end the process.
    socket.on('leave', (ticketId: unknown) => {
      if (typeof ticketId === 'string') void socket.leave(rooms.viewers(socket.data.who.companyId, ticketId))
    })
    socket.on('typing', (ticketId: unknown, typing: unknown) => {
      if (typeof ticketId !== 'string') return
      const room = rooms.viewers(socket.data.who.companyId, ticketId)
      if (!socket.rooms.has(room)) return
      const { userId } = socket.data.who
      socket.to(room).emit('typing', { ticketId, userId, name: socket.data.name, typing: typing === true })
    })
  }

  const welcome = async (socket: FioSocket): Promise<void> => {
    // In the login room from the start: rights that change while they are looked up are looked up again.
    void socket.join(rooms.login(socket.data.who.companyId, socket.data.who.userId))
    listen(socket)
    await setRights(socket, false)
    if (!socket.connected) return
    const resumed = resume(socket)
    socket.emit('ready', { position: push.position(), resumed, protocol: PROTOCOL_VERSION })
    announce(socket)
    if (socket.rooms.has(rooms.admins(socket.data.who.companyId)))
      for (const code of qrs.current(socket.data.who.companyId)) socket.emit('whatsappSession', code)
  }

  /** Why the socket is not let in; `null` if it is. */
  const refusalOf = async (socket: FioSocket): Promise<Error | null> => {
    const { token } = socket.handshake.auth as { token?: unknown }
    try {
      const named = typeof token === 'string' ? await options.authenticate(token) : null
      const who = named && (await readModels.principal(named.companyId, named.userId))
      if (!who) return new Error('unauthorized')
      const user = await readModels.user(who, who.userId)
      socket.data = { who, name: user?.name ?? '', setting: Promise.resolve() }
      return null
    } catch (error) {
      log.error({ err: error }, 'could not check who a socket is')
      return new Error('unavailable')
    }
  }
  /**
   * A socket lives as long as its token: whoever has a newer one comes back with it and misses nothing. So no login that
   * ended, here or on another node, goes on listening.
   */
  const recheck = async (): Promise<void> => {
    for (const socket of io.sockets.sockets.values()) {
      const { token } = socket.handshake.auth as { token?: unknown }
      try {
        if (typeof token !== 'string' || !(await options.authenticate(token))) socket.disconnect(true)
      } catch (error) {
        log.warn({ err: error }, 'could not look whether a socket may stay; asking again later')
        return
      }
    }
  }
  let closed = false
  let cancelRecheck = (): void => undefined
  const recheckLater = (): void => {
    if (closed) return
    cancelRecheck = clock.after(options.recheckMs ?? RECHECK_MS, () => void recheck().then(recheckLater))
  }
  recheckLater()

  io.use((socket, admit) => {
    void refusalOf(socket).then(refusal => admit(refusal ?? undefined))
  })
  io.on('connection', socket => void welcome(socket))

  return {
    committed: push.committed,
    idle: push.idle,
    publishCode: (companyId, code) => {
      showCode(companyId, code)
      ours.publish(companyId, code)
      sayCode(companyId, code)
    },
    publishTyping: (place, typing) => void io.to(roomsOfTicket(place)).emit('typing', typing),
    disconnectUser: (companyId, userId) => io.in(rooms.login(companyId, userId)).disconnectSockets(true),
    isOnline: presence.isOnline,
    currentCodes: (companyId, sessionId) =>
      qrs.current(companyId).filter(shown => shown.sessionId === sessionId),
    clients: () => io.engine.clientsCount,
    close: async () => {
      closed = true
      cancelRecheck()
      await push.idle()
      // Hung up, not sent away: who is told to go takes the login for ended, who loses the line comes back by itself.
      io.engine.close()
      presence.close()
    },
  }
}
