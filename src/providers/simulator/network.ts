import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import { SimulatorFault } from './fault.ts'
import {
  toNetwork,
  WIRE_BYTES_MAX,
  type LinkFrame,
  type PhoneCall,
  type ToLink,
  type ToNetwork,
  type ToPhone,
} from './frames.ts'
import { createSimulatedSession, type LinkEnd, type SimulatedSession } from './session.ts'
import { createWire, type Wire } from './wire.ts'

/** A WhatsApp network for trying, training and testing, as a server of its own: it outlives the engine that links to it. */
export type SimulatorNetwork = { readonly url: string; close(): Promise<void> }

/** Starts the network. Only reachable from `host`; it asks for no password, so keep it on the loopback or a private net. */
export const startSimulatorNetwork = async (options: {
  host?: string
  port?: number
  log: Log
  clock: Clock
}): Promise<SimulatorNetwork> => {
  const { host = '127.0.0.1', port = 0, clock } = options
  const log = options.log.child({ room: 'simulator' })
  const sessions = new Map<string, SimulatedSession>()
  const sessionOf = (id: string): SimulatedSession => {
    const session = sessions.get(id) ?? createSimulatedSession(id, clock)
    sessions.set(id, session)
    return session
  }
  const server = new WebSocketServer({
    host,
    port,
    maxPayload: WIRE_BYTES_MAX,
    perMessageDeflate: false,
    // Only browsers name an origin, and no page of anybody's has anything to say here.
    verifyClient: ({ req }: { req: IncomingMessage }) => req.headers.origin === undefined,
  })
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))
  server.on('connection', socket => welcome(socket, { sessionOf, clock, log }))
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `ws://${host}:${taken}`,
    async close() {
      for (const session of sessions.values()) session.stop()
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>((resolve, reject) => server.close(error => (error ? reject(error) : resolve())))
    },
  }
}

type Rooms = { sessionOf(id: string): SimulatedSession; clock: Clock; log: Log }

/** The first frame says what a client is; from then on it is a link of one session or a phone of all. */
const welcome = (socket: WebSocket, rooms: Rooms): void => {
  let hear: ((frame: ToNetwork) => void) | null = null
  let gone = () => {}
  const wire = createWire<ToNetwork, ToLink | ToPhone>(
    socket,
    toNetwork,
    frame => {
      if (hear) return hear(frame)
      if (frame.t === 'link') [hear, gone] = asLink(socket, wire, rooms.sessionOf(frame.sessionId))
      else if (frame.t === 'phone') [hear, gone] = asPhone(wire, rooms)
      else socket.close(1002, 'say first who you are')
    },
    error => {
      rooms.log.warn({ err: error }, 'a simulator client spoke nonsense')
      socket.close(1007, 'not a frame')
    },
  )
  socket.on('close', () => gone())
  socket.on('error', error => rooms.log.debug({ err: error }, 'simulator socket error'))
}

type Role = [hear: (frame: ToNetwork) => void, gone: () => void]

const asLink = (socket: WebSocket, wire: Wire<ToLink>, session: SimulatedSession): Role => {
  // Said frames leave at the end of the turn, so the hang-up waits for the turn after it.
  const end: LinkEnd = {
    say: frame => wire.say(frame),
    hangUp: () => setImmediate(() => setImmediate(() => socket.close(1000))),
  }
  session.join(end)
  const hear = (frame: ToNetwork) => {
    if (isOfLink(frame)) session.heard(end, frame)
    else socket.close(1002, 'not a frame of a link')
  }
  return [hear, () => session.leave(end)]
}

const OF_LINK = ['ack', 'nack', 'send', 'part', 'typing', 'read', 'media'] satisfies LinkFrame['t'][]
const isOfLink = (frame: ToNetwork): frame is LinkFrame => (OF_LINK as readonly string[]).includes(frame.t)

const asPhone = (wire: Wire<ToPhone>, rooms: Rooms): Role => {
  const waits = new Set<() => void>()
  const hear = (frame: ToNetwork) => {
    if (!('id' in frame) || !('sessionId' in frame)) return
    try {
      const session = rooms.sessionOf(frame.sessionId)
      if (frame.t === 'inbound') write(session, frame, wire, rooms.clock, waits)
      else wire.say({ t: 'result', id: frame.id, value: answer(session, frame) })
    } catch (error) {
      const fault = error instanceof SimulatorFault ? error : null
      if (!fault) rooms.log.error({ err: error }, 'a simulator call failed')
      wire.say({
        t: 'fault',
        id: frame.id,
        code: fault?.code ?? 'invalid',
        reason: fault?.message ?? 'internal error',
      })
    }
  }
  return [hear, () => waits.forEach(stop => stop())]
}

const answer = (session: SimulatedSession, call: Exclude<PhoneCall, { t: 'inbound' }>) => {
  switch (call.t) {
    case 'outbound':
      return session.outbound(call.after, call.limit)
    case 'status':
      session.status(call.messageId, call.ack)
      return null
    case 'connection':
      session.change(call.change)
      return null
    case 'misbehave':
      session.misbehave(call.misbehaviour)
      return null
    case 'presence':
      session.presence(call.from, call.doing)
      return null
    case 'file':
      return session.file(call.mediaId)
    case 'look':
      return session.look()
  }
}

/** Answers an inbound message once the engine has it durably, or says after `waitMs` that it is kept but not yet there. */
const write = (
  session: SimulatedSession,
  call: Extract<PhoneCall, { t: 'inbound' }>,
  wire: Wire<ToPhone>,
  clock: Clock,
  waits: Set<() => void>,
): void => {
  let cancel = () => {}
  const stopWaiting = () => {
    waits.delete(stopWaiting)
    cancel()
    forget()
  }
  const forget = session.inbound(call.message, accepted => {
    stopWaiting()
    wire.say({ t: 'result', id: call.id, value: accepted })
  })
  const late = (code: 'session-offline' | 'not-acknowledged', reason: string) => {
    stopWaiting()
    wire.say({ t: 'fault', id: call.id, code, reason })
  }
  waits.add(stopWaiting)
  if (session.away()) late('session-offline', 'the session is not connected; kept for later')
  else
    cancel = clock.after(call.waitMs, () =>
      late('not-acknowledged', 'not acknowledged in time; kept and delivered later'),
    )
}
